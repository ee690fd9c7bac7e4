"""Cases on their way to an end, as tests of decisions, letters, appeals and closing need them."""

from collections.abc import Sequence
from typing import Any

import pytest

from heard import guidance
from heard.cases import queries
from heard.cases.actions import appeals, deciding, duties, hearing, notices
from heard.cases.models import Appeal, Case, Decision, Notice
from tests.cases.test_cases import hold, open_case, reported
from tests.conftest import Person, World

WELL = "Somebody stood too close to others at the bar."
EVENT_BAN = {"kind": "ban", "scope": "event", "safety": "Others can sit anywhere", "details": ""}


def met(
    world: World, by: Person | None = None, level: str = "witnessed", also: Sequence[Person] = (), **more: Any
) -> Case:
    """A case whose meeting was held, and in which the person reported was heard."""
    by = by or world.bo
    case = open_case(world, level, **more)
    reported(case, by)
    hearing.write_down(case, by.keyring, by=by.user, text="I was only joking", key="side")
    hold(case, by, by, world.ada, *also)
    return Case.objects.get(pk=case.pk)


def wanted(kind: str = "warning", **more: Any) -> deciding.Wanted:
    facts = {"scope": "chapter", "ends_on": None, "safety": "they know that it is noticed"} | more
    return deciding.Wanted(kind, **facts)


def breach(*kinds: deciding.Wanted) -> deciding.Proposal:
    return deciding.Proposal("breach", "contact", "low", "low", "He was asked twice to stop.", kinds or (wanted(),))


def propose(case: Case, by: Person, proposal: deciding.Proposal | None = None, unheard: str = "") -> Decision:
    return deciding.propose(case, by.keyring, by=by.user, proposal=proposal or breach(), unheard=unheard)


def decided(world: World, *kinds: deciding.Wanted, case: Case | None = None, **more: Any) -> Case:
    """A case that was decided by Bo and Ada."""
    case = case or met(world, **more)
    decision = propose(case, world.bo, breach(*kinds) if kinds else None)
    for person in (world.bo, world.ada):
        deciding.vote(decision, person.keyring, by=person.user, choice="yes")
    return Case.objects.get(pk=case.pk)


def blocked(why: str, does: Any, /, *args: Any, **more: Any) -> None:
    with pytest.raises(duties.Blocked) as stopped:
        does(*args, **more)
    assert stopped.value.reason == why


def letter(case: Case, by: Person, kind: str, text: str = WELL, **more: Any) -> Notice:
    """A letter to the first who can get it."""
    to = guidance.notices()[kind].to
    facts: dict[str, Any] = {"report": None, "party": None}
    if to == "reporter":
        facts["report"] = queries.reports_of(case)[0]
    elif to in {"reported", "employer"}:
        facts["party"] = case.parties.filter(role="reported").first()
    return notices.draft(case, by.keyring, by=by.user, kind=kind, text=text, **(facts | more))


def approve(notice: Notice, by: Person) -> None:
    notices.approve(notice, by.keyring, by=by.user, seen=queries.notice_view(notice, by.keyring).digest)


def sent(world: World, notice: Notice, by: Person | None = None, reason: str = "") -> str:
    by = by or world.bo
    notices.hand_to_reader(notice, by.keyring, by=by.user, reason=reason)
    notice.refresh_from_db()
    approve(notice, world.ada)
    notice.refresh_from_db()
    return notices.send(notice, by.keyring, by=by.user)


def told(world: World, case: Case) -> str:
    """Tell both parties the outcome; return the guest code."""
    sent(world, letter(case, world.bo, "outcome_breach_reporter"))
    return sent(world, letter(case, world.bo, "outcome_breach_reported"))


def decided_by_three(world: World, third: Person, *kinds: deciding.Wanted) -> Case:
    """Decided by Bo, Ada and a third in a larger team: the votes are counted."""
    case = met(world, also=[third])
    decision = propose(case, world.bo, breach(*kinds))
    for person in (world.bo, world.ada, third):
        deciding.vote(decision, person.keyring, by=person.user, choice="yes")
    assert deciding.count(decision, world.bo.keyring, by=world.bo.user)
    return Case.objects.get(pk=case.pk)


def all_vote(decision: Decision, *voters: Person, choice: str = "yes") -> None:
    for person in voters:
        decision.refresh_from_db()
        if decision.state == Decision.State.PROPOSED:
            deciding.vote(decision, person.keyring, by=person.user, choice=choice)
    decision.refresh_from_db()


def appealed(world: World, case: Case) -> Appeal:
    found = queries.guest(told(world, case))
    assert found
    appeals.lodge(found[0], grounds="facts", text="There is a witness")
    case.refresh_from_db()
    return case.appeals.get()
