"""What somebody with bad intent, or two clicks too many, tries on decisions, letters, appeals and the end of a case."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from heard.cases import queries
from heard.cases.actions import appeals, closing, deciding, duties, hearing, joining, measures, notices, people
from heard.cases.models import Appeal, Case, Decision, Measure, Notice
from heard.community import actions as community
from heard.reports.actions import handling
from tests.cases.test_cases import duty, open_case, reported
from tests.cases.test_outcome import (
    WELL,
    approve,
    blocked,
    breach,
    decided,
    decided_by_three,
    letter,
    met,
    propose,
    sent,
    told,
    wanted,
)  # fmt: skip
from tests.conftest import Person, World, join, letter_key, report_to

EVENT_BAN = {"kind": "ban", "scope": "event", "safety": "Others can sit anywhere", "details": ""}


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


@pytest.mark.requirement("R54")
def test_a_letter_about_what_was_decided_before_does_not_leave(world: World) -> None:
    case = decided(world, wanted("ban"))
    old = letter(case, world.bo, "outcome_breach_reporter")
    notices.hand_to_reader(old, world.bo.keyring, by=world.bo.user)
    old.refresh_from_db()
    approve(old, world.ada)
    decided(world, wanted("warning"), case=case)
    old.refresh_from_db()
    blocked("stale", notices.send, old, world.bo.keyring, by=world.bo.user)


@pytest.mark.requirement("R55")
def test_cases_in_which_something_was_decided_are_not_merged(world: World) -> None:
    one, other = decided(world), decided(world, wanted("ban"))
    appealed(world, other)
    with pytest.raises(duties.WrongState):
        joining.merge(one, other, world.bo.keyring, by=world.bo.user)
    with pytest.raises(duties.WrongState):
        joining.merge(met(world), one, world.bo.keyring, by=world.bo.user)


@pytest.mark.requirement("R44")
def test_the_name_of_a_report_that_was_split_off_is_still_kept_back(world: World) -> None:
    case = met(world, told={"your_name": "Dara Vandermolen", "name_reported": "no"})
    second = report_to(world.berlin, "I saw it")
    handling.acknowledge(second, world.bo.keyring, by=world.bo.user, text="Thank you, we read it.", key=letter_key())
    second.refresh_from_db()
    joining.link(case, second, world.bo.keyring, by=world.bo.user)
    first = next(r for r in queries.reports_of(case) if r.pk != second.pk)
    joining.split_off(case, first, by=world.bo.user)
    party = case.parties.filter(role="reported").first()
    text = "Dara Vandermolen told us what you did."
    assert queries.checked(case, world.bo.keyring, text, to=Notice.To.REPORTED, party=party).shows_somebody


@pytest.mark.requirement("R26")
def test_who_allows_their_name_does_not_allow_their_address(world: World) -> None:
    case = met(world, told={"your_name": "Dara Vandermolen", "name_reported": "yes", "reach_email": "dv@home.example"})
    party = case.parties.filter(role="reported").first()
    said = {
        text: queries.checked(case, world.bo.keyring, text, to=Notice.To.REPORTED, party=party).shows_somebody
        for text in ("Dara Vandermolen told us.", "Write to dv@home.example, please.")
    }
    assert list(said.values()) == [False, True]


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


@pytest.mark.requirement("R52")
def test_no_letter_tells_them_first_while_somebody_is_afraid(world: World) -> None:
    case = met(world)
    Case.objects.filter(pk=case.pk).update(fears=True)
    case.duties.filter(name="tell_reported").update(state="open")
    case.refresh_from_db()
    notice = letter(case, world.bo, "free_reported")
    blocked("fear", notices.hand_to_reader, notice, world.bo.keyring, by=world.bo.user)


@pytest.mark.requirement("R54")
def test_the_second_reader_says_yes_only_to_the_words_they_saw(world: World) -> None:
    case = decided(world)
    notice = letter(case, world.bo, "outcome_breach_reporter")
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user)
    seen = queries.notice_view(Notice.objects.get(pk=notice.pk), world.ada.keyring).digest
    notice.refresh_from_db()
    notices.rewrite(notice, world.bo.keyring, by=world.bo.user, text="We met and decided. Nothing more happens now.")
    notice.refresh_from_db()
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user)
    step = f"/team/cases/{case.pk}/letters/{notice.pk}/step/"
    answer = world.ada.client().post(step, {"do": "read", "seen": seen})
    assert answer.status_code == 409 and "changed since you opened it" in answer.text
    notice.refresh_from_db()
    assert notice.state == Notice.State.READY


@pytest.mark.requirement("R44")
def test_the_paper_is_checked_once_more(world: World) -> None:
    case = decided(world)
    text = "Hello. Zebulon Underhill will be at the door on Friday, and he knows what was decided."
    notice = letter(case, world.bo, "staff", text)
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user)
    notice.refresh_from_db()
    approve(notice, world.ada)
    page = f"/team/cases/{case.pk}/letters/{notice.pk}/paper/"
    assert world.bo.client().get(page)["Content-Type"] == "application/pdf"
    people.add(case, world.bo.keyring, by=world.bo.user, role="witness", facts={"name": "Zebulon Underhill"})
    assert world.bo.client().get(page).headers.get("Content-Type") != "application/pdf"


def test_marked_words_with_a_reason_reach_the_reporter(world: World) -> None:
    case = decided(world)
    text = "Hello. If you would rather withdraw your report, just let us know and we will close it."
    sent(world, letter(case, world.bo, "free_reporter", text), reason="They asked whether they may")
    assert Notice.objects.get().state == Notice.State.SENT


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


def test_there_is_an_end_to_what_is_written_with_a_code(world: World) -> None:
    case = met(world)
    party = case.parties.filter(role="reported").first()
    assert party
    code = hearing.make_code(case, party, world.bo.keyring, by=world.bo.user, words="We received a report about you.")
    guest = Client()
    for _ in range(15):
        assert "arrived" in guest.post("/answer/write/", {"code": code, "text": "x" * 20_000}).text
    full = guest.post("/answer/write/", {"code": code, "text": "one more"})
    assert "nothing more fits" in full.text and "one more" in full.text


@pytest.mark.requirement("R80")
def test_a_lead_who_must_not_know_of_a_case_gets_no_proposal_from_it(world: World) -> None:
    case = decided(world)
    people.add(case, world.bo.keyring, by=world.bo.user, role="reported", facts={"name": "Ada Winterbottom"})
    words = {"went_well": "", "was_hard": "", "lacked": "What happens when it is about a lead"}
    closing.look_back(case, world.bo.keyring, by=world.bo.user, **words)
    assert not world.berlin.proposals.exists()


def test_a_letter_too_long_to_be_checked_is_refused_and_kept(world: World) -> None:
    case = decided(world)
    report = queries.reports_of(case)[0]
    long = "We met and decided. " * 1_001
    client = world.bo.client()
    answer = client.post(f"/team/reports/{report.pk}/answer/", {"text": long, "key": letter_key()})
    assert "A letter has 20000 characters at most" in answer.text and long[:5_000] in answer.text
    written = client.post(f"/team/cases/{case.pk}/letters/write/free_reporter/", {"text": long, "whom": str(report.pk)})
    assert not Notice.objects.exists() and long[:5_000] in written.text


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


@pytest.mark.requirement("R44", "R52")
def test_what_the_person_harmed_said_is_not_quoted_and_a_kept_back_name_is_not_pointed_at(world: World) -> None:
    case = met(world, told={"your_name": "Dara Vandermolen", "name_handlers": "no"})
    harmed = people.add(case, world.bo.keyring, by=world.bo.user, role="harmed", facts={"name": "Ximena Oakenfold"})
    code = hearing.make_code(case, harmed, world.bo.keyring, by=world.bo.user, words="You can write to us here.")
    said = "I hid in the cloakroom until the last train had left the station"
    Client().post("/answer/write/", {"code": code, "text": said})
    hearing.adopt(case, world.bo.keyring, by=world.bo.user)
    party = case.parties.filter(role="reported").first()
    quoting = f"Somebody wrote: {said}."
    found = queries.checked(case, world.bo.keyring, quoting, to=Notice.To.REPORTED, party=party)
    assert [f.how for f in found.findings if f.how] and found.shows_somebody
    names = "At the door: Ann Bell, Dara Vandermolen, Tom Oak."
    marked = queries.checked(case, world.bo.keyring, names, to=Notice.To.REPORTED, party=party)
    assert [(f.start, f.end) for f in marked.findings if f.how == "named"] == [(0, len(names))]


def test_a_new_code_still_shows_what_they_were_told(world: World) -> None:
    case = decided(world)
    told(world, case)
    party = case.parties.filter(role="reported").first()
    assert party
    code = hearing.make_code(case, party, world.bo.keyring, by=world.bo.user, words="Here is a new code.")
    page = Client().post("/answer/", {"code": code}).text
    assert "Here is a new code." in page and WELL in page
