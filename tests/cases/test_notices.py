"""Letters: drafted, checked, read by a second person, sent or handed over; what keeps one from leaving."""

import re

import pytest
from django.test import Client

from heard import guidance
from heard.cases import queries
from heard.cases.actions import duties, hearing, joining, notices, people
from heard.cases.models import Case, GuestCode, Notice
from heard.reports import queries as reports
from heard.reports.actions import handling
from heard.reports.models import Report
from tests.cases.outcome import (
    WELL,
    approve,
    blocked,
    decided,
    letter,
    met,
    sent,
    told,
    wanted,
)  # fmt: skip
from tests.cases.test_cases import duty
from tests.conftest import World, letter_key, report_to


@pytest.mark.requirement("R54")
def test_a_letter_leaves_checked_and_read_by_a_second_person(world: World) -> None:
    case = decided(world)
    notice = letter(case, world.bo, "outcome_breach_reporter")
    blocked("unread", notices.send, notice, world.bo.keyring, by=world.bo.user)
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user)
    notice.refresh_from_db()
    blocked("second_reader", approve, notice, world.bo)
    approve(notice, world.ada)
    notice.refresh_from_db()
    notices.send(notice, world.bo.keyring, by=world.bo.user)

    report = Report.objects.get(case_safe=case.safe_id)
    assert WELL in [line.body for line in reports.conversation(report, world.bo.keyring, notes=False)]
    assert duty(case, "tell_outcome_reporter").state == "done"
    with pytest.raises(duties.WrongState):
        notices.send(notice, world.bo.keyring, by=world.bo.user)


def test_who_changes_a_letter_has_it_read_again(world: World) -> None:
    case = decided(world)
    notice = letter(case, world.bo, "outcome_breach_reporter")
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user)
    notice.refresh_from_db()
    approve(notice, world.ada)
    notices.rewrite(notice, world.cleo.keyring, by=world.cleo.user, text="Something else entirely is written here now.")
    notice.refresh_from_db()
    assert notice.state == Notice.State.DRAFT
    blocked("unread", notices.send, notice, world.bo.keyring, by=world.bo.user)


@pytest.mark.requirement("R41", "R42", "R43", "R54")
def test_marked_words_leave_only_with_a_reason_on_record(world: World) -> None:
    case = decided(world)
    bad = "Hello. If you would rather withdraw your report, just let us know and we will close it."
    notice = letter(case, world.bo, "free_reporter", bad)
    blocked("marked", notices.hand_to_reader, notice, world.bo.keyring, by=world.bo.user)
    notices.hand_to_reader(notice, world.bo.keyring, by=world.bo.user, reason="They asked whether they can")
    view = queries.notice_view(Notice.objects.select_related("case__team").get(pk=notice.pk), world.ada.keyring)
    assert view.reason == "They asked whether they can" and view.text == bad


@pytest.mark.requirement("R28")
def test_only_the_contact_sends_to_the_reporter(world: World) -> None:
    case = decided(world)
    notice = letter(case, world.ada, "outcome_breach_reporter")
    notices.hand_to_reader(notice, world.ada.keyring, by=world.ada.user)
    notice.refresh_from_db()
    approve(notice, world.bo)
    notice.refresh_from_db()
    blocked("contact", notices.send, notice, world.ada.keyring, by=world.ada.user)
    assert duty(case, "tell_outcome_reporter").state == "open"


@pytest.mark.requirement("R54")
def test_what_is_in_brackets_or_too_long_does_not_leave(world: World) -> None:
    case = decided(world)
    text = guidance.notices()["outcome_none_reporter"].text
    notice = letter(case, world.bo, "outcome_none_reporter", text)
    blocked("open_places", notices.hand_to_reader, notice, world.bo.keyring, by=world.bo.user, reason="x")
    long = letter(case, world.bo, "employer", "word " * 400, acted_as="booth")
    blocked("too_long", notices.hand_to_reader, long, world.bo.keyring, by=world.bo.user, reason="x")


@pytest.mark.requirement("R61", "R62")
def test_an_employer_is_told_only_if_they_acted_for_it(world: World) -> None:
    case = decided(world)
    blocked("acted_as", letter, case, world.bo, "employer")
    blocked("acted_as", letter, case, world.bo, "employer", acted_as="colleague")
    assert len(guidance.ACTED_AS) == 6
    client = world.bo.client()
    page = client.post(f"/team/cases/{case.pk}/letters/write/employer/", {"text": WELL, "acted_as": ""})
    assert page.status_code == 422 and not Notice.objects.exists()
    notice = letter(
        case, world.bo, "employer", "Jonathan Quagmire stood too close to people at your booth.", acted_as="booth"
    )
    assert sent(world, notice) == ""
    assert client.get(f"/team/cases/{case.pk}/letters/{notice.pk}/paper/").content.startswith(b"%PDF")


