"""Rules of the network."""

from datetime import datetime, timedelta
from zoneinfo import available_timezones

from heard.guidance import Clocks

ROSTER_GOOD_FOR = timedelta(days=90)


def zones() -> list[str]:
    """Return the time zones to choose from, as places."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")


def is_quiet(local: datetime, clocks: Clocks) -> bool:
    """Tell whether it is night where the team lives."""
    start, end = clocks.quiet_from, clocks.quiet_until
    if start == end:
        return False
    if start < end:
        return start <= local.hour < end
    return local.hour >= start or local.hour < end


def roster_is_stale(confirmed_at: datetime, now: datetime) -> bool:
    """Tell whether nobody has looked for a quarter of a year who is still there (R18)."""
    return now - confirmed_at > ROSTER_GOOD_FOR


def launch_gaps(
    *, kinds: set[str], contacts: int, readers: int, outside: bool, code: bool, stale: bool = False, cards: bool = True
) -> list[str]:
    """Return what is missing before a chapter's setup is complete (R1, R5, R6, R18), by name."""
    missing = [
        f"number_{kind}" for kind in ("emergency", "non_emergency", "mental_health", "assault") if kind not in kinds
    ]
    if contacts < 1:
        missing.append("contact")
    if readers < 2:
        missing.append("readers")
    if not outside:
        missing.append("outside")
    if not code:
        missing.append("code")
    if stale:
        missing.append("roster")
    if not cards:
        missing.append("cards")
    return missing
