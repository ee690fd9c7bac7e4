"""Appeals: lodged with the guest code, looked at by people who did not decide first; what was decided stays in force."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries, rules
from heard.cases.actions.deciding import fall
from heard.cases.actions.duties import Blocked, locked
from heard.cases.actions.hearing import APPEAL, SPACING, NotOpen, require_open
from heard.cases.actions.notices import OPENS_APPEAL
from heard.cases.actions.opening import chain
from heard.cases.actions.people import meant_among
from heard.cases.models import Appeal, Case, Duty, GuestCode, Notice, Party, WrongState
from heard.community.actions import who
from heard.outbox import letters
from heard.vault import drops, safes
from heard.vault.keyring import Keyring


def open_until(code: GuestCode) -> datetime | None:
    """Return until when whoever holds the code can appeal; None where there is nothing to appeal, or it was appealed."""
    if code.party.role != Party.Role.REPORTED or code.case.state == Case.State.LOST:
        return None
    told = Notice.objects.filter(case=code.case, party=code.party, kind__in=OPENS_APPEAL, state=Notice.State.SENT)
    last = told.order_by("-sent_at").first()
    if last is None or last.sent_at is None or not may_be_appealed(code.case, code.party):
        return None
    until = last.sent_at + timedelta(days=code.case.policy_version.policy.clocks.appeal_days)
    return until if until > timezone.now() else None


@transaction.atomic
def lodge(code: GuestCode, *, grounds: str, text: str) -> Appeal:
    """Take an appeal from the code's holder. It opens a closed case again. Raises NotOpen after its time, or a second time."""
    code = _of(code.pk)
    require_open(code)
    case = Case.objects.select_for_update().get(pk=code.case_id)
    if open_until(code) is None or grounds not in Appeal.Grounds.values:
        raise NotOpen
    decision = queries.standing(case)
    assert decision is not None
    appeal = Appeal.objects.create(
        **safes.where(case.safe_id), case=case, decision=decision, party=code.party, grounds=grounds
    )
    drops.drop(case.safe_id, APPEAL, {"appeal": str(appeal.pk), "text": text})
    _await(code.case, by="guest")
    audit.record("appeal.lodged", chain=chain(case), who="guest", thing=grounds)
    return appeal


@transaction.atomic
def write_down(case: Case, keyring: Keyring, *, by: User, grounds: str, text: str) -> Appeal:
    """Write down an appeal that came by voice or on paper. Raises WrongState where nothing can be appealed."""
    case, key = locked(case, keyring, by)
    decision = queries.standing(case)
    if decision is None or not may_be_appealed(case) or grounds not in Appeal.Grounds.values:
        raise WrongState
    appeal = Appeal.objects.create(**key.where, case=case, decision=decision, grounds=grounds, words=key(text))
    _await(case, by=who(by))
    audit.record("appeal.lodged", chain=chain(case), who=who(by), thing=grounds)
    return appeal


def _await(case: Case, *, by: str) -> None:
    """Let the appeal wait for other deciders, with its clock."""
    Case.objects.filter(pk=case.pk).update(state=Case.State.APPEALED)
    if waiting := queries.proposal(case):  # those who decided do not go on by themselves
        fall(case, waiting, who=by)
    days = case.policy_version.policy.clocks.appeal_answer_days
    Duty.objects.create(
        **safes.where(case.safe_id), case=case, name="answer_appeal", order=200 + case.duties.count(),
        due_at=rules.due(timezone.now(), days * 24, case.zone),
    )  # fmt: skip
    for member in queries.able(case):
        letters.nudge(member.user_id, to=member.user.email, spacing=SPACING)


@transaction.atomic
def lend(case: Case, keyring: Keyring, *, by: User) -> int:
    """Open a case to members of the global team, so that others than those who decided answer the appeal.

    Return how many. Raises Blocked where nobody can be lent.
    """
    case, _key = locked(case, keyring, by)
    appeal = queries.open_appeal(case)
    if appeal is None or case.team.is_global or is_enough(case, appeal):
        raise WrongState
    people = queries.can_be_lent(case, appeal)
    facts = [party.facts for party in queries.parties(case, keyring)]
    meant = meant_among(case, facts, {member.user_id for member in people})
    people = [member for member in people if member.user_id not in meant]
    if not people:
        raise Blocked("nobody_to_lend")
    for safe_id in safes.with_joined(case.safe_id):
        safe_key = keyring.sealer(safe_id)
        for holder in safes.user_holders({member.user_id for member in people}).values():
            if not safes.is_open_to(safe_id, holder):
                safes.regrant(safe_key, holder)
    case.lent.add(*(member.user for member in people))
    for member in people:
        letters.nudge(member.user_id, to=member.user.email, spacing=SPACING)
    audit.record("appeal.lent", chain=chain(case), who=who(by), thing=str(len(people)))
    return len(people)


def _of(pk: uuid.UUID) -> GuestCode:
    rows = GuestCode.objects.select_for_update(of=("self",))
    return rows.select_related("case__team", "case__chapter", "case__event", "case__policy_version", "party").get(pk=pk)


def may_be_appealed(case: Case, party: Party | None = None) -> bool:
    """Tell whether there is a decision that was not appealed yet: by this person, or for one written down by the team."""
    decision = queries.standing(case)
    return decision is not None and not decision.appeal_id and not decision.appeals.filter(party=party).exists()


def is_enough(case: Case, appeal: Appeal) -> bool:
    """Tell whether enough people who did not decide first could answer an appeal."""
    people = queries.panel(case, appeal)
    return len(people) >= rules.quorum(small=case.small, able=len(people))
