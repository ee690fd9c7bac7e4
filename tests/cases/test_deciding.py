"""What is decided, by whom, on what; and every rule of it, broken on purpose."""

from datetime import date

import pytest

from heard import guidance
from heard.cases import queries
from heard.cases.actions import deciding, duties, people
from heard.cases.models import Case, Decision, Outcome
from tests.cases.outcome import (
    blocked,
    decided,
    met,
    propose,
    wanted,
)  # fmt: skip
from tests.cases.test_cases import duty, hold, open_case, reported
from tests.conftest import World, join


@pytest.mark.requirement("R48", "R57")
def test_a_decision_counts_once_those_without_a_conflict_have_voted_for_it(world: World) -> None:
    case = met(world)
    decision = propose(case, world.bo)
    deciding.vote(decision, world.bo.keyring, by=world.bo.user, choice="yes")
    assert queries.standing(case) is None and not queries.measures(case, world.bo.keyring)
    with pytest.raises(duties.WrongState):
        deciding.vote(decision, world.bo.keyring, by=world.bo.user, choice="yes")

    deciding.vote(decision, world.ada.keyring, by=world.ada.user, choice="yes")

    case.refresh_from_db()
    assert queries.standing(case) == decision and case.state == Case.State.DECIDED
    assert [m.title for m in queries.measures(case, world.bo.keyring)] == [
        guidance.measures(case.policy_version.policy)["warning"].title
    ]
    assert duty(case, "decide").state == "done"
    assert {"tell_outcome_reporter", "tell_outcome_reported"} <= set(case.duties.values_list("name", flat=True))


@pytest.mark.requirement("R48")
def test_dissent_is_kept_and_what_is_voted_down_is_not_done(world: World) -> None:
    case = met(world)
    decision = propose(case, world.bo)
    deciding.vote(decision, world.ada.keyring, by=world.ada.user, choice="no", words="Too little")
    blocked("quorum", deciding.count, decision, world.bo.keyring, by=world.bo.user)
    deciding.vote(decision, world.cleo.keyring, by=world.cleo.user, choice="no")

    (view,) = queries.decisions(case, world.bo.user, world.bo.keyring)
    assert view.row.state == Decision.State.REJECTED
    assert ("Ada", "No", "Too little") in view.votes
    assert not queries.measures(case, world.bo.keyring)
    assert propose(case, world.bo)


@pytest.mark.requirement("R49", "R51")
def test_who_is_out_of_the_case_neither_proposes_nor_votes(world: World) -> None:
    case = met(world, told={"out": [world.cleo]})
    decision = propose(case, world.bo)
    with pytest.raises(duties.WrongState):
        deciding.vote(decision, world.cleo.keyring, by=world.cleo.user, choice="no")
    for person in (world.cleo, world.lara, world.gita):
        client = person.client()
        for page in ("decide", "outcome", "vote", "close", "letters"):
            assert client.get(f"/team/cases/{case.pk}/{page}/").status_code in {404, 405}
            assert client.post(f"/team/cases/{case.pk}/{page}/", {"choice": "no"}).status_code in {404, 405}
    assert not decision.votes.exists()


@pytest.mark.requirement("R53")
def test_nobody_is_decided_about_unheard_but_with_a_reason(world: World) -> None:
    case = open_case(world)
    reported(case, world.bo)
    hold(case, world.bo, world.bo, world.ada, reason="They are gone")
    case.refresh_from_db()
    blocked("unheard_meeting", propose, case, world.bo)
    propose(case, world.bo, unheard="They do not answer since March")
    assert any("They do not answer" in line.body for line in queries.timeline(case, world.bo.keyring))


@pytest.mark.requirement("R79")
def test_like_cases_lie_beside_the_decision_without_names_and_without_those_one_may_not_open(world: World) -> None:
    first = decided(world, wanted("ban"), told={"out": [world.cleo]})
    case = met(world)
    own, elsewhere = queries.comparable(case, world.bo.user, "contact")
    assert [o.case_id for o in own] == [first.pk] and own[0].measures == ["ban"] and not elsewhere
    assert queries.comparable(case, world.cleo.user, "contact") == ([], {})
    for _number in range(5):
        Outcome.objects.create(
            team=world.lagos,
            level="other",
            category="contact",
            finding="breach",
            measures=["leave"],
            month=date(2026, 1, 1),
        )
        known = queries.comparable(case, world.cleo.user, "contact")[1]
    assert known == {"leave": 5}
    page = world.bo.client().post(
        f"/team/cases/{case.pk}/decide/", {"weigh": "1", "category": "contact", "impact": "high", "risk": "high"}
    )
    assert "A ban" in page.text and "Quagmire" not in page.text


def test_the_weighing_suggests_what_fits(world: World) -> None:
    policy = guidance.default_policy()
    assert guidance.suggested(policy, "low", "low")[0] == "warning"
    assert "ban" in guidance.suggested(policy, "high", "high") and "ban" not in guidance.suggested(
        policy, "high", "low"
    )
    assert "final_warning" in guidance.suggested(policy, "low", "high")


def test_the_vote_of_who_turned_out_to_be_a_party_does_not_count(world: World) -> None:
    join(world.berlin, "Dora")
    case = met(world, also=[world.cleo])
    decision = propose(case, world.bo)
    deciding.vote(decision, world.cleo.keyring, by=world.cleo.user, choice="yes")
    people.add(case, world.bo.keyring, by=world.bo.user, role="reported", facts={"name": "Cleo Marchetti"})
    deciding.vote(decision, world.bo.keyring, by=world.bo.user, choice="yes")
    decision.refresh_from_db()
    assert decision.state == Decision.State.PROPOSED
    with pytest.raises(duties.WrongState):
        deciding.count(decision, world.cleo.keyring, by=world.cleo.user)
