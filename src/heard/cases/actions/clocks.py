"""The clocks of duties: a reminder before the time, a call after it, and louder each time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from heard.cases import queries, rules
from heard.cases.models import Duty
from heard.community import queries as community
from heard.community.models import Member
from heard.outbox import letters
from heard.reports.rules import not_at_night
from heard.vault.models import Exclusion

SPACING = timedelta(minutes=30)
# Calls after which the lead, and then the global team, hear of a duty that nobody does.
BEFORE_LEAD, BEFORE_GLOBAL = 1, 3


def go_round() -> None:
    """Remind of every duty whose time comes, and call for those whose time has passed."""
    horizon = timezone.now() + rules.WARNED_AT_MOST
    waiting = Duty.objects.filter(state=Duty.State.OPEN, due_at__lt=horizon, case__is_drill=False)
    waiting = waiting.filter(rules.RUNS).order_by(F("nudged_at").asc(nulls_first=True), "due_at")
    now = timezone.now()
    for duty in waiting.select_related("case__team", "case__chapter", "case__event", "case__policy_version"):
        if now >= next_call(duty):
            _call(duty, now)


@transaction.atomic
def _call(duty: Duty, now: datetime) -> None:
    late = now >= duty.due_at
    for member in _called(duty, late):
        letters.nudge(member.user_id, to=member.user.email, spacing=SPACING)
    calls = F("nudges") + 1 if late else F("nudges")
    Duty.objects.filter(pk=duty.pk).update(nudged_at=now, nudges=calls)


def next_call(duty: Duty) -> datetime:
    """Return when somebody is called about a duty: once before its time, at its time, and again until it is done."""
    case = duty.case
    warned = duty.nudged_at
    if warned is None:
        when = rules.warn_at(case.opened_at, duty.due_at)
    elif warned < duty.due_at:
        when = duty.due_at
    else:
        when = warned + (rules.AGAIN_AT_EVENT if case.at_event or case.unsafe else rules.AGAIN_AFTER)
    if case.at_event or case.level == "danger":
        return when
    # A reminder may wait for the morning; at the time itself somebody is called before it, not after it.
    return min(not_at_night(when, case.zone, case.policy_version.policy.clocks), max(when, duty.due_at))


def _called(duty: Duty, late: bool) -> list[Member]:
    """Return who is called: the owner; then the leads; in the end the global team. Nobody for whom it does not exist."""
    able = queries.able(duty.case)
    owner = [member for member in able if member.user_id == duty.owner_id] or able
    if not late or duty.nudges < BEFORE_LEAD:
        return owner
    chosen = {m.user_id: m for m in [*owner, *(m for m in able if m.role == Member.Role.LEAD)]}
    if duty.nudges >= BEFORE_GLOBAL:
        out = set(Exclusion.objects.filter(safe_id=duty.case.safe_id).values_list("user_id", flat=True))
        worldwide = [m for m in community.readers(community.global_team()) if m.user_id not in out]
        chosen = {m.user_id: m for m in [*able, *worldwide]}
    return list(chosen.values())
