"""The reporter's mailbox."""

import re
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from heard.outbox import jobs
from heard.outbox.models import Letter
from heard.reports.actions import handling
from heard.reports.models import Attachment, Message, Report, ReporterAddress
from heard.vault import receipts
from tests.conftest import SECRET, World, letter_key, report_to
from tests.reports.test_handling import acknowledge


@pytest.fixture
def token() -> receipts.FormToken:
    return receipts.new_form()


@pytest.fixture
def report(world: World, token: receipts.FormToken) -> Report:
    return report_to(world.berlin, token=token, who="the grey man", attached=[])


def enter(client: Client, token: receipts.FormToken) -> Any:
    return client.post("/receipt/", {"code": token.receipt.spelled})


def hidden(page: Any, name: str = "pass") -> str:
    found = re.search(rf'name="{name}" value="(\w+)"', page.text)
    assert found
    return found[1]


def test_the_code_opens_the_mailbox_without_cookie_and_the_report_stays_hidden(
    report: Report, token: receipts.FormToken, client: Client
) -> None:
    page = enter(client, token)
    assert "Your mailbox" in page.text
    assert SECRET not in page.text
    assert not page.cookies

    shown = client.post("/receipt/look/", {"pass": hidden(page), "show": "yes"})
    assert SECRET in shown.text
    assert "the grey man" in shown.text


def test_a_mistyped_code_is_told_apart_from_an_unknown_one(
    report: Report, token: receipts.FormToken, client: Client
) -> None:
    right = token.receipt.spelled
    slip = right[:-1] + ("A" if right[-1] != "A" else "B")

    assert "There is a slip in this code" in client.post("/receipt/", {"code": slip}).text
    assert "nothing is here under it" in client.post("/receipt/", {"code": receipts.new().spelled}).text
    for typed in ("hello", "1234"):
        page = client.post("/receipt/", {"code": typed}).text
        assert "There is a slip" in page
        assert f'value="{typed}"' in page
    assert "Please type your code first" in client.post("/receipt/", {"code": " "}).text


@pytest.mark.requirement("R30")
def test_the_handlers_are_named_once_it_is_acknowledged(
    world: World, report: Report, token: receipts.FormToken, client: Client
) -> None:
    assert "is the one who writes to you" not in enter(client, token).text
    acknowledge(report, world.bo, "We have your report.")
    page = enter(client, token).text

    assert "Ada, Bo, Cleo" in page
    assert "Bo is the one who writes to you" in page
    assert "We have your report." in page


def test_writing_on_adds_and_overwrites_nothing(
    world: World, report: Report, token: receipts.FormToken, client: Client
) -> None:
    page = enter(client, token)
    sent = {"pass": hidden(page), "key": hidden(page, "key"), "text": "and another thing"}
    first, second = client.post("/receipt/write/", sent), client.post("/receipt/write/", sent)

    assert "What you wrote has arrived" in first.text
    assert "and another thing" in second.text
    assert Message.objects.count() == 1
    report.refresh_from_db()
    assert report.news_for_team
    assert world.ada.keyring.reveal(Report.objects.get(), "answers")["what_happened"] == SECRET


def test_more_files_can_be_added_and_downloaded(report: Report, token: receipts.FormToken, client: Client) -> None:
    page = enter(client, token)
    file = SimpleUploadedFile("näher.txt", b"more to say")
    page = client.post("/receipt/write/", {"pass": hidden(page), "key": "k" * 20, "text": "", "files": file})
    assert "näher.txt" in page.text

    got = client.post("/receipt/file/", {"pass": hidden(page), "file": str(Attachment.objects.get().pk)})

    assert b"".join(got.streaming_content) == b"more to say"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Type"] == "application/octet-stream"


def test_nobody_gets_a_file_of_another_report(
    world: World, report: Report, token: receipts.FormToken, client: Client
) -> None:
    from tests.vault.test_files import keep

    other = report_to(world.berlin, attached=[keep(b"theirs")])
    page = enter(client, token)

    for wanted in (str(other.attachments.get().pk), "x", ""):
        assert client.post("/receipt/file/", {"pass": hidden(page), "file": wanted}).status_code == 404


