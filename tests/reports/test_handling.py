"""What the team does with a report."""

import pytest
from django.test import Client

from heard.audit import chain as audit
from heard.reports import queries
from heard.reports.actions import handling, mailbox
from heard.reports.actions.submit import chain
from heard.reports.models import Alarm, Message, Report, WrongState
from heard.vault import receipts, safes
from heard.vault.keyring import NoGrant
from tests.conftest import SECRET, Person, World, letter_key, report_to


def acknowledge(report: Report, by: Person, text: str = "We have it.") -> None:
    handling.acknowledge(report, by.keyring, by=by.user, text=text, key=letter_key())


@pytest.mark.requirement("R7", "R28")
def test_acknowledging_stops_the_nudges_and_makes_a_contact(world: World) -> None:
    report = report_to(world.berlin)

    acknowledge(report, world.bo)

    report.refresh_from_db()
    assert (report.state, report.contact) == ("acknowledged", world.bo.user)
    assert not Alarm.objects.filter(settled_at=None).exists()


@pytest.mark.requirement("R30", "R31")
def test_the_first_letter_names_the_handlers_and_says_that_it_is_documented(world: World) -> None:
    report = report_to(world.berlin, out=[world.cleo])
    page = world.bo.client().get(f"/team/reports/{report.pk}/acknowledge/")

    assert "Ada, Bo" in page.text
    assert "Cleo" not in page.text
    assert "written record" in page.text
    assert "Bo is the one person who writes to you" in page.text


def test_two_who_acknowledge_at_once_send_one_letter(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)

    with pytest.raises(WrongState):
        acknowledge(report, world.ada)
    assert Message.objects.count() == 1


