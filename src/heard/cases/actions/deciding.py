"""The decision: proposed by one, voted on by those without a conflict, and carried out by measures with their duties."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from heard import guidance
from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries, rules
from heard.cases.actions import measures as measuring
from heard.cases.actions.duties import Blocked, add_step, finish, locked, require_no_objection, write
from heard.cases.actions.opening import chain
from heard.cases.actions.outcomes import keep_outcome
from heard.cases.models import Appeal, Case, Decision, Duty, Entry, Measure, Party, Vote, WrongState
from heard.community.actions import who
from heard.vault import safes
from heard.vault.keyring import Keyring, SafeKey

DISCIPLINED = {Decision.Finding.BREACH}


@dataclass(frozen=True, repr=False)
class Wanted:
    """A measure as it is proposed."""

    kind: str
    scope: str
    ends_on: date | None
    safety: str
    details: str = ""
    condition_met: bool = False


@dataclass(frozen=True, repr=False)
class Proposal:
    """What somebody proposes to decide."""

    finding: str
    category: str
    impact: str
    risk: str
    reasons: str
    measures: Sequence[Wanted] = ()


@transaction.atomic
def propose(case: Case, keyring: Keyring, *, by: User, proposal: Proposal, unheard: str = "") -> Decision:
    """Propose a decision; it counts once enough have voted for it. Raises Blocked, WrongState."""
    case, key = locked(case, keyring, by, lent=True)
    appeal = queries.open_appeal(case)
    _require_ready(case, appeal, by)
    _require_heard(case, unheard)
    _require_whole(case, proposal)
    if queries.proposal(case):
        raise WrongState
    decision = Decision.objects.create(
        **key.where, case=case, appeal=appeal, finding=proposal.finding, category=proposal.category,
        impact=proposal.impact, risk=proposal.risk, reasons=key(proposal.reasons), by=by,
    )  # fmt: skip
    for wanted in proposal.measures:
        details = key(wanted.details.strip()) if wanted.details.strip() else None
        Measure.objects.create(
            **key.where, case=case, decision=decision, kind=wanted.kind, scope=wanted.scope, ends_on=wanted.ends_on,
            safety=key(wanted.safety.strip()), details=details, by=by,
        )  # fmt: skip
    if unheard.strip():
        write(case, key, Entry.Kind.STEP, f"Decided unheard: {unheard.strip()}", by=by, mark=f"unheard:{decision.pk}")
    audit.record("decision.proposed", chain=chain(case), who=who(by), thing=proposal.finding)
    return decision


def _require_ready(case: Case, appeal: Appeal | None, by: User) -> None:
    appeal = appeal or queries.answered(case)
    if appeal and by.pk not in {member.user_id for member in queries.panel(case, appeal)}:
        raise Blocked("panel")
    if case.state not in {Case.State.MET, Case.State.DECIDED, Case.State.APPEALED}:
        raise Blocked("not_met")
    require_no_objection(case)


def _require_heard(case: Case, unheard: str) -> None:
    """R53: nobody is decided about unheard, but with a reason."""
    waits = case.duties.filter(name="hear_reported", state=Duty.State.OPEN).exists()
    if waits and not queries.is_heard(case) and not unheard.strip():
        raise Blocked("unheard_meeting", overridable=True)


def _require_whole(case: Case, proposal: Proposal) -> None:
    """Measures need a finding (R57), the safety they give (R56), and the condition they stand under (R58)."""
    catalogue = guidance.measures(case.policy_version.policy)
    if proposal.finding not in Decision.Finding.values or proposal.category not in guidance.categories():
        raise WrongState
    if proposal.measures and proposal.finding not in DISCIPLINED:
        raise Blocked("measure_without_breach")
    if proposal.finding in DISCIPLINED and not (proposal.impact and proposal.risk):
        raise Blocked("unweighed")
    for wanted in proposal.measures:
        text = catalogue.get(wanted.kind)
        if text is None or wanted.scope not in Measure.Scope.values:
            raise WrongState
        if not wanted.safety.strip():
            raise Blocked("no_safety")
        if text.condition and not wanted.condition_met:
            raise Blocked("condition")


@transaction.atomic
def vote(decision: Decision, keyring: Keyring, *, by: User, choice: str, words: str = "") -> None:
    """Vote, once, on what is proposed; with the last vote that is needed it stands or falls. Raises WrongState."""
    case, key = locked(decision.case, keyring, by, lent=True)
    decision = case.decisions.select_for_update().get(pk=decision.pk)
    may = {member.user_id for member in queries.voters(case, decision)}
    if decision.state != Decision.State.PROPOSED or by.pk not in may or choice not in Vote.Choice.values:
        raise WrongState
    if decision.votes.filter(user=by).exists():
        raise WrongState
    said = key(words.strip()) if words.strip() else None
    Vote.objects.create(**key.where, decision=decision, user=by, choice=choice, words=said)
    audit.record("decision.voted", chain=chain(case), who=who(by))
    yes, no, _cast = _count(decision, may)
    if yes >= rules.SMALL_QUORUM and yes * 2 > len(may):
        _stand(case, decision, key, by=by)
    elif no * 2 >= len(may):
        fall(case, decision, who=who(by))


@transaction.atomic
def count(decision: Decision, keyring: Keyring, *, by: User) -> bool:
    """Count the votes there are, once a quorum has voted; return whether it stands. Raises Blocked, WrongState."""
    case, key = locked(decision.case, keyring, by, lent=True)
    decision = case.decisions.select_for_update().get(pk=decision.pk)
    if decision.state != Decision.State.PROPOSED:
        raise WrongState
    may = {member.user_id for member in queries.voters(case, decision)}
    if by.pk not in may:
        raise WrongState
    yes, no, cast = _count(decision, may)
    able = len(may)
    if not rules.has_quorum(cast, small=case.small, able=able):
        raise Blocked("quorum")
    if stands := yes > no and yes >= rules.SMALL_QUORUM:
        _stand(case, decision, key, by=by)
    else:
        fall(case, decision, who=who(by))
    return stands


def _count(decision: Decision, may: Collection[uuid.UUID]) -> tuple[int, int, int]:
    """Count the votes of those who may vote now: who turned out to be a party since does not decide."""
    choices = list(decision.votes.filter(user__in=may).values_list("choice", flat=True))
    return choices.count(Vote.Choice.YES), choices.count(Vote.Choice.NO), len(choices)


def fall(case: Case, decision: Decision, *, who: str) -> None:
    """Let a proposal fall, with its measures."""
    Decision.objects.filter(pk=decision.pk).update(state=Decision.State.REJECTED)
    decision.measures.update(state=Measure.State.DROPPED)
    audit.record("decision.rejected", chain=chain(case), who=who)


def _stand(case: Case, decision: Decision, key: SafeKey, *, by: User) -> None:
    """Let a decision count: measures in force with their duties, letters due, the figures that stay."""
    now = timezone.now()
    before = case.decisions.filter(state=Decision.State.STANDS)
    before.update(state=Decision.State.REPLACED)
    Decision.objects.filter(pk=decision.pk).update(state=Decision.State.STANDS, stood_at=now)
    measuring.carry_out(case, decision, key, by=by)
    for duty in case.duties.filter(name__in=["decide", "answer_appeal"], state=Duty.State.OPEN):
        finish(duty, key, by=by, state=Duty.State.DONE)
    answered = _answer(decision)
    if decision.appeal_id:
        _end_loan(case)
    Case.objects.filter(pk=case.pk).update(state=Case.State.DECIDED)
    _letters_due(case, key, by=by)
    if not case.small and not case.is_drill and not case.duties.filter(name="look_back").exists():
        add_step(case, key, "look_back", owner=_lead(case))
    keep_outcome(case, appealed=answered)
    audit.record("decision.stands", chain=chain(case), who=who(by), thing=decision.finding)


def _answer(decision: Decision) -> str:
    """Note what became of the appeal that the decision answers."""
    if decision.appeal is None:
        return ""
    kept = {(m.kind, m.scope, m.ends_on) for m in decision.measures.all()}
    first = {(m.kind, m.scope, m.ends_on) for m in decision.appeal.decision.measures.exclude(state="dropped")}
    outcome = Appeal.Outcome.UPHELD if kept == first else Appeal.Outcome.CHANGED if kept else Appeal.Outcome.LIFTED
    Appeal.objects.filter(pk=decision.appeal.pk).update(outcome=outcome, decided_at=timezone.now())
    return str(outcome)


def _end_loan(case: Case) -> None:
    """Take the key back from those who were lent to the appeal that is answered now."""
    own = {member.user_id for member in queries.able(case)}
    lent = [user.pk for user in case.lent.all() if user.pk not in own]
    safes.withdraw(safes.with_joined(case.safe_id), lent)
    case.lent.clear()


def _lead(case: Case) -> User | None:
    members = queries.able(case)
    leads = [member for member in members if member.role == member.Role.LEAD]
    return next((member.user for member in leads or members), None)


def _letters_due(case: Case, key: SafeKey, *, by: User) -> None:
    """Let everybody hear the outcome soon (R54): each reporter, and each person reported who knows of the complaint."""
    for report in queries.reports_of(case):
        add_step(case, key, "tell_outcome_reporter", owner=report.contact or by, report=report)
    told = case.duties.filter(name="tell_reported", state=Duty.State.DONE).exists() or queries.is_heard(case)
    finding = queries.standing(case)
    if told or (finding and finding.finding in DISCIPLINED):
        for party in case.parties.filter(role=Party.Role.REPORTED):
            add_step(case, key, "tell_outcome_reported", owner=_lead(case) or by, party=party)
