"""`heard check`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from heard.operating import checks


class Command(BaseCommand):
    """Says in words what is wrong."""

    help = "Check configuration, keys, database, storage, mail, worker and clocks."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Check."""
        wrong = 0
        for finding in checks.findings():
            wrong += not finding.fine
            self.stdout.write(f"{'ok   ' if finding.fine else 'WRONG'} {finding.what}: {finding.words}")
        if wrong:
            sys.exit(1)