@pytest.mark.requirement("R28")
def test_only_the_contact_writes_and_taking_over_is_on_the_record(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    with pytest.raises(handling.NotTheContact):
        handling.answer(report, world.ada.keyring, by=world.ada.user, text="hello", key=letter_key())

    handling.take_over(report, by=world.ada.user)
    handling.answer(report, world.ada.keyring, by=world.ada.user, text="hello", key=letter_key())

    assert audit.trail(chain(report))[-2:] == ["contact.assigned", "reporter.answered"]


@pytest.mark.requirement("R28")
def test_a_crafted_request_of_another_member_sends_nothing(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    for path in ("answer", "consent"):
        world.ada.client().post(f"/team/reports/{report.pk}/{path}/", {"text": "hi", "key": "k" * 20})

    assert Message.objects.count() == 1


def test_nobody_is_assigned_who_cannot_read_it(world: World) -> None:
    report = report_to(world.berlin, out=[world.cleo])
    with pytest.raises(handling.NotHere):
        handling.assign(report, by=world.bo.user, to=world.cleo.user.pk)


@pytest.mark.requirement("R8")
def test_a_note_among_us_does_not_open_with_the_receipt(world: World) -> None:
    token = receipts.new_form()
    report = report_to(world.berlin, token=token)
    handling.note(report, world.bo.keyring, by=world.bo.user, text="between us", key=letter_key())
    note = Message.objects.get()

    with pytest.raises(NoGrant):
        safes.receipt_keyring(token.receipt).reveal(note, "body")
    assert world.ada.keyring.reveal(note, "body") == "between us"
    assert [n.body for n in queries.conversation(report, safes.receipt_keyring(token.receipt), notes=False)] == []


def test_the_same_page_sent_twice_writes_once(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    for _ in range(2):
        handling.answer(report, world.bo.keyring, by=world.bo.user, text="once", key="k1")
        handling.note(report, world.bo.keyring, by=world.bo.user, text="once", key="k2")

    assert Message.objects.count() == 3


@pytest.mark.requirement("R68")
def test_reading_is_recorded(world: World) -> None:
    report = report_to(world.berlin)
    client = world.bo.client()
    client.get(f"/team/reports/{report.pk}/")
    client.post("/team/reports/", {"words": "xylophone"})

    assert audit.trail(chain(report)) == ["report.arrived", "report.read"]
    assert audit.trail(f"user:{world.bo.user.pk}") == ["reports.searched"]
    assert list(audit.verify()) == []


def test_put_aside_and_back(world: World) -> None:
    report = report_to(world.berlin)
    handling.put_aside(report, by=world.bo.user, why="spam")
    report.refresh_from_db()
    assert report.state == "aside"
    assert not queries.waiting_for(world.bo.user).exists()

    handling.bring_back(report, by=world.ada.user)

    report.refresh_from_db()
    assert report.state == "new"
    assert Alarm.objects.filter(settled_at=None).exists()


@pytest.mark.requirement("R40")
def test_going_ahead_is_announced_and_an_objection_is_kept(world: World) -> None:
    token = receipts.new_form()
    report = report_to(world.berlin, token=token)
    acknowledge(report, world.bo)
    handling.ask_consent(report, world.bo.keyring, by=world.bo.user, text="we go ahead", key=letter_key())
    with pytest.raises(WrongState):
        handling.ask_consent(report, world.bo.keyring, by=world.bo.user, text="again", key=letter_key())

    report.refresh_from_db()
    mailbox.write(report, safes.receipt_keyring(token.receipt), text="", key="k", consent="no")

    answer = Message.objects.get(kind="consent")
    assert world.ada.keyring.reveal(answer, "body") == "no"


def test_search_finds_in_reports_and_messages_of_ones_own_alone(world: World) -> None:
    mine, other = report_to(world.berlin, "The Zürich train"), report_to(world.lagos, "The Zürich bus")
    handling.note(mine, world.bo.keyring, by=world.bo.user, text="call the Conductor", key=letter_key())

    assert queries.search(world.bo.user, world.bo.keyring, "ZÜRICH the") == [mine]
    assert queries.search(world.bo.user, world.bo.keyring, "zürich conductor") == [mine]
    assert queries.search(world.lara.user, world.lara.keyring, "zürich") == [other]


def test_a_member_who_left_sees_nothing(world: World) -> None:
    from heard.community import actions

    report_to(world.berlin)
    actions.change_member(world.cleo.member, role="member", is_active=False, by=world.ada.user)

    assert not queries.reports_for(world.cleo.user).exists()


def test_pages_of_the_team_show_the_report_and_no_name_in_title_or_address(world: World) -> None:
    report = report_to(world.berlin, who="Jonathan Quagmire")
    client = world.bo.client()
    page = client.get(f"/team/reports/{report.pk}/").text
    title = page[page.index("<title>") : page.index("</title>")]

    assert SECRET in page
    assert report.code_name in title
    assert "Quagmire" not in title
    assert SECRET not in client.get("/team/").text + client.get("/team/reports/").text


@pytest.mark.parametrize("url", ["/team/", "/team/reports/"])
def test_lists_take_the_same_number_of_queries_at_1_and_30_rows(
    world: World, url: str, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = world.bo.client()
    counts = []
    for amount in (1, 29):
        for _ in range(amount):
            report_to(world.berlin)
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries_run:
            client.get(url)
        counts.append(len(queries_run))

    assert counts[0] == counts[1]


def test_signing_in_opens_the_key_and_signing_out_closes_it(world: World) -> None:
    client: Client = world.bo.client()
    assert client.get("/team/").status_code == 200
    client.post("/account/sign-out/")
    assert client.get("/team/").status_code == 302


@pytest.mark.requirement("R26")
@pytest.mark.parametrize(("may", "shown"), [("yes", True), ("no", False), ("ask", False), ("", False)])
def test_a_name_reaches_the_handlers_only_where_the_reporter_said_yes(world: World, may: str, shown: bool) -> None:
    report = report_to(world.berlin, your_name="Daranyx", name_handlers=may)
    page = world.bo.client().get(f"/team/reports/{report.pk}/").text

    assert ("Daranyx" in page) is shown
    assert bool(queries.search(world.bo.user, world.bo.keyring, "daranyx")) is shown


def test_a_code_name_is_found_by_search(world: World) -> None:
    report = report_to(world.berlin)

    assert queries.search(world.bo.user, world.bo.keyring, report.code_name.lower()) == [report]


@pytest.mark.requirement("R17", "R19")
def test_the_global_team_sees_that_it_goes_around_and_who_is_left_out(world: World) -> None:
    around = report_to(world.berlin, about_organiser=True)
    text = world.gita.client().get(f"/team/reports/{around.pk}/").text
    assert "This goes around Berlin" in text
    near = report_to(world.berlin, out=[world.cleo])
    page = world.bo.client().get(f"/team/reports/{near.pk}/").text
    assert "Left out of this: Cleo" in page
    assert "goes around" not in page


@pytest.mark.requirement("R46")
def test_what_was_promised_is_somebodys_duty_until_it_is_done(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    assert queries.waiting_for(world.bo.user).get() == report
    assert not queries.waiting_for(world.ada.user).exists()
    handling.assign(report, by=world.bo.user, to=world.ada.user.pk)
    assert queries.waiting_for(world.ada.user).get() == report
    handling.answer(report, world.ada.keyring, by=world.ada.user, text="hello", key=letter_key())
    assert not queries.waiting_for(world.ada.user).exists()


def test_two_texts_are_never_typed_on_one_page(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    client = world.bo.client()

    assert "<textarea" not in client.get(f"/team/reports/{report.pk}/").text
    for path in ("answer", "note"):
        assert client.get(f"/team/reports/{report.pk}/{path}/").text.count("<textarea") == 1
        empty = client.post(f"/team/reports/{report.pk}/{path}/", {"text": "", "key": "k"})
        assert empty.status_code == 422
        assert "Please write something first" in empty.text


def test_putting_aside_without_a_reason_says_so_in_the_open(world: World) -> None:
    report = report_to(world.berlin)
    page = world.bo.client().post(f"/team/reports/{report.pk}/put-aside/", {})

    assert page.status_code == 422
    assert "<details open>" in page.text
    assert audit.trail(chain(report))[-1] == "report.read"


def test_a_letter_is_not_lost_when_somebody_was_faster(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.ada)
    report.refresh_from_db()
    handling.take_over(report, by=world.bo.user)

    page = world.ada.client().post(
        f"/team/reports/{report.pk}/answer/", {"text": "We will meet soon.", "key": letter_key()}
    )

    assert page.status_code == 409
    assert "We will meet soon." in page.text and "your text is still here" in page.text
    assert Message.objects.count() == 1
