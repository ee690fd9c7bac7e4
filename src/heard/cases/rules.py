"""Rules of cases: clocks, quorum, and what has to come first."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Q
from holidays import HolidayBase, country_holidays

from heard.cases.models import Case
from heard.guidance import DutyText

# Up to so many people a team works by the small profile: six steps, two make a quorum.
SMALL_TEAM = 4
QUORUM, SMALL_QUORUM = 3, 2
# A duty is called for before its time: a quarter of it, a day at most.
WARNED_AT_MOST = timedelta(hours=24)
# What a measure's end brings with it, also when the case was closed long before.
AFTER_CLOSING = ("look_at_end", "undo_measure")
# Duties whose clock runs: of running cases; and of a closed one that a measure of it comes to its end.
RUNS = Q(case__state__in=Case.RUNNING) | Q(case__state=Case.State.CLOSED, name__in=AFTER_CLOSING)
AGAIN_AFTER, AGAIN_AT_EVENT = timedelta(hours=24), timedelta(hours=1)


def due(opened: datetime, hours: int, zone: ZoneInfo) -> datetime:
    """Return when a duty is due. Whole days are counted by the clock on the wall, whatever daylight saving does to it."""
    if hours % 24:
        return opened + timedelta(hours=hours)
    local = opened.astimezone(zone)
    wall = local.replace(tzinfo=None) + timedelta(days=hours // 24)
    return wall.replace(tzinfo=zone)


def due_for(duty: DutyText, start: datetime, *, at_event: bool, zone: ZoneInfo, country: str) -> datetime:
    """Return when a duty of the playbook is due: by hours, or by working days where that is sooner."""
    if at_event:
        return due(start, duty.event_hours, zone)
    latest = due(start, duty.hours, zone)
    return min(latest, working(start, duty.working_days, zone, country)) if duty.working_days else latest


def working(start: datetime, days: int, zone: ZoneInfo, country: str) -> datetime:
    """Return the same time of day so many working days later, by the weekends and public holidays of a country."""
    local = start.astimezone(zone)
    day = _calendar(country).get_nth_working_day(local.date(), days)
    return datetime.combine(day, local.time(), tzinfo=zone)


@lru_cache(maxsize=64)
def _calendar(country: str) -> HolidayBase:
    try:
        return country_holidays(country)
    except NotImplementedError:  # a country whose holidays nobody has written down: Saturday and Sunday
        return HolidayBase()


def warn_at(made: datetime, due_at: datetime) -> datetime:
    """Return from when on its owner is reminded of a duty."""
    return due_at - min((due_at - made) / 4, WARNED_AT_MOST)


def quorum(*, small: bool, able: int) -> int:
    """Return how many have to be there. Never one alone; a small team, or one with few free of conflicts, needs two."""
    return SMALL_QUORUM if small or able < QUORUM else QUORUM


def has_quorum(present: int, *, small: bool, able: int) -> bool:
    """Tell whether enough are there."""
    return present >= quorum(small=small, able=able)


def one_employer_decides(employers: Sequence[str]) -> bool:
    """Tell whether more than half of those present are paid by one employer (Kubernetes' rule)."""
    counted = Counter(name.strip().casefold() for name in employers if name.strip())
    return bool(counted) and counted.most_common(1)[0][1] * 2 > len(employers)


def waits_for(duty: DutyText, states: Mapping[str, str]) -> list[str]:
    """Return the duties that have to come first and are still open; one that the playbook lacks waits for nobody."""
    return [name for name in duty.after if states.get(name) == "open"]


def is_small(readers: Collection[object]) -> bool:
    """Tell whether a team works by the small profile."""
    return len(readers) <= SMALL_TEAM
