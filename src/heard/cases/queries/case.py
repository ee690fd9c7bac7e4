"""What may be seen of cases, and by whom. A case that somebody has no key to does not exist for them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from heard.accounts.models import User
from heard.cases import rules
from heard.cases.models import Case, Duty, Entry, GuestCode, Meeting, Party
from heard.community import queries as community
from heard.community.models import Member, Team
from heard.guidance import DutyText, duties
from heard.matching import Answer as MatchAnswer
from heard.matching import Person, Register
from heard.reports.models import Report
from heard.vault import receipts, safes
from heard.vault.keyring import Keyring, NoGrant
from heard.vault.models import Exclusion, Grant

# Cases among which the same person is looked for, the newest; and what is worth a look besides what stands out.
MOST_EARLIER, LIKELY = 1000, 0.3


@dataclass(frozen=True)
class ToDo:
    """A duty with its words."""

    row: Duty
    text: DutyText | None
    title: str
    owner: str
    reason: str
    waits: list[str]
    is_mine: bool
    case: Case | None = None

    @property
    def letter(self) -> str:
        """The prepared letter to the reporter that belongs to the duty."""
        return {"tell_delay": "delay", "check_in_1": "check_in", "check_in_2": "check_in"}.get(self.row.name, "")


@dataclass(frozen=True)
class Line:
    """An opened line of the timeline."""

    kind: str
    shown: str
    author: str
    body: str
    made_at: datetime


@dataclass(frozen=True)
class PartyView:
    """An opened person of a case."""

    pk: uuid.UUID
    role: str
    shown: str
    facts: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """How they are called, or the description."""
        return str(self.facts.get("name") or self.facts.get("description") or "?")


def cases_for(user: User) -> QuerySet[Case]:
    """Return the cases somebody may open."""
    held = Grant.objects.filter(safe=OuterRef("safe"), holder_kind=Grant.HolderKind.USER, holder=str(user.pk))
    excluded = Exclusion.objects.filter(safe=OuterRef("safe"), user=user)
    lent = Case.lent.through.objects.filter(case=OuterRef("pk"), user=user)
    above = Member.objects.filter(
        user=user, team__kind=Team.Kind.GLOBAL, is_active=True, role__in=Member.READING, user__is_active=True
    )
    theirs = Q(team__in=community.team_ids(user)) | (Q(Exists(lent)) & Q(Exists(above)))
    mine = Case.objects.filter(Exists(held), ~Exists(excluded), theirs)
    return mine.select_related("team", "chapter", "event", "policy_version")


def case_for(user: User, pk: uuid.UUID) -> Case | None:
    """Return one case, or None where it does not exist for this person."""
    return cases_for(user).filter(pk=pk).first()


def case_with(user: User, report: Report) -> Case | None:
    """Return the case that a report belongs to, or None where it does not exist for this person."""
    return cases_for(user).filter(safe=report.case_safe_id).first() if report.case_safe_id else None


def able(case: Case) -> list[Member]:
    """Return who of the team has a key to the case: no conflict, no party."""
    holders = safes.keyholders(case.safe_id)
    reading = case.team.members.filter(user_id__in=holders, is_active=True, role__in=Member.READING)
    return list(reading.select_related("user").order_by("shown_name"))


def reports_of(case: Case) -> list[Report]:
    """Return the reports that belong to a case."""
    return list(Report.objects.filter(case_safe=case.safe_id).select_related("team", "chapter").order_by("made_at"))


def to_do(case: Case, user: User, keyring: Keyring) -> list[ToDo]:
    """Return the duties of a case, with what each waits for."""
    rows = list(case.duties.select_related("owner"))
    return _to_do(rows, user, keyring, _names(case.team_id), {case.pk: _states(rows)})


def board(user: User, keyring: Keyring, most: int) -> list[ToDo]:
    """Return the open duties of all cases that somebody may open, the most urgent first."""
    visible = cases_for(user)
    rows = list(
        Duty.objects.filter(rules.RUNS, case__in=visible.values("pk"), state=Duty.State.OPEN)
        .select_related("case__team", "case__event", "case__chapter")
        .order_by("due_at")[:most]
    )
    keyring.keys_of({row.case.safe_id for row in rows})
    states: dict[uuid.UUID, dict[str, str]] = {}
    asked = {row.case_id for row in rows}
    for case_id, name, state in Duty.objects.filter(case__in=asked).values_list("case_id", "name", "state"):
        states.setdefault(case_id, {})[name] = state
    names = {pk: name for team in {row.case.team_id for row in rows} for pk, name in _names(team).items()}
    return _to_do(rows, user, keyring, names, states)


def load(team: Team, user: User) -> list[tuple[str, int, int]]:
    """Return for each member how many open duties they have, and how many are late, in cases that `user` may open."""
    visible = cases_for(user).filter(team=team, is_drill=False)
    rows = Duty.objects.filter(case__in=visible.values("pk"), state=Duty.State.OPEN).exclude(owner=None)
    late = Count("pk", filter=Q(due_at__lt=timezone.now()))
    counted = rows.order_by().values("owner").annotate(open=Count("pk"), late=late)
    names = _names(team.pk)
    found = [(names[row["owner"]], row["open"], row["late"]) for row in counted if row["owner"] in names]
    return sorted(found, key=lambda line: -line[1])


def _to_do(
    rows: Iterable[Duty], user: User, keyring: Keyring, names: dict[uuid.UUID, str],
    states: dict[uuid.UUID, dict[str, str]],
) -> list[ToDo]:  # fmt: skip
    texts = duties()
    found = []
    for row in rows:
        text = texts.get(row.name)
        title = (keyring.reveal(row, "title") or "") if row.title is not None else text.title if text else ""
        waits = [texts[name].title for name in rules.waits_for(text, states.get(row.case_id, {}))] if text else []
        reason = keyring.reveal(row, "reason") if row.reason is not None else ""
        owner = names.get(row.owner_id, "") if row.owner_id else ""
        found.append(ToDo(row, text, title, owner, reason or "", waits, row.owner_id == user.pk, row.case))
    return found


def _states(rows: Iterable[Duty]) -> dict[str, str]:
    return {row.name: row.state for row in rows if row.name}


def _names(team_id: uuid.UUID) -> dict[uuid.UUID, str]:
    return dict(Member.objects.filter(team=team_id).values_list("user_id", "shown_name"))


def timeline(case: Case, keyring: Keyring) -> list[Line]:
    """Return the opened timeline, oldest first."""
    names = _names(case.team_id)
    shown = {kind: str(title) for kind, title in Entry.Kind.choices}  # once, not for each of a thousand lines
    return [
        Line(
            row.kind,
            shown[row.kind],
            names.get(row.author_id, "") if row.author_id else "",
            keyring.reveal(row, "body"),
            row.made_at,
        )
        for row in case.entries.order_by("made_at", "pk")
    ]


def parties(case: Case, keyring: Keyring) -> list[PartyView]:
    """Return the people of a case."""
    rows = case.parties.order_by("made_at")
    return [PartyView(row.pk, row.role, row.get_role_display(), keyring.reveal(row, "facts")) for row in rows]


def is_heard(case: Case) -> bool:
    """Tell whether the side of the person reported is on file."""
    sides = Entry.objects.filter(kind=Entry.Kind.SIDE)
    return sides.filter(Q(case=case) | Q(case__merged_into=case)).exists()


def meeting_of(case: Case) -> Meeting | None:
    """Return the newest meeting that is not over."""
    open_ = case.meetings.exclude(state=Meeting.State.FAILED).order_by("-made_at")
    return open_.prefetch_related("slots__answers", "attendances").first()


def employers(members: Iterable[Member]) -> list[str]:
    """Return who pays each of some members; empty where they noted nothing."""
    return [community.employer_of(member.user) for member in members]


def guest(code: str) -> tuple[GuestCode, receipts.Receipt] | None:
    """Return the code that somebody typed, if it opens something now. Raises Mistyped."""
    receipt = receipts.read(code)
    row = GuestCode.objects.filter(lookup=receipt.lookup).select_related("case__team", "party").first()
    return (row, receipt) if row else None


def open_to_link(case: Case, user: User) -> list[Report]:
    """Return the acknowledged reports without a case that could belong to this one."""
    from heard.reports import queries as reports

    free = reports.reports_for(user).filter(team=case.team, case_safe=None, state=Report.State.ACKNOWLEDGED)
    return list(free.order_by("-made_at")[:100])


def open_to_merge(case: Case, user: User) -> list[Case]:
    """Return the running cases that could become part of this one."""
    if case.is_drill or case.state not in Case.RUNNING:
        return []
    others = cases_for(user).filter(team=case.team, is_drill=False, state__in=Case.RUNNING, merged=None)
    return list(others.exclude(pk=case.pk).order_by("-opened_at")[:100])


def merged(case: Case, user: User) -> list[Case]:
    """Return the cases that are part of this one."""
    return list(cases_for(user).filter(merged_into=case).order_by("opened_at"))


def can_open(keyring: Keyring, case: Case) -> bool:
    """Tell whether this keyring opens the case now."""
    try:
        keyring.key_of(case.safe_id)
    except NoGrant:
        return False
    return True


def can_open_reports(keyring: Keyring, case: Case) -> bool:
    """Tell whether this keyring opens every report of the case; who was lent to an appeal cannot."""
    try:
        reports = reports_of(case)
        if not reports and not case.is_drill:
            return False
        for report in reports:
            keyring.key_of(report.safe_id)
    except NoGrant:
        return False
    return True


@dataclass(frozen=True)
class Earlier:
    """An earlier case in which the same person may be meant, and why."""

    case: Case
    name: str
    why: list[str]


def earlier(case: Case, user: User, keyring: Keyring) -> list[Earlier]:
    """Return other cases that somebody may open in which a person reported here may be meant (R10).

    Of cases that they cannot open there is no trace.
    """
    others = {
        c.pk: c
        for c in cases_for(user).exclude(pk=case.pk).filter(is_drill=False).order_by("-opened_at")[:MOST_EARLIER]
    }
    keyring.keys_of({c.safe_id for c in others.values()})
    reported = Party.objects.filter(role=Party.Role.REPORTED)
    known = {party.pk: party for party in reported.filter(case__in=others)}
    register = Register({pk: _as_person(keyring.reveal(party, "facts")) for pk, party in known.items()})
    found: dict[uuid.UUID, Earlier] = {}
    for party in reported.filter(case=case):
        for hit in register.ask(_as_person(keyring.reveal(party, "facts"))):
            other = known[hit.key]
            if hit.answer is MatchAnswer.LOOK or hit.score > LIKELY:
                name = PartyView(other.pk, other.role, "", keyring.reveal(other, "facts")).name
                found.setdefault(other.case_id, Earlier(others[other.case_id], name, hit.why))
    return list(found.values())


def _as_person(facts: dict[str, Any]) -> Person:
    """Return a person of a case as the matching understands one."""
    marks = str(facts.get("handles", "")).replace(",", " ").split()
    emails = [mark for mark in marks if "@" in mark.strip("@")]
    return Person([facts["name"]] if facts.get("name") else [], emails, [m for m in marks if m not in emails])


def poll(meeting: Meeting, user: User) -> list[tuple[Any, list[str], bool]]:
    """Return the times that are asked about, who can come, and whether `user` said so."""
    names = _names(meeting.case.team_id)
    return [
        (
            slot,
            [names.get(answer.user_id, "") for answer in slot.answers.all()],
            any(a.user_id == user.pk for a in slot.answers.all()),
        )
        for slot in sorted(meeting.slots.all(), key=lambda slot: slot.starts_at)
    ]


def place_of(meeting: Meeting, keyring: Keyring) -> str:
    """Return where a meeting is; empty before it is called."""
    return (keyring.reveal(meeting, "where") or "") if meeting.where is not None else ""
