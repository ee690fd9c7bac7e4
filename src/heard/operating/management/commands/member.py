"""`heard member`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from heard.operating import serving, setting_up
from heard.operating.management.commands.setup import read_password


class Command(BaseCommand):
    """Adds a member."""

    help = "Add a member to a team. The new member types the password, so that nobody else knows it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("--team", required=True, help="short word in the team's address, such as berlin")
        parser.add_argument("--name", required=True, help="name that reporters see")
        parser.add_argument("--email", required=True)
        parser.add_argument("--lead", action="store_true")
        parser.add_argument("--password-file", help="file with the password, at least 12 characters")

    def handle(
        self, *, team: str, name: str, email: str, lead: bool, password_file: str | None, **options: Any
    ) -> None:
        """Add."""
        serving.require_keys()
        found = setting_up.find_team(team)
        password = "" if setting_up.has_account(email) else read_password(password_file)
        setting_up.add_member(team=found, name=name, email=email, password=password, lead=lead)
        self.stdout.write(f"{name} is in {team} and can read what arrives from now on.")
