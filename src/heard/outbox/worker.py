"""The worker: runs what is due until it is told to stop."""

import os
import signal
import threading
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from heard.outbox import jobs
from heard.outbox.models import Pulse


def work(parent: int | None = None) -> None:
    """Run jobs until SIGTERM or SIGINT, or until the process that started this one is gone."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    while not stop.is_set() and (parent is None or os.getppid() == parent):
        close_old_connections()
        try:
            Pulse.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
            jobs.run_due()
        except (DatabaseError, InterfaceError):
            # The database is restarting, full, or not migrated yet: wait for it instead of dying.
            jobs.logger.error("the database did not answer")
        stop.wait(settings.HEARD["HEARD_WORKER_SECONDS"] or 0.2)
