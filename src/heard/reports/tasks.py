"""What the worker does about reports."""

import re
from datetime import timedelta

from heard.reports import queries
from heard.reports.actions import alarms, leaving
from heard.vault import storage
from heard.vault.models import PendingFile

ORPHAN = timedelta(hours=24)
OURS = re.compile(r"[0-9a-f]{32}")


def nudge_round() -> None:
    """Nudge about what waits."""
    alarms.go_round()


def find_orphans() -> None:
    """Tell the global team of what nobody can read any more."""
    alarms.look_for_orphans()


def find_keys_due() -> None:
    """Call those who can give a safe the new key it waits for."""
    leaving.call_for_keys()


def sweep() -> None:
    """Remove files that no row names: what a crash left between writing a file and committing its report."""
    known = set(queries.storage_names()) | set(PendingFile.objects.values_list("storage_name", flat=True))
    for name in storage.older_than(ORPHAN):
        if OURS.fullmatch(name) and name not in known:
            storage.delete(name)
