"""The meeting: a time for it, who may come, who was there, and what was said."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries, rules
from heard.cases.actions.duties import Blocked, _objection, add_step, finish, locked, write
from heard.cases.actions.opening import chain
from heard.cases.models import Answer, Attendance, Case, Duty, Entry, Meeting, Party, Slot, WrongState
from heard.community import queries as community
from heard.community.actions import who
from heard.community.models import Member
from heard.outbox import letters
from heard.reports.actions import alarms, recovery
from heard.reports.actions.readers import hand_up
from heard.vault import safes
from heard.vault.keyring import Keyring, SafeKey

SPACING = timedelta(minutes=10)


class TooFew(Exception):
    """Without a quorum nothing is decided; the case moved up where it could."""

    def __init__(self, *, moved: bool) -> None:
        super().__init__(moved)
        self.moved = moved


@dataclass(frozen=True, repr=False)
class Minutes:
    """What the meeting said: what happened, do we act, and who does what by when (R48)."""

    happened: str
    act: str
    tasks: Sequence[tuple[str, Member, datetime]]


@transaction.atomic
def ask_for_times(case: Case, keyring: Keyring, *, by: User, times: Sequence[datetime]) -> Meeting:
    """Ask those without a conflict when they can come. Raises Blocked where nobody may be convened yet (R40)."""
    case, key = locked(case, keyring, by)
    _objection(case, "")
    if case.meetings.filter(state__in=[Meeting.State.POLL, Meeting.State.CALLED]).exists() or not times:
        raise WrongState
    meeting = Meeting.objects.create(**key.where, case=case)
    Slot.objects.bulk_create(Slot(meeting=meeting, starts_at=time) for time in sorted(set(times)))
    audit.record("meeting.asked", chain=chain(case), who=who(by))
    _nudge(case, by)
    return meeting


@transaction.atomic
def answer(meeting: Meeting, keyring: Keyring, *, by: User, slots: Collection[int]) -> None:
    """Say at which of the times one can come."""
    locked(meeting.case, keyring, by)
    Answer.objects.filter(slot__meeting=meeting, user=by).delete()
    mine = meeting.slots.filter(pk__in=slots)
    Answer.objects.bulk_create(Answer(slot=slot, user=by) for slot in mine)


@transaction.atomic
def call(case: Case, keyring: Keyring, *, by: User, starts_at: datetime, where: str) -> Meeting:
    """Call the meeting. Raises Blocked."""
    case, key = locked(case, keyring, by)
    _objection(case, "")
    meeting = queries.meeting_of(case)
    if meeting is None or meeting.state == Meeting.State.HELD:
        meeting = Meeting.objects.create(**key.where, case=case)
    meeting.state, meeting.starts_at, meeting.where = Meeting.State.CALLED, starts_at, key(where)
    meeting.key_version = key.version
    meeting.save(update_fields=["state", "starts_at", "where", "key_version"])
    convene = case.duties.filter(name="convene", state=Duty.State.OPEN).first()
    if convene:
        finish(convene, key, by=by, state=Duty.State.DONE)
    audit.record("meeting.called", chain=chain(case), who=who(by))
    _nudge(case, by)
    return meeting


@transaction.atomic
def invite_party(case: Case, party: Party, keyring: Keyring, *, by: User, reason: str, key: str) -> None:
    """Let a party come, which the guide allows only where very many saw it (R49, R50). Raises Blocked."""
    case, safe_key = locked(case, keyring, by)
    if party.case_id != case.pk:
        raise WrongState
    if case.level != "witnessed":
        raise Blocked("party")
    if not reason.strip():
        raise Blocked("party_reason", overridable=True)
    write(
        case,
        safe_key,
        Entry.Kind.STEP,
        _("A party may come to the meeting: %(why)s") % {"why": reason.strip()},
        by=by,
        mark=key,
    )
    audit.record("meeting.party-invited", chain=chain(case), who=who(by), thing=party.role)


def hold(
    meeting: Meeting, keyring: Keyring, *, by: User, present: Sequence[Member], note_taker: Member, time_keeper: Member,
    minutes: Minutes, reason: str = "",
) -> None:  # fmt: skip
    """Write down that the meeting was held. Raises TooFew, Blocked for a majority of one employer, WrongState.

    With too few the case moves up to the global team, in the same breath.
    """
    with transaction.atomic():
        case, key = locked(meeting.case, keyring, by)
        able = queries.able(case)
        if not set(present) <= set(able) or {note_taker, time_keeper} - set(present):
            raise WrongState
        few = not rules.has_quorum(len(present), small=case.small, able=len(able))
        if few:
            moved = _fail(case, meeting, keyring, key, by=by)
        else:
            _require_mixed(case, present, reason)
            _require_heard(case, reason)
            roles = (note_taker, time_keeper)
            _held(case, meeting, key, by=by, present=present, roles=roles, minutes=minutes, reason=reason)
    if few:
        raise TooFew(moved=moved)


def _require_mixed(case: Case, present: Sequence[Member], reason: str) -> None:
    if not case.small and rules.one_employer_decides(queries.employers(present)) and not reason.strip():
        raise Blocked("employer", overridable=True)


def _require_heard(case: Case, reason: str) -> None:
    """R53: nothing is decided about somebody unheard, but with a reason on the record."""
    waits = case.duties.filter(name="hear_reported", state=Duty.State.OPEN).exists()
    if waits and not queries.is_heard(case) and not reason.strip():
        raise Blocked("unheard_meeting", overridable=True)


def _held(
    case: Case, meeting: Meeting, key: SafeKey, *, by: User, present: Sequence[Member], roles: tuple[Member, Member],
    minutes: Minutes, reason: str,
) -> None:  # fmt: skip
    called = Meeting.objects.filter(pk=meeting.pk, state__in=[Meeting.State.POLL, Meeting.State.CALLED])
    if not called.update(state=Meeting.State.HELD, note_taker=roles[0].user, time_keeper=roles[1].user):
        raise WrongState
    Attendance.objects.bulk_create(Attendance(meeting=meeting, user_id=member.user_id) for member in present)
    names = ", ".join(member.shown_name for member in present)
    tasks = "\n".join(f"– {what}: {member.shown_name}, {due:%Y-%m-%d %H:%M}" for what, member, due in minutes.tasks)
    text = f"There: {names}\n\n1. What happened\n{minutes.happened}\n\n2. Do we act\n{minutes.act}\n\n3.–4. Who, when\n{tasks}"
    if reason.strip():
        text += f"\n\nWhy it stands all the same: {reason.strip()}"
    write(case, key, Entry.Kind.MINUTES, text, by=by, mark=f"minutes:{meeting.pk}")
    for duty in case.duties.filter(name__in=["convene", "meet"], state=Duty.State.OPEN):
        finish(duty, key, by=by, state=Duty.State.DONE)
    order = 100
    for what, member, due in minutes.tasks:
        order += 1
        Duty.objects.create(**key.where, case=case, title=key(what), owner=member.user, order=order, due_at=due)
    if not case.is_drill:
        contact = next((report.contact for report in queries.reports_of(case) if report.contact), by)
        for name in ("check_in_1", "check_in_2"):
            add_step(case, key, name, owner=contact)
    Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(state=Case.State.MET)
    audit.record("meeting.held", chain=chain(case), who=who(by), thing=str(len(present)))


def _fail(case: Case, meeting: Meeting, keyring: Keyring, key: SafeKey, *, by: User) -> bool:
    """Note that too few came, and hand the case up; tell whether there was anybody to hand it to."""
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.FAILED)
    audit.record("meeting.failed", chain=chain(case), who=who(by))
    worldwide = community.global_team()
    if worldwide is None or case.team.is_global or case.is_drill:
        return False
    readers = _unconflicted(case, worldwide.pk)
    if not readers:
        return False
    text = _("Too few without a conflict could meet: the global team takes over.")
    write(case, key, Entry.Kind.STEP, text, by=by, mark=f"up:{meeting.pk}")
    reports = queries.reports_of(case)
    keys = {report.pk: keyring.sealer(report.safe_id) for report in reports}
    joined = [keyring.sealer(safe_id) for safe_id in safes.with_joined(case.safe_id) if safe_id != case.safe_id]
    belonging = safes.with_joined(case.safe_id)
    safes.withdraw(belonging, safes.keyholders(*belonging))
    for report in reports:
        hand_up(report, keys[report.pk], worldwide, readers)
        report.save(update_fields=["team", "contact", "notes_safe", "case_safe", "acknowledged_at", "next_word_at"])
        recovery.keep(report, keys[report.pk])
        alarms.raise_anew(report)
    for each in [key, *joined]:
        safes.open_to(each, safes.user_holders(readers).values())
    leads = [m.user for m in community.readers(worldwide) if m.user_id in readers]
    case.duties.filter(state=Duty.State.OPEN).update(owner=leads[0], nudged_at=None)
    Case.objects.filter(Q(pk=case.pk) | Q(merged_into=case)).update(team=worldwide)
    audit.record("case.moved-up", chain=chain(case), who=who(by))
    return True


def _unconflicted(case: Case, team_id: uuid.UUID) -> set[uuid.UUID]:
    from heard.vault.models import Exclusion

    out = set(Exclusion.objects.filter(safe_id=case.safe_id).values_list("user_id", flat=True))
    return {m.user_id for m in community.readers(community.global_team()) if m.team_id == team_id} - out


def _nudge(case: Case, by: User) -> None:
    for member in queries.able(case):
        if member.user_id != by.pk:
            letters.nudge(member.user_id, to=member.user.email, spacing=SPACING)
