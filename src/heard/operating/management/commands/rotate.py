"""`heard rotate`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from heard.operating import rotating, serving


class Command(BaseCommand):
    """Puts a new key into use."""

    help = "Put a new house key or signing key into use, while everything runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("what", choices=["house", "signing", "forget"])

    def handle(self, *, what: str, **options: Any) -> None:
        """Rotate."""
        serving.require_keys()
        try:
            self.stdout.write({"house": rotating.house, "signing": rotating.signing, "forget": rotating.forget}[what]())
        except rotating.TooEarly as early:
            raise CommandError(str(early)) from None
