"""`heard audit verify`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from heard.audit import chain


class Command(BaseCommand):
    """Proves that nobody rewrote the record."""

    help = "Recompute every chain and every signed root."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("what", choices=["verify"])

    def handle(self, **options: Any) -> None:
        """Verify."""
        broken = list(chain.verify())
        for place in broken:
            self.stdout.write(f"{place.chain} #{place.seq}: {place.why}")
        if broken:
            sys.exit(1)
        self.stdout.write("The record is whole.")
