"""`heard simulate`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from heard.community import queries
from heard.operating import serving


class Command(BaseCommand):
    """Makes a network and lets time pass in it."""

    help = "Make an invented network with its cases, through the real actions, in an empty installation."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("--chapters", type=int, default=6)
        parser.add_argument("--cases", type=int, default=100)
        parser.add_argument("--days", type=int, default=365)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, chapters: int, cases: int, days: int, seed: int, **options: Any) -> None:
        """Simulate."""
        serving.prepare()
        if queries.network() is not None:
            raise CommandError("There is a network here already. Simulate in an empty HEARD_DATA.")
        try:
            from heard.operating.simulation import Simulation, start_of_year

            world = Simulation(chapters=chapters, start=start_of_year(2027), seed=seed)
            found = world.run(days=days, cases=cases)
        except ModuleNotFoundError:
            raise CommandError("This needs one more package; install heard[simulate].") from None
        for what, many in sorted(found.items()):
            self.stdout.write(f"{many:8}  {what}")
        self.stdout.write(f"{len(world.unannounced):8}  clocks that ran out unannounced")
