"""Closing a case when everything is done, opening it again, looking back, and a case that grows out of another."""

import uuid

from django.db import transaction

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions.duties import Blocked, finish, locked, write
from heard.cases.actions.joining import let_in_the_same
from heard.cases.actions.notices import FULFILS, TELLS_REPORTER
from heard.cases.actions.opening import chain, open_case
from heard.cases.actions.outcomes import keep_outcome
from heard.cases.models import Case, Duty, Entry, Measure, Meeting, Notice, WrongState
from heard.community import actions as community
from heard.community import queries as teams
from heard.community.actions import who
from heard.community.models import Member, Team
from heard.reports import queries as reports
from heard.reports.actions import handling, intake
from heard.reports.models import Report
from heard.vault import receipts
from heard.vault.keyring import Keyring
from heard.vault.models import Exclusion


@transaction.atomic
def close(case: Case, keyring: Keyring, *, by: User) -> None:
    """Close a case. Raises Blocked while something is neither done nor left out with a reason (R54)."""
    case, _key = locked(case, keyring, by)
    if case.state == Case.State.CLOSED:
        raise WrongState
    if queries.proposal(case) or queries.open_appeal(case):
        raise Blocked("undecided")
    if queries.standing(case) is None and not _left_out(case):
        raise Blocked("undecided")
    if queries.keeps_open(case):
        raise Blocked("not_done")
    if case.notices.filter(state__in=Notice.NOT_GONE).exists():
        raise Blocked("unsent")
    if case.measures.filter(state=Measure.State.WAITS).exists():
        raise Blocked("measure_waits")
    if {report.pk for report in queries.reports_of(case)} - _told(case):
        raise Blocked("untold")
    Case.objects.filter(pk=case.pk).update(state=Case.State.CLOSED)
    keep_outcome(case)
    audit.record("case.closed", chain=chain(case), who=who(by))


def _told(case: Case) -> set[uuid.UUID | None]:
    """Return which reports' reporters got the outcome, or were left out with a reason."""
    steps = case.duties.filter(name=TELLS_REPORTER).exclude(state=Duty.State.OPEN)
    kinds = [kind for kind, duty in FULFILS.items() if duty == TELLS_REPORTER]
    letters = case.notices.filter(state=Notice.State.SENT, kind__in=kinds)
    return {*steps.values_list("report_id", flat=True), *letters.values_list("report_id", flat=True)}


def _left_out(case: Case) -> bool:
    """Tell whether deciding was left out with a reason: the person harmed objects, or it was a mistake."""
    return case.duties.filter(name="decide", state=Duty.State.WAIVED).exists()


@transaction.atomic
def reopen(case: Case, keyring: Keyring, *, by: User, reason: str) -> None:
    """Open a closed case again, with a reason. Raises Blocked, WrongState."""
    case, key = locked(case, keyring, by)
    if case.state != Case.State.CLOSED:
        raise WrongState
    if not reason.strip():
        raise Blocked("reason", overridable=True)
    met = case.meetings.filter(state=Meeting.State.HELD).exists()
    state = Case.State.DECIDED if queries.standing(case) else Case.State.MET if met else Case.State.OPEN
    Case.objects.filter(pk=case.pk).update(state=state)
    text = f"Opened again: {reason.strip()}"
    write(case, key, Entry.Kind.STEP, text, by=by, mark=f"reopened:{case.entries.count()}")
    audit.record("case.reopened", chain=chain(case), who=who(by))


@transaction.atomic
def look_back(case: Case, keyring: Keyring, *, by: User, went_well: str, was_hard: str, lacked: str) -> None:
    """Write down what the case taught. What the policy lacked becomes a proposal, if it shows nobody of the case (R80).

    Raises Blocked where it does.
    """
    case, key = locked(case, keyring, by)
    if not queries.can_open_reports(keyring, case):
        raise Blocked("not_yours")
    if lacked.strip() and queries.checked(case, keyring, lacked, to=Notice.To.ATTENDEE).shows_somebody:
        raise Blocked("shows_somebody")
    said = {"Went well": went_well, "Was hard": was_hard, "The policy lacked": lacked}
    text = "\n\n".join(f"{title}: {words.strip()}" for title, words in said.items() if words.strip())
    write(case, key, Entry.Kind.NOTE, text, by=by, mark=f"back:{case.entries.count()}")
    if lacked.strip() and not case.is_drill:
        community.propose(_whose_policy(case), text=lacked.strip(), by=by)
    for duty in case.duties.filter(name="look_back", state=Duty.State.OPEN):
        finish(duty, key, by=by, state=Duty.State.DONE)
    audit.record("case.looked-back", chain=chain(case), who=who(by))


def _whose_policy(case: Case) -> Team:
    """Return whose lead hears what the policy lacked: the chapter's, unless its lead must not know of the case."""
    out = Exclusion.objects.filter(safe_id=case.safe_id).values("user_id")
    leads = case.chapter.members.filter(role=Member.Role.LEAD, is_active=True)
    above = teams.global_team()
    return above if above and leads.filter(user__in=out).exists() else case.chapter


@transaction.atomic
def open_following(case: Case, keyring: Keyring, *, by: User, what: str) -> Case:
    """Open a case of its own that grows out of this one, as when somebody presses an apology (R66). Raises WrongState.

    Whoever is kept out of this case is kept out of that one.
    """
    case, key = locked(case, keyring, by)
    if case.is_drill:
        raise WrongState
    people = queries.parties(case, keyring)
    meant = "; ".join(party.name for party in people if party.role == "reported")
    out = set(Exclusion.objects.filter(safe_id=case.safe_id).values_list("user_id", flat=True))
    told = {"what_happened": what, "who": meant}
    try:
        taken = intake.take_down(case.team, receipts.new_form(), told, by=by, how="case", out=out)
    except intake.NobodyLeft:
        raise WrongState from None
    report = reports.reports_for(by).filter(pk=taken.pk).first()
    if report is None:
        raise WrongState
    reason = "It tells what grew out of the other case."
    handling.acknowledge(
        report, keyring, by=by, text=what, reason=reason, key=f"follows-{case.pk}-{case.followed_by.count()}"
    )
    following = open_case(Report.objects.get(pk=report.pk), keyring, by=by, level="other")
    ours = [keyring.sealer(case.safe_id)]
    theirs = [keyring.sealer(safe_id) for safe_id in Report.objects.get(pk=report.pk).safes]
    let_in_the_same(case, ours, theirs)
    Case.objects.filter(pk=following.pk).update(follows=case)
    write(case, key, Entry.Kind.STEP, what, by=by, mark=f"follows:{following.pk}")
    audit.record("case.followed", chain=chain(case), who=who(by))
    return following
