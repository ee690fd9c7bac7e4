"""Appeals: by whom, until when, answered by whom; and how those who decided first try to get around it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from heard.cases import queries
from heard.cases.actions import appeals, closing, deciding, duties, hearing, measures, people
from heard.cases.models import Appeal, Case, Decision, Measure, Outcome
from heard.community import actions as community
from heard.vault.keyring import NoGrant
from tests.cases.outcome import (
    EVENT_BAN,
    all_vote,
    appealed,
    blocked,
    breach,
    decided,
    decided_by_three,
    propose,
    told,
    wanted,
)  # fmt: skip
from tests.cases.test_cases import duty
from tests.conftest import SECRET, World, join


@pytest.mark.requirement("R55")
def test_an_appeal_with_the_code_is_answered_by_others_and_the_measure_stands_meanwhile(world: World) -> None:
    people = [join(world.berlin, name) for name in ("Eli", "Fay", "Gil")]
    case = decided_by_three(world, people[0], wanted("ban"))
    code = told(world, case)
    guest = Client()
    assert "stays in force meanwhile" in guest.post("/answer/", {"code": code}).text
    body = {"code": code, "grounds": "facts", "text": f"I was in another town {SECRET}"}

    assert "It has arrived" in guest.post("/answer/appeal/", body).text

    case.refresh_from_db()
    assert case.state == Case.State.APPEALED
    assert queries.measures(case, world.bo.keyring)[0].row.state == Measure.State.IN_FORCE
    hearing.adopt(case, world.bo.keyring, by=world.bo.user)
    assert SECRET in queries.appeals(case, world.bo.keyring)[0].words
    # A second one, or an answer by those who decided, is not possible.
    assert "nothing can be appealed" in guest.post("/answer/appeal/", body).text
    blocked("panel", propose, case, world.bo)
    appeal = queries.open_appeal(case)
    assert appeal and {m.shown_name for m in queries.panel(case, appeal)} == {"Cleo", "Fay", "Gil"}
    assert duty(case, "answer_appeal").due_at <= timezone.now() + timedelta(days=14, hours=2)


@pytest.mark.requirement("R55")
def test_an_appeal_that_changes_a_measure(world: World) -> None:
    people = [join(world.berlin, name) for name in ("Eli", "Fay", "Gil")]
    case = decided_by_three(world, people[0], wanted("ban"), wanted("video_withheld"))
    told(world, case)
    appeals.write_down(case, world.bo.keyring, by=world.bo.user, grounds="measure", text="For ever is too long")
    case.refresh_from_db()
    end = timezone.localdate() + timedelta(days=200)
    decision = propose(case, people[1], breach(wanted("ban", ends_on=end)))
    with pytest.raises(duties.WrongState):
        deciding.vote(decision, world.bo.keyring, by=world.bo.user, choice="no")
    for person in people[1:]:
        deciding.vote(decision, person.keyring, by=person.user, choice="yes")

    in_force = queries.measures(case, world.bo.keyring)
    assert [(m.row.kind, m.row.ends_on) for m in in_force] == [("ban", end)]
    assert case.measures.get(kind="video_withheld").state == Measure.State.LIFTED
    assert case.appeals.get().outcome == Appeal.Outcome.CHANGED
    assert Outcome.objects.get(case=case).appealed == "changed"
    assert case.duties.filter(name="tell_outcome_reported", state="open").count() == 1


@pytest.mark.requirement("R55")
def test_where_too_few_are_left_the_global_team_answers_the_appeal(world: World) -> None:
    case = decided(world, wanted("ban"))
    told(world, case)
    appeals.write_down(case, world.bo.keyring, by=world.bo.user, grounds="process", text="Nobody asked me")
    case.refresh_from_db()
    appeal = queries.open_appeal(case)
    assert appeal and not appeals.is_enough(case, appeal)
    assert queries.case_for(world.gita.user, case.pk) is None

    page = world.bo.client().post(f"/team/cases/{case.pk}/appeal/lend/")

    assert page.status_code == 302 and appeals.is_enough(case, appeal)
    assert queries.case_for(world.gita.user, case.pk) == case
    assert world.gita.client().get(f"/team/cases/{case.pk}/outcome/").status_code == 200
    decision = propose(case, world.gita, breach(wanted("ban")))
    for person in (world.gita, world.gus):
        deciding.vote(decision, person.keyring, by=person.user, choice="yes")
    assert case.appeals.get().outcome == Appeal.Outcome.UPHELD
    # They were lent for this alone.
    assert queries.case_for(world.gita.user, case.pk) is None
    with pytest.raises(NoGrant):
        world.gus.keyring.key_of(case.safe_id)
    answered = queries.decisions(case, world.bo.user, world.bo.keyring)[0]
    assert {name for name, _choice, _words in answered.votes} == {"Gita", "Gus"}
    assert [m.row.state for m in queries.measures(case, world.bo.keyring)] == [Measure.State.IN_FORCE]


@pytest.mark.requirement("R55")
def test_an_appeal_after_its_time_is_not_taken_and_one_in_time_opens_a_closed_case(world: World) -> None:
    case = decided(world)
    code = told(world, case)
    case.duties.update(state="done")
    closing.close(case, world.bo.keyring, by=world.bo.user)
    found = queries.guest(code)
    assert found
    with pytest.raises(hearing.NotOpen):
        hearing.give_side(found[0], "more")
    with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(hearing.NotOpen):
        appeals.lodge(found[0], grounds="facts", text="late")
    appeals.lodge(found[0], grounds="facts", text="in time")
    case.refresh_from_db()
    assert case.state == Case.State.APPEALED


@pytest.mark.requirement("R51", "R55")
def test_a_party_in_the_global_team_is_never_lent_the_case(world: World) -> None:
    case = decided(world)
    facts = {"name": "Gus Halloran", "handles": "gus@team.example"}
    people.add(case, world.bo.keyring, by=world.bo.user, role="reported", facts=facts)
    appealed(world, case)
    try:
        appeals.lend(case, world.bo.keyring, by=world.bo.user)
    except duties.Blocked as nobody:
        assert nobody.reason == "nobody_to_lend"
    assert queries.case_for(world.gus.user, case.pk) is None
    assert world.gus.client().get(f"/team/cases/{case.pk}/").status_code == 404


@pytest.mark.requirement("R55")
def test_nobody_is_lent_where_there_are_enough(world: World) -> None:
    extra = [join(world.berlin, name) for name in ("Eli", "Fay", "Gil")]
    case = decided_by_three(world, extra[0], wanted("ban"))
    appealed(world, case)
    with pytest.raises(duties.WrongState):
        appeals.lend(case, world.bo.keyring, by=world.bo.user)


@pytest.mark.requirement("R55")
def test_a_loan_ends_with_the_place_in_the_global_team(world: World) -> None:
    case = decided(world)
    appealed(world, case)
    appeals.lend(case, world.bo.keyring, by=world.bo.user)
    assert queries.case_for(world.gus.user, case.pk)
    community.change_member(world.gus.member, role="member", is_active=False, by=world.gita.user)
    assert queries.case_for(world.gus.user, case.pk) is None


@pytest.mark.requirement("R55")
def test_what_waited_for_votes_falls_when_an_appeal_comes(world: World) -> None:
    case = decided(world, wanted("ban"))
    code = told(world, case)
    waiting = propose(case, world.bo, breach(wanted("ban", scope="network")))
    found = queries.guest(code)
    assert found
    appeals.lodge(found[0], grounds="facts", text="There is a witness")
    waiting.refresh_from_db()
    assert waiting.state == Decision.State.REJECTED
    with pytest.raises(duties.WrongState):
        deciding.vote(waiting, world.bo.keyring, by=world.bo.user, choice="yes")
    assert queries.open_appeal(case)


@pytest.mark.requirement("R55")
def test_those_who_decided_first_do_not_undo_what_an_appeal_changed(world: World) -> None:
    extra = [join(world.berlin, name) for name in ("Eli", "Fay", "Gil")]
    case = decided_by_three(world, extra[0], wanted("ban"))
    appeal = appealed(world, case)
    panel = [p for p in (world.cleo, *extra) if p.user.pk in {m.user_id for m in queries.panel(case, appeal)}]
    answer = deciding.propose(
        case,
        panel[0].keyring,
        by=panel[0].user,
        proposal=deciding.Proposal("no_breach", "contact", "", "", "A witness"),
    )
    all_vote(answer, *panel)
    assert answer.state == Decision.State.STANDS
    blocked("panel", propose, case, world.bo, breach(wanted("ban")))


def test_an_appeal_is_shown_to_who_made_it_and_a_note_of_the_team_takes_it_from_nobody(world: World) -> None:
    case = decided(world)
    code = told(world, case)
    harmed = people.add(case, world.bo.keyring, by=world.bo.user, role="harmed", facts={"name": "Ximena Oakenfold"})
    theirs = hearing.make_code(
        case, harmed, world.bo.keyring, by=world.bo.user, words="We heard what happened. You can write to us here."
    )
    appeals.write_down(case, world.bo.keyring, by=world.bo.user, grounds="process", text="He said it was unfair")
    assert "Your appeal arrived" not in Client().post("/answer/", {"code": theirs}).text
    assert "It has arrived" in Client().post("/answer/appeal/", {"code": code, "grounds": "facts", "text": "No"}).text


@pytest.mark.requirement("R55")
def test_who_was_lent_to_an_appeal_does_nothing_else(world: World) -> None:
    case = decided(world, wanted("ban"))
    appealed(world, case)
    appeals.lend(case, world.bo.keyring, by=world.bo.user)
    assert world.gus.client().get(f"/team/cases/{case.pk}/").status_code == 200
    with pytest.raises(duties.WrongState):
        measures.at_once(case, world.gus.keyring, by=world.gus.user, **EVENT_BAN | {"kind": "leave"})
    waiting = case.duties.filter(state="open").first()
    assert waiting
    with pytest.raises(duties.WrongState):
        duties.waive(waiting, world.gus.keyring, by=world.gus.user, reason="It is late")
