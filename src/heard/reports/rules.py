"""Who receives a report, what counts as suspected junk, and when somebody is nudged."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from heard.community.rules import is_quiet
from heard.guidance import Clocks
from heard.vault import crypto

QUICKEST_SECONDS = 3
FLOOD_REPORTS = 30
FLOOD_WINDOW = timedelta(minutes=10)
WORK_BITS = 14
JUNK_DELAY = timedelta(hours=1)
SHOW_AGAIN = timedelta(hours=24)
ENOUGH_READERS = 2


class Goes(StrEnum):
    """Where a report goes."""

    CHAPTER = "chapter"
    GLOBAL = "global"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Route:
    """Who reads a report."""

    goes: Goes
    readers: frozenset[uuid.UUID]


def route(
    *,
    chapter: Collection[uuid.UUID],
    worldwide: Collection[uuid.UUID],
    members: Collection[uuid.UUID],
    out: Collection[uuid.UUID],
    about_organiser: bool,
) -> Route:
    """Return who reads a report (R17, R19).

    `chapter` and `worldwide` can read (users with a key), `members` are all of the chapter's, `out` are those whom the
    reporter excluded or who are named in it. About somebody who organises: around the chapter, wholly. Fewer than two
    left: the global team; if that has nobody left either, whoever of the chapter is left.
    """
    near, far = frozenset(chapter) - set(out), frozenset(worldwide) - set(out)
    if about_organiser:
        far -= set(members) | set(chapter)
        return Route(Goes.GLOBAL, far) if far else Route(Goes.NOBODY, frozenset())
    if len(near) >= ENOUGH_READERS or (near and not far):
        return Route(Goes.CHAPTER, near)
    if far:
        return Route(Goes.GLOBAL, far)
    return Route(Goes.NOBODY, frozenset())


def looks_like_junk(*, honeypot: bool, age: float, worked: bool, recent: int) -> bool:
    """Tell whether people should look at a report apart from the others. Nothing is ever refused for it.

    A proof of work clears everybody during a flood; without JavaScript there is none, and nobody needs one otherwise.
    """
    return honeypot or age < QUICKEST_SECONDS or (recent >= FLOOD_REPORTS and not worked)


def has_worked(token: str, answer: str) -> bool:
    """Tell whether SHA-256 of token and answer begins with enough zero bits. The token makes it good for one report."""
    if not answer or len(answer) > 20:
        return False
    digest = int.from_bytes(crypto.sha256(f"{token}:{answer}".encode()), "big")
    return digest >> (256 - WORK_BITS) == 0


def due(now: datetime, clocks: Clocks, *, at_event: bool) -> datetime:
    """Return by when a report has to be acknowledged (R45, R46)."""
    return now + timedelta(hours=clocks.acknowledge_event_hours if at_event else clocks.acknowledge_hours)


def next_word(now: datetime, clocks: Clocks, *, at_event: bool) -> datetime:
    """Return by when the reporter hears what comes next (R45, R46)."""
    return now + timedelta(hours=clocks.respond_event_hours if at_event else clocks.respond_hours)


class Level(IntEnum):
    """Who is nudged."""

    HANDLERS = 0
    LEADS = 1
    GLOBAL = 2


def level(nudges: int, clocks: Clocks) -> Level:
    """Return who is nudged after so many nudges that nobody answered."""
    if nudges >= clocks.nudges_before_global:
        return Level.GLOBAL
    return Level.LEADS if nudges >= clocks.nudges_before_lead else Level.HANDLERS


def interval(clocks: Clocks, *, danger: bool, at_event: bool) -> timedelta:
    """Return the time between two nudges."""
    if danger:
        return timedelta(minutes=clocks.nudge_danger_minutes)
    if at_event:
        return timedelta(minutes=clocks.nudge_event_minutes)
    return timedelta(hours=clocks.nudge_hours)


def not_at_night(when: datetime, zone: ZoneInfo, clocks: Clocks) -> datetime:
    """Return the moment, moved to the morning where it falls into the night."""
    local = when.astimezone(zone)
    if not is_quiet(local, clocks):
        return when
    morning = local.replace(hour=clocks.quiet_until, minute=0, second=0, microsecond=0)
    return morning if morning > local else morning + timedelta(days=1)


def speaks_for_themselves(answers: Mapping[str, Any]) -> bool:
    """Tell whether it happened to whoever tells it: only then their yes or no is the one that counts (R40)."""
    return answers.get("happened_to") != "other"
