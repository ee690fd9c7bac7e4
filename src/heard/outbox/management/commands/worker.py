"""`heard worker`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from heard.outbox import jobs, worker
from heard.vault import house


class Command(BaseCommand):
    """Runs the outbox."""

    help = "Send letters and nudges and run the nightly round, until stopped. Any number may run."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("--parent", type=int, help="stop when this process is gone")
        parser.add_argument("--once", action="store_true", help="run what is due now and stop")

    def handle(self, *, once: bool, parent: int | None, **options: Any) -> None:
        """Work."""
        house.require(settings.HEARD["HEARD_KEYS"])
        if once:
            self.stdout.write(f"{jobs.run_due()} jobs ran")
        else:
            worker.work(parent)
