"""Measures: taken, enforced, approved, lifted, looked at before they end."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from heard import guidance
from heard.cases import queries, tasks
from heard.cases.actions import closing, deciding, duties, measures
from heard.cases.models import BEFORE_END, Measure, Outcome
from heard.community.models import PolicyVersion
from tests.cases.outcome import (
    EVENT_BAN,
    all_vote,
    blocked,
    breach,
    decided,
    met,
    propose,
    wanted,
)  # fmt: skip
from tests.cases.test_cases import duty, open_case
from tests.conftest import World


@pytest.mark.requirement("R56", "R58")
@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (breach(wanted(safety=" ")), "no_safety"),
        (breach(wanted("refund")), "condition"),
        (deciding.Proposal("no_breach", "contact", "", "", "nothing", [wanted()]), "measure_without_breach"),
        (deciding.Proposal("breach", "contact", "", "", "x", [wanted()]), "unweighed"),
    ],
)
def test_a_measure_needs_a_finding_its_safety_and_its_condition(
    world: World, proposal: deciding.Proposal, reason: str
) -> None:
    case = met(world)
    blocked(reason, propose, case, world.bo, proposal)
    assert not case.measures.exists()


@pytest.mark.requirement("R58")
def test_a_grant_is_asked_back_only_where_that_was_its_condition(world: World) -> None:
    case = decided(world, wanted("refund", condition_met=True))
    assert [m.row.kind for m in queries.measures(case, world.bo.keyring)] == ["refund"]


@pytest.mark.requirement("R63", "R64")
def test_no_measure_is_an_apology_or_a_meeting_of_the_two(world: World) -> None:
    case = met(world)
    for kind in ("apology", "mediation", "../warning"):
        with pytest.raises(duties.WrongState):
            propose(case, world.bo, breach(wanted(kind)))
    titles = " ".join(m.title.casefold() for m in guidance.measures(guidance.default_policy()).values())
    assert "apolog" not in titles and "mediat" not in titles


@pytest.mark.requirement("R57")
def test_the_catalogue_holds_every_sanction_of_the_guide_and_the_communitys_own(world: World) -> None:
    policy = guidance.default_policy()
    assert set(guidance.measures(policy)) >= {
        "warning", "keep_away", "talk_ended", "video_withheld", "no_talks", "volunteer_ended", "no_volunteering", "refund",
        "leave", "ban", "membership", "public_account",
    }  # fmt: skip
    lead = world.ada.client()
    lead.post(
        "/team/of/berlin/measures/",
        {"title": "No mentoring", "safety": "They teach nobody", "enforced": "Tell the mentors"},
    )
    lead.post("/team/of/berlin/measures/", {"remove": "membership"})
    now = PolicyVersion.objects.filter(team=world.berlin).order_by("-number")[0].policy
    assert "membership" not in guidance.measures(now)
    case = decided(world, wanted("own_1"))
    assert [d.title for d in queries.to_do(case, world.bo.user, world.bo.keyring) if d.row.name == "enforce"] == [
        "Tell the mentors"
    ]


@pytest.mark.requirement("R57", "R59")
def test_a_ban_is_enforced_place_by_place_each_by_a_person_and_its_end_is_looked_at(world: World) -> None:
    end = timezone.localdate() + timedelta(days=365)
    case = decided(world, wanted("ban", scope="network", ends_on=end))

    todo = [d for d in queries.to_do(case, world.bo.user, world.bo.keyring) if d.row.name == "enforce"]
    assert len(todo) == 4 and any("ticket shop" in d.title for d in todo)
    review = duty(case, "look_at_end")
    assert review.due_at.date() == end - BEFORE_END
    blocked("not_done", closing.close, case, world.bo.keyring, by=world.bo.user)
    duties.tick(todo[0].row, world.bo.keyring, by=world.bo.user)
    todo[0].row.refresh_from_db()
    assert todo[0].row.done_by == world.bo.user


@pytest.mark.requirement("R59")
def test_a_measure_that_ends_is_called_for_although_the_case_is_closed(world: World) -> None:
    from heard.cases.actions import clocks

    end = timezone.localdate() + timedelta(days=100)
    case = decided(world, wanted("keep_away", ends_on=end))
    case.duties.exclude(name="look_at_end").update(state="done")
    closing.close(case, world.bo.keyring, by=world.bo.user)
    with time_machine.travel(timezone.now() + timedelta(days=88)):
        clocks.go_round()
    assert duty(case, "look_at_end").nudged_at is not None
    review = duty(case, "look_at_end")
    assert review in {todo.row for todo in queries.board(world.bo.user, world.bo.keyring, 50)}


@pytest.mark.requirement("R60")
def test_a_published_account_waits_for_a_second_person(world: World) -> None:
    case = decided(world, wanted("public_account"))
    (measure,) = case.measures.all()
    assert measure.state == Measure.State.WAITS and not case.duties.filter(name="enforce").exists()
    blocked("second_person", measures.approve, measure, world.bo.keyring, by=world.bo.user)
    measures.approve(measure, world.ada.keyring, by=world.ada.user)
    measure.refresh_from_db()
    assert (measure.state, measure.approved_by) == (Measure.State.IN_FORCE, world.ada.user)
    assert case.duties.filter(name="enforce").count() == 1


@pytest.mark.requirement("R57")
def test_a_measure_taken_at_once_is_reviewed_by_somebody_else_and_can_be_lifted(world: World) -> None:
    case = open_case(world)
    facts = {"kind": "leave", "scope": "event", "safety": "they are not in one room", "details": ""}
    measure = measures.at_once(case, world.bo.keyring, by=world.bo.user, **facts)
    review = duty(case, "review_emergency")
    assert review.due_at <= timezone.now() + timedelta(hours=24) and review.owner == world.ada.user
    blocked("second_person", duties.tick, review, world.bo.keyring, by=world.bo.user)
    blocked("reason", measures.lift, measure, world.ada.keyring, by=world.ada.user, reason=" ")
    first = case.duties.filter(name="enforce")[0]
    duties.tick(first, world.bo.keyring, by=world.bo.user)

    measures.lift(measure, world.ada.keyring, by=world.ada.user, reason="It was a mix-up")

    measure.refresh_from_db()
    assert measure.state == Measure.State.LIFTED and duty(case, "review_emergency").state == "done"
    todo = queries.to_do(case, world.bo.user, world.bo.keyring)
    assert any(d.title.startswith("Undo it") for d in todo if d.row.state == "open")


@pytest.mark.requirement("R60")
def test_what_needs_a_second_person_is_never_taken_at_once(world: World) -> None:
    case = open_case(world)
    facts = {"scope": "network", "safety": "x", "details": ""}
    for kind in ("public_account", "refund", "apology"):
        with pytest.raises(duties.WrongState):
            measures.at_once(case, world.bo.keyring, by=world.bo.user, kind=kind, **facts)


def test_what_was_voted_on_is_changed_by_a_vote_alone(world: World) -> None:
    case = decided(world, wanted("ban"))
    (measure,) = case.measures.all()
    blocked("voted", measures.lift, measure, world.bo.keyring, by=world.bo.user, reason="He is a friend")


@pytest.mark.requirement("R57")
def test_who_took_a_measure_alone_does_not_lift_it_before_somebody_looked(world: World) -> None:
    case = met(world)
    measure = measures.at_once(case, world.bo.keyring, by=world.bo.user, **EVENT_BAN)
    blocked("second_person", measures.lift, measure, world.bo.keyring, by=world.bo.user, reason="On second thoughts")
    with pytest.raises(duties.WrongState):  # a double click
        measures.at_once(case, world.bo.keyring, by=world.bo.user, **EVENT_BAN)
    measures.at_once(case, world.bo.keyring, by=world.bo.user, **EVENT_BAN | {"scope": "online"})
    nothing = deciding.Proposal("no_breach", "contact", "", "", "Nothing happened")
    all_vote(propose(case, world.bo, nothing), world.bo, world.ada)
    assert not case.measures.filter(state=Measure.State.IN_FORCE).exists()


def test_nothing_is_taken_at_once_in_a_closed_case(world: World) -> None:
    case = decided(world)
    case.duties.update(state="done")
    closing.close(case, world.bo.keyring, by=world.bo.user)
    with pytest.raises(duties.WrongState):
        measures.at_once(case, world.bo.keyring, by=world.bo.user, **EVENT_BAN)


def test_a_short_ban_that_was_voted_on_is_not_lifted_by_one(world: World) -> None:
    case = decided(world, wanted("ban", scope="event", ends_on=timezone.localdate() + timedelta(days=10)))
    reason = "He is a friend"
    blocked("voted", measures.lift, case.measures.get(), world.cleo.keyring, by=world.cleo.user, reason=reason)


def test_what_was_enforced_before_it_was_decided_anew_is_undone_in_the_end(world: World) -> None:
    case = decided(world, wanted("ban"))
    for each in case.duties.filter(name="enforce"):
        duties.tick(each, world.bo.keyring, by=world.bo.user)
    case = decided(world, wanted("ban"), case=case)
    nothing = deciding.Proposal("no_breach", "contact", "", "", "A mistake")
    all_vote(propose(case, world.bo, nothing), world.bo, world.ada)
    open_titles = [t.title for t in queries.to_do(case, world.bo.user, world.bo.keyring) if t.row.state == "open"]
    assert any("Undo it" in title for title in open_titles)


@pytest.mark.requirement("R59")
def test_a_measure_whose_last_day_has_passed_is_over_and_undone_by_whoever_put_it_in_place(world: World) -> None:
    ends = timezone.localdate() + timedelta(days=3)
    case = decided(world, wanted("ban", ends_on=ends))
    measure = case.measures.get()
    place = case.duties.filter(name="enforce").first()
    assert place
    duties.tick(place, world.bo.keyring, by=world.bo.user)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        tasks.go_round()
        measure.refresh_from_db()
        assert measure.state == Measure.State.IN_FORCE
    with time_machine.travel(timezone.now() + timedelta(days=5)):
        tasks.go_round()
        tasks.go_round()
        measure.refresh_from_db()
        assert measure.state == Measure.State.RUN_OUT
        undo = case.duties.get(name="undo_measure")
        assert (undo.owner, undo.measure, undo.state) == (world.bo.user, measure, "open")
        assert not case.duties.filter(name__in=["enforce", "look_at_end"], state="open").exists()
        page = world.bo.client().get(case.get_absolute_url()).content.decode()
        assert "undo it wherever it was put in place" in page
        duties.tick(undo, world.bo.keyring, by=world.bo.user)
    # It was a ban all the same, for whoever compares.
    assert case.outcome.measures == ["ban"]
    assert Outcome.objects.get(case=case).measures == ["ban"]


@pytest.mark.requirement("R79")
def test_what_is_lifted_later_is_compared_as_it_stands(world: World) -> None:
    case = decided(world, wanted("ban", ends_on=timezone.localdate() + timedelta(days=90)))
    assert Outcome.objects.get(case=case).measures == ["ban"]
    with time_machine.travel(timezone.now() + timedelta(days=85)):
        measures.lift(case.measures.get(), world.ada.keyring, by=world.ada.user, reason="They have moved away")
    assert Outcome.objects.get(case=case).measures == []
