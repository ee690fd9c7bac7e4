"""`heard chapter`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from heard.operating import serving, setting_up


class Command(BaseCommand):
    """Adds a chapter."""

    help = "Add a chapter to the network."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("--slug", required=True, help="short word for its address, such as lagos")
        parser.add_argument("--name", required=True)
        parser.add_argument("--country", required=True, help="two letters, such as NG")
        parser.add_argument("--time-zone", required=True)
        parser.add_argument("--language", default="en")

    def handle(self, *, slug: str, name: str, country: str, time_zone: str, language: str, **options: Any) -> None:
        """Add."""
        serving.require_keys()
        setting_up.add_chapter(name=name, slug=slug, country=country.upper(), time_zone=time_zone, language=language)
        self.stdout.write(f"{name} is there. Now add its members: heard member --team {slug} …")
