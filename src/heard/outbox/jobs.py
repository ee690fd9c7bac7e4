"""The table of work: leased, fenced, retried, unique by key. Survives `kill -9` on both databases."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from heard.outbox.models import Job

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 24  # with waits of at most an hour: most of a day
KEPT_DAYS, KEPT_DEAD_DAYS = 7, 30
Handler = Callable[..., None]

logger = logging.getLogger(__name__)
_handlers: dict[str, Handler] = {}
_last_words: dict[str, Handler] = {}
_rounds: dict[str, tuple[timedelta, Handler]] = {}


class Later(Exception):
    """Raised by a handler that wants to be called again at a time, without this counting as a failure."""

    def __init__(self, when: datetime) -> None:
        super().__init__()
        self.when = when


def handles(name: str, handler: Handler, *, given_up: Handler | None = None) -> None:
    """Say who does a kind of job, and what is done when it is given up; called from AppConfig.ready."""
    _handlers[name] = handler
    if given_up:
        _last_words[name] = given_up


def every(name: str, interval: timedelta, handler: Handler) -> None:
    """Have something done once per interval, whatever the number of workers."""
    _rounds[name] = (interval, handler)
    handles(name, handler)


def enqueue(name: str, *, key: str, run_at: datetime | None = None, **payload: Any) -> None:
    """Put a job into the table, within the caller's transaction; a key that is there already does nothing."""
    Job.objects.bulk_create(
        [Job(name=name, key=key, payload=payload, run_at=run_at or timezone.now())], ignore_conflicts=True
    )


def run_due(limit: int = 100) -> int:
    """Enqueue the rounds whose time has come and run what is due. Returns how many jobs ran."""
    _enqueue_rounds()
    ran = 0
    while ran < limit and (job := _claim()):
        _run(job)
        ran += 1
    return ran


def _enqueue_rounds() -> None:
    now = timezone.now().timestamp()
    keys = {f"round:{name}:{int(now // every.total_seconds())}": name for name, (every, _) in _rounds.items()}
    known = set(Job.objects.filter(key__in=keys).values_list("key", flat=True))
    for key, name in keys.items():
        if key not in known:
            Job.objects.filter(name=name, state=Job.State.DONE).delete()
            enqueue(name, key=key)


def _claim() -> Job | None:
    """Take one job by a conditional update; a lease that ran out may be taken over."""
    now = timezone.now()
    free = Q(state=Job.State.READY, run_at__lte=now) | Q(state=Job.State.LEASED, lease_until__lt=now)
    for job in Job.objects.filter(free).order_by("run_at")[:10]:
        taken = Job.objects.filter(free, pk=job.pk, fence=job.fence).update(
            state=Job.State.LEASED, lease_until=now + LEASE, fence=F("fence") + 1, attempts=F("attempts") + 1
        )
        if taken:
            job.refresh_from_db()
            return job
    return None


def _run(job: Job) -> None:
    handler = _handlers.get(job.name)
    try:
        if handler is None:
            raise LookupError(job.name)
        handler(**job.payload)
    except Later as later:
        _end(job, state=Job.State.READY, run_at=later.when, attempts=0)
    except Exception as error:  # whatever it was, the job table carries on
        # The type alone: an error's text can quote what somebody wrote.
        logger.error("job %s failed: %s", job.name, type(error).__name__)
        dead = job.attempts >= MOST_ATTEMPTS
        if dead and job.name in _last_words:
            _last_words[job.name](**job.payload)
        wait = timedelta(seconds=min(3600, 5 * 2**job.attempts))
        _end(
            job,
            state=Job.State.DEAD if dead else Job.State.READY,
            run_at=timezone.now() + wait,
            error=type(error).__name__,
        )
    else:
        _end(job, state=Job.State.DONE)


def _end(job: Job, **changes: Any) -> None:
    """Write the result unless somebody else holds the lease by now."""
    Job.objects.filter(pk=job.pk, fence=job.fence).update(lease_until=None, **changes)


@transaction.atomic
def forget_done() -> None:
    """Delete jobs that are done and old, and those that were given up a month ago."""
    now = timezone.now()
    Job.objects.filter(state=Job.State.DONE, run_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
    Job.objects.filter(state=Job.State.DEAD, run_at__lt=now - timedelta(days=KEPT_DEAD_DAYS)).delete()
