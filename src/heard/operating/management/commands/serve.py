"""`heard serve`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from heard.operating import serving


class Command(BaseCommand):
    """Serves the pages."""

    help = "Bring the database up to date and serve the pages, until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port to listen on")
        parser.add_argument("--with-worker", action="store_true", help="run a worker beside it")

    def handle(self, *, bind: str, with_worker: bool, **options: Any) -> None:
        """Serve."""
        serving.serve(bind=bind, with_worker=with_worker)
