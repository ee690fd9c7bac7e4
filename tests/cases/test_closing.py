"""The end of a case: everything done, everybody told; opened again, looked back at, merged no more."""

import pytest

from heard.audit import chain as audit
from heard.cases.actions import closing, duties, hearing, joining, notices, people
from heard.cases.models import Case, Outcome
from heard.community.models import Proposal
from heard.reports.actions import handling
from tests.cases.outcome import (
    appealed,
    blocked,
    decided,
    letter,
    met,
    propose,
    told,
    wanted,
)  # fmt: skip
from tests.cases.test_cases import duty, hold, open_case, reported
from tests.conftest import World, letter_key, report_to


@pytest.mark.requirement("R54")
def test_a_case_is_closed_only_with_everything_done_told_and_answered(world: World) -> None:
    case = met(world)
    client = world.bo.client()
    close = f"/team/cases/{case.pk}/close/"
    blocked("undecided", closing.close, case, world.bo.keyring, by=world.bo.user)
    case = decided(world, case=case)
    blocked("not_done", closing.close, case, world.bo.keyring, by=world.bo.user)
    for name in ("tell_outcome_reporter", "tell_outcome_reported"):
        blocked("page", duties.tick, duty(case, name), world.bo.keyring, by=world.bo.user)
        blocked("reason", duties.waive, duty(case, name), world.bo.keyring, by=world.bo.user, reason="")
    told(world, case)
    for row in case.duties.filter(state="open"):
        duties.waive(row, world.bo.keyring, by=world.bo.user, reason="done by phone")
    draft = letter(case, world.bo, "free_reporter")
    blocked("unsent", closing.close, case, world.bo.keyring, by=world.bo.user)
    notices.drop(draft, world.bo.keyring, by=world.bo.user)
    client.post(close)
    case.refresh_from_db()
    assert case.state == Case.State.CLOSED
    blocked("reason", closing.reopen, case, world.bo.keyring, by=world.bo.user, reason="")
    client.post(f"/team/cases/{case.pk}/reopen/", {"reason": "Somebody else came forward"})
    case.refresh_from_db()
    assert case.state == Case.State.DECIDED
    assert {"case.closed", "case.reopened"} <= {e.what for e in audit.entries(f"safe:{case.safe_id}")}


@pytest.mark.requirement("R80")
def test_what_the_policy_lacked_goes_to_the_lead_and_shows_nobody(world: World) -> None:
    case = decided(world)
    facts = {"went_well": "The poll", "was_hard": ""}
    named = "A rule for people like Jonathan Quagmire"
    blocked("shows_somebody", closing.look_back, case, world.bo.keyring, by=world.bo.user, lacked=named, **facts)
    page = world.bo.client().post(f"/team/cases/{case.pk}/look-back/", {**facts, "lacked": "A rule for shared flats"})
    assert page.status_code == 302
    lead = world.ada.client()
    assert "A rule for shared flats" in lead.get("/team/of/berlin/policy/").text
    row = Proposal.objects.get()
    lead.post(f"/team/of/berlin/policy/proposals/{row.pk}/", {"state": "taken"})
    row.refresh_from_db()
    assert row.state == Proposal.State.TAKEN


def test_a_drill_leaves_no_figures(world: World) -> None:
    world.bo.client().post("/team/of/berlin/drill/", {"level": "witnessed"})
    case = Case.objects.get(is_drill=True)
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text="no", key="k")
    hold(case, world.bo, world.ada, world.bo)
    case.refresh_from_db()
    decided(world, case=case)
    assert not Outcome.objects.exists()


@pytest.mark.requirement("R54")
def test_who_reported_late_hears_the_outcome_before_the_case_closes(world: World) -> None:
    case = decided(world)
    told(world, case)
    late = report_to(world.berlin, "He did it to me too")
    handling.acknowledge(late, world.bo.keyring, by=world.bo.user, text="Thank you, we read it.", key=letter_key())
    late.refresh_from_db()
    joining.link(case, late, world.bo.keyring, by=world.bo.user)
    assert case.duties.filter(name="tell_outcome_reporter", report=late, state="open").exists()
    blocked("not_done", closing.close, case, world.bo.keyring, by=world.bo.user)
    case.duties.filter(report=late).delete()
    case.duties.update(state="done")
    blocked("untold", closing.close, case, world.bo.keyring, by=world.bo.user)


@pytest.mark.requirement("R54")
def test_leaving_the_decision_out_does_not_leave_out_the_answer_to_the_reporter(world: World) -> None:
    case = open_case(world)
    duties.waive(duty(case, "decide"), world.bo.keyring, by=world.bo.user, reason="It was sent to us by mistake")
    assert duty(case, "tell_outcome_reporter").state == "open"


@pytest.mark.requirement("R55")
def test_cases_in_which_something_was_decided_are_not_merged(world: World) -> None:
    one, other = decided(world), decided(world, wanted("ban"))
    appealed(world, other)
    with pytest.raises(duties.WrongState):
        joining.merge(one, other, world.bo.keyring, by=world.bo.user)
    with pytest.raises(duties.WrongState):
        joining.merge(met(world), one, world.bo.keyring, by=world.bo.user)


@pytest.mark.requirement("R40")
def test_closing_and_opening_again_skips_neither_meeting_nor_objection(world: World) -> None:
    case = open_case(world, "private")
    reported(case, world.bo)
    for each in case.duties.filter(state="open").exclude(name="safe_now"):
        duties.waive(each, world.bo.keyring, by=world.bo.user, reason="They object")
    case.duties.filter(state="open").update(state="waived")
    closing.close(case, world.bo.keyring, by=world.bo.user)
    closing.reopen(case, world.bo.keyring, by=world.bo.user, reason="Again")
    case.refresh_from_db()
    assert case.state == Case.State.OPEN
    blocked("not_met", propose, case, world.bo, unheard="They were not asked")
    Case.objects.filter(pk=case.pk).update(objected=True, state=Case.State.MET)
    blocked("objected", propose, case, world.bo, unheard="They were not asked")


@pytest.mark.requirement("R80")
def test_a_lead_who_must_not_know_of_a_case_gets_no_proposal_from_it(world: World) -> None:
    case = decided(world)
    people.add(case, world.bo.keyring, by=world.bo.user, role="reported", facts={"name": "Ada Winterbottom"})
    words = {"went_well": "", "was_hard": "", "lacked": "What happens when it is about a lead"}
    closing.look_back(case, world.bo.keyring, by=world.bo.user, **words)
    assert not world.berlin.proposals.exists()


@pytest.mark.requirement("R79")
def test_a_case_in_which_nothing_was_decided_is_counted_as_that(world: World) -> None:
    case = open_case(world)
    for row in case.duties.filter(state="open"):
        duties.waive(row, world.bo.keyring, by=world.bo.user, reason="It was a mistake")
    for row in case.duties.filter(state="open"):
        duties.waive(row, world.bo.keyring, by=world.bo.user, reason="Told by phone")
    closing.close(case, world.bo.keyring, by=world.bo.user)
    assert (Outcome.objects.get(case=case).finding, Outcome.objects.get(case=case).measures) == ("", [])