@pytest.mark.requirement("R65")
def test_an_apology_is_passed_on_in_a_line_and_only_if_it_is_allowed(world: World) -> None:
    case = decided(world)
    text = guidance.notices()["relay_apology"].text
    blocked("no_apology", letter, case, world.bo, "relay_apology", text)
    Case.objects.filter(pk=case.pk).update(takes_apology=True)
    case.refresh_from_db()
    notice = letter(case, world.bo, "relay_apology", text)
    Case.objects.filter(pk=case.pk).update(takes_apology=False)
    blocked("no_apology", notices.hand_to_reader, notice, world.bo.keyring, by=world.bo.user)
    Case.objects.filter(pk=case.pk).update(takes_apology=True)
    long = letter(Case.objects.get(pk=case.pk), world.bo, "relay_apology", "They are sorry. " * 30)
    blocked("too_long", notices.hand_to_reader, long, world.bo.keyring, by=world.bo.user, reason="x")
    sent(world, notice)


@pytest.mark.requirement("R66")
def test_pressing_an_apology_opens_a_case_of_its_own(world: World) -> None:
    case = decided(world, told={"out": [world.cleo]})
    client = world.bo.client()
    page = client.post(f"/team/cases/{case.pk}/following/", {"what": "He sent flowers to her flat, with a card"})
    new = Case.objects.get(follows=case)
    assert page.headers["Location"] == new.get_absolute_url()
    assert [party.name for party in queries.parties(new, world.bo.keyring)] == ["Jonathan Quagmire"]
    assert world.cleo.client().get(new.get_absolute_url()).status_code == 404


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


def test_a_letter_too_long_to_be_checked_is_refused_and_kept(world: World) -> None:
    case = decided(world)
    report = queries.reports_of(case)[0]
    long = "We met and decided. " * 1_001
    client = world.bo.client()
    answer = client.post(f"/team/reports/{report.pk}/answer/", {"text": long, "key": letter_key()})
    assert "A letter has 20000 characters at most" in answer.text and long[:5_000] in answer.text
    written = client.post(f"/team/cases/{case.pk}/letters/write/free_reporter/", {"text": long, "whom": str(report.pk)})
    assert not Notice.objects.exists() and long[:5_000] in written.text


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
    first = told(world, case)
    party = case.parties.filter(role="reported").first()
    assert party
    # Once it is decided, one person alone says nothing new to them: no second reader would have seen it.
    facts = {"by": world.bo.user, "words": "You have to leave the country.", "reason": "x", "although": "x"}
    blocked("letter", hearing.make_code, case, party, world.bo.keyring, **facts)
    shown = world.bo.client().post(f"/team/cases/{case.pk}/tell/", {"party": str(party.pk), "words": "Leave."})
    # A page from before the decision says nothing any more, keeps what was typed, and costs nobody their code.
    assert shown.status_code == 409 and "This was not sent" in shown.text and "Leave." in shown.text
    assert WELL in Client().post("/answer/", {"code": first}).text
    shown = world.bo.client().post(f"/team/cases/{case.pk}/tell/", {"party": str(party.pk), "renew": "1"}).text
    code = re.search(r'id="code">([^<]+)<', shown)
    assert code
    page = Client().post("/answer/", {"code": code[1]}).text
    assert "this is a new code for you" in page and WELL in page and "Leave." not in page


def test_who_was_never_written_to_gets_no_code_after_the_decision(world: World) -> None:
    case = decided(world)
    party = case.parties.filter(role="reported").first()
    assert party
    page = world.bo.client().post(f"/team/cases/{case.pk}/tell/", {"party": str(party.pk), "renew": "1"}, follow=True)
    assert "not possible now" in page.text and not GuestCode.objects.exists()


def test_what_was_told_before_the_decision_stays_under_a_new_code(world: World) -> None:
    case = met(world)
    party = case.parties.filter(role="reported").first()
    assert party
    facts = {"by": world.bo.user, "words": "Somebody told us about Friday."}
    hearing.make_code(case, party, world.bo.keyring, **facts)
    twice = hearing.make_code(case, party, world.bo.keyring, **facts)
    assert Client().post("/answer/", {"code": twice}).text.count("about Friday.") == 1
    case = decided(world, case=case)
    told(world, case)
    for _ in range(2):
        code = hearing.renew_code(case, party, world.bo.keyring, by=world.bo.user)
    page = Client().post("/answer/", {"code": code}).text
    assert page.index("about Friday.") < page.index(WELL) < page.index("this is a new code")
    Case.objects.filter(pk=case.pk).update(state=Case.State.CLOSED)
    assert hearing.renew_code(case, party, world.bo.keyring, by=world.bo.user)