def test_a_pass_that_ran_out_asks_for_the_code_and_keeps_the_words(
    report: Report, token: receipts.FormToken, client: Client
) -> None:
    page = enter(client, token)
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=31)):
        asked = client.post("/receipt/write/", {"pass": hidden(page), "key": "k" * 20, "text": "long thoughts"})
        assert "type your code once more" in asked.text
        assert "long thoughts" in asked.text
        again = client.post("/receipt/", {"code": token.receipt.spelled, "text": "long thoughts"})
        assert "long thoughts" in again.text
    assert not Message.objects.exists()


@pytest.mark.parametrize("path", ["look", "write", "check", "replace", "file"])
def test_without_a_pass_nothing_opens(report: Report, client: Client, path: str) -> None:
    for forged in ("", "00", "f" * 200):
        page = client.post(f"/receipt/{path}/", {"pass": forged, "text": "x"})
        assert "Open your mailbox" in page.text
    assert client.get(f"/receipt/{path}/").status_code == 405


def test_a_new_code_opens_and_the_old_one_opens_nothing(
    report: Report, token: receipts.FormToken, client: Client
) -> None:
    page = enter(client, token)
    old_pass = hidden(page)
    page = client.post("/receipt/replace/", {"pass": old_pass})
    found = re.search(r'id="code">([\w-]+)<', page.text)
    assert found

    assert "nothing is here under it" in enter(client, token).text
    assert "replaced by a new one" in client.post("/receipt/look/", {"pass": old_pass}).text
    assert "Your mailbox" in client.post("/receipt/", {"code": found[1]}).text


def test_checking_the_code(report: Report, token: receipts.FormToken, client: Client) -> None:
    page = enter(client, token)
    wrong = client.post("/receipt/check/", {"pass": hidden(page), "code": receipts.new().spelled})
    assert "What you typed is not this code" in wrong.text
    right = client.post("/receipt/check/", {"pass": hidden(page), "code": token.receipt.spelled.lower()})
    assert "Well kept" in right.text


@pytest.mark.requirement("R40")
def test_the_question_whether_to_go_ahead_is_answered_once(
    world: World, report: Report, token: receipts.FormToken, client: Client
) -> None:
    assert "Are you OK with us going ahead?" not in enter(client, token).text
    acknowledge(report, world.bo)
    handling.ask_consent(report, world.bo.keyring, by=world.bo.user, text="we go ahead", key=letter_key())
    page = enter(client, token)
    assert "Are you OK with us going ahead?" in page.text

    done = client.post("/receipt/write/", {"pass": hidden(page), "key": hidden(page, "key"), "consent": "no"})

    assert "We have your No" in done.text
    assert "Are you OK with us going ahead?" not in done.text


@pytest.mark.requirement("R41", "R42", "R43")
def test_no_page_of_the_reporter_offers_withdrawal_or_a_say(
    world: World, report: Report, token: receipts.FormToken, client: Client
) -> None:
    acknowledge(report, world.bo)
    pages = [client.get("/r/berlin/").text, enter(client, token).text]

    for page in pages:
        for word in ("withdraw", "take back", "drop the", "penalt", "sanction", "what should we do", "punish"):
            assert word not in page.lower(), word


