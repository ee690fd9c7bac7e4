"""`heard audit verify`."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from heard.audit import chain
from heard.outbox import nightly


class Command(BaseCommand):
    """Proves that nobody rewrote the record."""

    help = "Recompute every chain and every signed root."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--root", nargs="*", default=[], help="files with roots that somebody keeps outside")

    def handle(self, *, root: list[str], **options: Any) -> None:
        """Verify."""
        try:
            outside = [json.loads(Path(path).read_text()) for path in root]
        except (OSError, ValueError):
            raise CommandError("A file of --root cannot be read as a root.") from None
        broken = list(chain.verify([*nightly.kept_roots(), *outside]))
        for place in broken:
            self.stdout.write(f"{place.chain} #{place.seq}: {place.why}")
        if broken:
            sys.exit(1)
        self.stdout.write("The record is whole.")
