"""`heard recover`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from heard.community import queries as community
from heard.operating import serving, setting_up
from heard.reports.actions import recovery
from heard.reports.views.recovery import sentence
from heard.vault.recovery import WrongCards, belonging


class Command(BaseCommand):
    """Opens what a team reads with its recovery cards."""

    help = "Open a team's reports to its members with recovery cards: one card a line, an empty line ends."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("--team", required=True, help="short word in the team's address, such as berlin")
        parser.add_argument("--global", action="store_true", dest="by_global", help="these are the global team's cards")

    def handle(self, *, team: str, by_global: bool, **options: Any) -> None:
        """Read the cards and open. Nothing that is typed is kept."""
        serving.require_keys()
        found = setting_up.find_team(team)
        owner = community.global_team() if by_global else found
        keys = [key for key in community.recovery_keys(found) if owner and key.owner == owner.pk]
        if not keys:
            raise CommandError("No cards were ever made for this team.")
        if sys.stdin.isatty():
            self.stdout.write(f"Type {keys[0].needed} cards, each on one line; then an empty line.")
        typed = []
        for line in sys.stdin:
            if not line.strip():
                break
            typed.append(line)
        try:
            recovery.use(found, belonging(keys, typed), typed, by=None)
        except WrongCards as wrong:
            raise CommandError(sentence(wrong)) from None
        self.stdout.write("It is open again. Everybody in the team and the global team is told.")