def test_a_full_disk_keeps_the_message(
    report: Report, token: receipts.FormToken, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    from heard.audit import chain

    page = enter(client, token)

    def full(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(chain, "record", full)
    answer = client.post("/receipt/write/", {"pass": hidden(page), "key": "k" * 20, "text": "typed with care"})

    assert answer.status_code == 507
    assert "typed with care" in answer.text
    assert not Message.objects.exists()
    assert "Your mailbox" in enter(client, token).text


def test_too_long_a_message_is_kept_on_the_page(report: Report, token: receipts.FormToken, client: Client) -> None:
    from heard.reports.forms import LONGEST

    page = client.post(
        "/receipt/write/", {"pass": hidden(enter(client, token)), "key": "k" * 20, "text": "z" * (LONGEST + 1)}
    )

    assert "too long for one message" in page.text
    assert "z" * (LONGEST + 1) in page.text


@pytest.mark.requirement("R17", "R19")
def test_nobody_who_is_left_out_is_named_as_a_helper(world: World, client: Client) -> None:
    from datetime import timedelta

    from heard.community import actions as community

    now = timezone.now()
    community.add_shift(
        world.berlin,
        by=None,
        member=world.ada.member,
        event=None,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=9),
    )
    community.add_contact(world.berlin, by=None, name="Ada the lead", how="green vest")
    community.change_team(world.berlin, by=world.ada.user, duty_phone="030 5550 1")
    token = receipts.new_form()
    page = client.post("/r/berlin/", {"token": str(token), "what_happened": "x", "about_organiser": "yes"})

    for text in (page.text, enter(client, token).text):
        assert "On duty here now" not in text
        assert "030 5550 1" not in text
        assert "Ada the lead" not in text


def test_who_comes_back_with_the_code_is_no_machine(world: World, client: Client) -> None:
    from heard.reports.models import Alarm

    token = receipts.new_form()
    report = report_to(world.berlin, token=token, suspected=True, danger=False)
    page = enter(client, token)
    client.post("/receipt/write/", {"pass": hidden(page), "key": "k" * 20, "text": "He is at the door again"})

    report.refresh_from_db()
    assert not report.suspected
    assert Alarm.objects.get(report=report).next_at < timezone.now() + timezone.timedelta(hours=12)


def test_what_was_put_aside_says_so_and_asks_nothing(
    world: World, report: Report, token: receipts.FormToken, client: Client
) -> None:
    acknowledge(report, world.bo)
    handling.ask_consent(report, world.bo.keyring, by=world.bo.user, text="we go ahead", key=letter_key())
    handling.put_aside(report, by=world.bo.user, why="spam")
    page = enter(client, token).text

    assert "put it aside" in page
    assert "Are you OK with us going ahead?" not in page


def test_whole_letters_go_by_mail_only_where_the_reporter_chose_it(
    world: World, report: Report, token: receipts.FormToken, client: Client, mailoutbox: list[EmailMessage]
) -> None:
    def answer(words: str) -> list[str]:
        handling.answer(report, world.bo.keyring, by=world.bo.user, text=words, key=letter_key())
        jobs.run_due()
        return [m.body for m in mailoutbox if m.to == ["rea@example.org"]]

    acknowledge(report, world.bo, "We have your report.")
    assert answer("We meet on Monday.") == []

    page = enter(client, token)
    for typed, says in (("", "Please write your address first"), ("rea at home", "it does not look like one")):
        refused = client.post("/receipt/mail/", {"pass": hidden(page), "email": typed})
        assert refused.status_code == 422
        assert says in refused.text
        assert f'value="{typed}"' in refused.text or not typed
    assert not ReporterAddress.objects.exists()

    chosen = client.post("/receipt/mail/", {"pass": hidden(page), "email": "rea@example.org"})
    assert "Letters come to you by e-mail" in chosen.text
    (mail,) = answer("We met, and he will not come back this year.")
    assert "We met, and he will not come back this year." in mail
    assert mailoutbox[-1].subject == "A letter for you"
    assert mailoutbox[-1].from_email == settings.HEARD["HEARD_REPORTER_MAIL_FROM"]
    assert not Letter.objects.exclude(body=None).filter(kind=Letter.Kind.WHOLE).exists()  # wiped once it left

    assert "Nothing more comes" in client.post("/receipt/mail/", {"pass": hidden(chosen), "stop": "yes"}).text
    before = len(mailoutbox)
    assert len(answer("You hear from us next week.")) == 1 and len(mailoutbox) == before
