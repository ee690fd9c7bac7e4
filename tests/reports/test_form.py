"""The report page, as it is sent by a browser."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heard.reports import rules
from heard.reports.models import Attachment, Message, Report, ReporterAddress
from heard.vault import files, receipts, storage, uploads
from heard.vault.models import PendingFile
from tests.conftest import SECRET, World


def token_of(page: Any) -> str:
    found = re.search(r'name="token" value="(\w+)"', page.text)
    assert found
    return found[1]


def old_token() -> str:
    """Return the token of a form that was open for a minute."""
    token = receipts.new_form()
    return str(receipts.FormToken(token.seed, token.made - 60, token.version))


def send(client: Client, path: str = "/r/berlin/", **fields: Any) -> Any:
    fields.setdefault("what_happened", SECRET)
    fields.setdefault("token", old_token())
    return client.post(path, fields)


def code_of(page: Any) -> str:
    found = re.search(r'id="code">([\w-]+)<', page.text)
    assert found, page.text
    return found[1]


@pytest.mark.requirement("R4", "R22")
def test_only_what_happened_is_needed(world: World, client: Client) -> None:
    page = send(client)

    assert page.status_code == 200
    assert "Your report has arrived" in page.text
    receipts.read(code_of(page))
    assert Report.objects.get().team == world.berlin
    assert client.cookies == {}


@pytest.mark.requirement("R21", "R23", "R24", "R25", "R26", "R27")
def test_every_question_of_the_guide_is_asked_and_kept(world: World, client: Client) -> None:
    fields = {
        "happened_to": "other", "other_knows": "no", "under_18": "unsure", "who": "tall man, red badge", "others": "two friends saw it",
        "when_words": "after lunch", "when_date": "2026-05-01", "where": "hall", "ongoing": "yes", "circumstances": "party",
        "worries": "he knows my room", "your_name": "Dara", "name_handlers": "yes", "name_meeting": "ask", "name_reported": "no",
        "name_public": "no", "reach": "email", "reach_email": "dara@mail.example", "reach_other": "signal",
    }  # fmt: skip
    page = client.get("/r/berlin/")
    for name in fields:
        assert f'name="{name}"' in page.text
    send(client, **fields)
    report = Report.objects.get()

    kept = world.ada.keyring.reveal(report, "answers")
    assert kept == {"what_happened": SECRET, **fields}
    assert ReporterAddress.objects.get().report == report


@pytest.mark.requirement("R1", "R32")
def test_the_call_buttons_come_before_any_field(world: World, client: Client) -> None:
    text = client.get("/e/conf/").text

    assert text.index('href="tel:112"') < text.index("<form")
    assert text.index("In danger now?") < text.index("What happened?")


@pytest.mark.requirement("R6", "R12")
def test_the_page_names_contacts_readers_and_the_global_team(world: World, client: Client) -> None:
    from heard.community import actions

    actions.add_contact(world.berlin, by=None, name="Auntie Frieda", how="frieda@berlin.example")
    text = client.get("/r/berlin/").text

    for words in (
        "Auntie Frieda",
        "frieda@berlin.example",
        "Ada",
        "Bo",
        "Cleo",
        "Gita",
        "Gus",
        "tells the global team",
    ):
        assert words in text
    assert "Lara" not in text


@pytest.mark.requirement("R19")
def test_a_person_is_taken_out_on_the_page(world: World, client: Client) -> None:
    send(client, **{f"not_{world.cleo.member.pk}": "on"})

    assert not Report.objects.filter(safe__grants__holder=str(world.cleo.user.pk)).exists()


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("answer", ["yes", "unsure"])
def test_yes_or_not_sure_goes_to_the_global_team(world: World, client: Client, answer: str) -> None:
    send(client, about_organiser=answer)

    assert Report.objects.get().team == world.worldwide


def test_nothing_typed_comes_back_with_everything_else_kept(world: World, client: Client) -> None:
    token = old_token()
    page = send(client, what_happened="  ", who="the man in grey", ongoing="yes", token=token)

    assert page.status_code == 422
    assert "Please write at least a few words." in page.text
    assert "the man in grey" in page.text
    assert re.search(r'value="yes"[^>]*id="id_ongoing_0"[^>]*checked|name="ongoing" value="yes"[^>]*checked', page.text)
    assert token_of(page) == token
    assert not Report.objects.exists()


@pytest.mark.parametrize("bad", ["", "00", "zz", "f" * 80])
def test_an_expired_or_broken_form_keeps_what_was_typed(world: World, client: Client, bad: str) -> None:
    page = send(client, token=bad)

    assert page.status_code == 422
    assert SECRET in page.text
    assert send(client, token=token_of(page)).status_code == 200


def test_a_form_that_ran_out_keeps_its_files_and_is_no_junk(world: World, client: Client) -> None:
    """Files that waited go on waiting, and whoever sends again at once is not taken for a machine."""
    seed = receipts.new_form()
    nearly = receipts.FormToken(seed.seed, seed.made - receipts.FORM_SECONDS + 5, seed.version)
    send(client, what_happened="", token=str(nearly), files=[SimpleUploadedFile("photo.jpg", b"picture")])
    ran_out = receipts.FormToken(seed.seed, seed.made - receipts.FORM_SECONDS - 5, seed.version)
    kept = PendingFile.objects.get()
    files.hand_over(nearly, ran_out)

    page = send(client, token=str(ran_out))
    assert "photo.jpg" in page.text
    send(client, token=token_of(page))

    assert Attachment.objects.get().storage_name == kept.storage_name
    assert not Report.objects.get().suspected


@pytest.mark.requirement("R26", "R27")
def test_the_address_for_a_note_is_for_the_program_alone(world: World, client: Client) -> None:
    send(client, reach_email="jane.doe@example.org")
    report = Report.objects.get()

    assert "jane.doe" not in world.ada.client().get(f"/team/reports/{report.pk}/").text
    assert "jane.doe" not in world.ada.client().post("/team/reports/", {"words": "jane.doe"}).text.replace(
        'value="jane.doe"', ""
    )


def test_nobody_left_keeps_what_was_typed_and_names_the_outside_contact(world: World, client: Client) -> None:
    everybody = {f"not_{p.member.pk}": "on" for p in (world.ada, world.bo, world.cleo, world.gita, world.gus)}
    page = send(client, **everybody)

    assert page.status_code == 422
    assert SECRET in page.text
    assert "Outside Berlin, 556" in page.text
    assert page.text.count("checked") >= 5


def test_a_second_click_makes_no_second_report_and_shows_the_same_code(world: World, client: Client) -> None:
    token = old_token()

    first, second = send(client, token=token), send(client, token=token)

    assert code_of(first) == code_of(second)
    assert Report.objects.count() == 1
    assert not Message.objects.exists()


def test_a_form_sent_again_with_more_words_adds_them(world: World, client: Client) -> None:
    token = old_token()
    send(client, token=token)
    send(client, token=token, who="I remember the name now")
    send(client, token=token, who="I remember the name now")

    message = Message.objects.get()
    assert world.ada.keyring.reveal(message, "body") == "Who did it?\nI remember the name now"


@pytest.mark.requirement("R26")
def test_a_form_sent_again_does_not_give_away_a_name_that_is_kept_back(world: World, client: Client) -> None:
    token = old_token()
    send(client, token=token)
    send(client, token=token, your_name="Daranyx", name_handlers="no", reach_email="d@x.example", happened_to="me")

    body = world.ada.keyring.reveal(Message.objects.get(), "body")
    assert "Daranyx" not in body
    assert "d@x.example" not in body
    assert "Who did this happen to?\nTo me" in body
    assert ReporterAddress.objects.exists()


def test_a_code_that_was_kept_is_not_shown_again(world: World, client: Client) -> None:
    from heard.reports.actions import mailbox

    token = old_token()
    code = receipts.read(code_of(send(client, token=token)))
    mailbox.kept(Report.objects.get(), code)

    page = send(client, token=token)

    assert "This has arrived already" in page.text
    assert code.spelled not in page.text


def test_a_replaced_code_is_not_shown_by_its_form(world: World, client: Client) -> None:
    from heard.reports.actions import mailbox

    token = old_token()
    code = receipts.read(code_of(send(client, token=token)))
    mailbox.replace(Report.objects.get(), code, nonce="n")

    page = send(client, token=token, what_happened="changed text")

    assert "This has arrived already" in page.text


def test_a_full_disk_keeps_the_text(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from heard.reports.views import public

    def full(*args: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(public, "submit", full)
    page = send(client)

    assert page.status_code == 507
    assert SECRET in page.text
    assert "tel:112" in page.text


def test_a_text_beyond_the_limit_comes_back_whole(world: World, client: Client) -> None:
    from heard.reports.forms import LONGEST

    assert send(client, what_happened="x" * LONGEST).status_code == 200
    page = send(client, what_happened="y" * (LONGEST + 1))

    assert page.status_code == 422
    assert "y" * (LONGEST + 1) in page.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_reporters_pages_leave_no_trace(world: World, client: Client, method: str) -> None:
    page = client.get("/r/berlin/") if method == "get" else send(client)

    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert not page.cookies


FIELDS = [
    "what_happened",
    "who",
    "when_date",
    "reach_email",
    "token",
    "happened_to",
    "under_18",
    "not_x",
    "drop_x",
    "work",
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=80)))
def test_no_input_breaks_the_page(world: World, fields: dict[str, str]) -> None:
    assert Client().post("/r/berlin/", fields).status_code in {200, 422}


class TestJunk:
    def test_a_honeypot_a_hurry_or_a_flood_sets_apart_and_refuses_nothing(self, world: World, client: Client) -> None:
        send(client, website="http://spam.example")
        send(client, token=str(receipts.new_form()))

        assert [report.suspected for report in Report.objects.all()] == [True, True]

    def test_an_ordinary_report_without_javascript_is_not_suspected(self, world: World, client: Client) -> None:
        send(client)

        assert not Report.objects.get().suspected

    @pytest.mark.parametrize(("recent", "worked", "junk"), [(29, False, False), (30, False, True), (500, True, False)])
    def test_work_clears_during_a_flood(self, recent: int, worked: bool, junk: bool) -> None:
        assert rules.looks_like_junk(honeypot=False, age=60, worked=worked, recent=recent) is junk

    def test_danger_is_never_set_apart(self, world: World, client: Client) -> None:
        send(client, website="x", danger="on")

        assert not Report.objects.get().suspected

    def test_the_work_is_real(self) -> None:
        token = old_token()
        answer = next(str(n) for n in range(10**6) if rules.has_worked(token, str(n)))

        assert not rules.has_worked(old_token(), answer)
        assert not rules.has_worked(token, "")


@pytest.mark.requirement("R9")
class TestFiles:
    def test_files_arrive_sealed(self, world: World, client: Client) -> None:
        send(client, files=[SimpleUploadedFile("a.txt", b"alpha"), SimpleUploadedFile("b.txt", b"beta")])

        assert Attachment.objects.count() == 2
        assert not PendingFile.objects.exists()

    def test_files_wait_while_the_form_comes_back(self, world: World, client: Client) -> None:
        token = old_token()
        page = send(client, what_happened="", token=token, files=[SimpleUploadedFile("photo.jpg", b"picture")])
        assert "photo.jpg" in page.text

        send(client, token=token)

        assert Attachment.objects.count() == 1
        assert not PendingFile.objects.exists()

    def test_a_waiting_file_can_be_taken_off(self, world: World, client: Client) -> None:
        token = old_token()
        send(client, what_happened="", token=token, files=[SimpleUploadedFile("photo.jpg", b"picture")])
        send(client, token=token, **{f"drop_{PendingFile.objects.get().pk}": "on"})

        assert not Attachment.objects.exists()
        assert not PendingFile.objects.exists()

    def test_the_eleventh_file_is_refused_with_a_sentence_and_ten_are_kept(self, world: World, client: Client) -> None:
        token = old_token()
        many = [SimpleUploadedFile(f"f{n}.txt", b"x") for n in range(uploads.MAX_FILES + 1)]
        page = send(client, token=token, files=many)
        assert page.status_code == 422
        assert "f10.txt" in page.text

        send(client, token=token)

        assert Attachment.objects.count() == uploads.MAX_FILES

    def test_far_too_many_files_are_refused_with_sentences(self, world: World, client: Client) -> None:
        many = [SimpleUploadedFile(f"f{n}.txt", b"x") for n in range(60)]
        page = send(client, files=many)

        assert page.status_code == 422
        assert SECRET in page.text
        assert "f59.txt" in page.text

    def test_a_store_that_is_down_keeps_the_text(
        self, world: World, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from botocore.exceptions import EndpointConnectionError

        def down(*args: Any) -> None:
            with storage.store_errors():
                raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

        monkeypatch.setattr(storage, "create", down)
        page = send(client, files=[SimpleUploadedFile("a.txt", b"x")])

        assert "there is no room for files right now" in page.text
        assert SECRET in page.text

    def test_ten_waiting_and_one_more_is_one_too_many(self, world: World, client: Client) -> None:
        token = old_token()
        send(client, what_happened="", token=token, files=[SimpleUploadedFile(f"f{n}.txt", b"x") for n in range(10)])
        page = send(client, token=token, files=[SimpleUploadedFile("late.txt", b"x")])

        assert page.status_code == 422
        assert PendingFile.objects.count() == 10

    def test_a_file_that_is_too_big_is_refused_and_the_text_kept(
        self, world: World, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 100_000)
        token = old_token()
        page = send(client, token=token, files=[SimpleUploadedFile("film.mov", bytes(100_001))])

        assert page.status_code == 422
        assert "film.mov" in page.text
        assert SECRET in page.text
        assert send(client, token=token).status_code == 200

    def test_no_room_for_files_still_takes_text(
        self, world: World, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads.storage, "has_room", lambda size: False)
        token = old_token()
        page = send(client, token=token, files=[SimpleUploadedFile("a.txt", b"x")])

        assert "there is no room for files right now" in page.text
        assert send(client, token=token).status_code == 200

    def test_a_page_that_takes_no_files_keeps_none(self, world: World, client: Client) -> None:
        client.post("/receipt/", {"code": "x", "files": SimpleUploadedFile("a.txt", b"x")})

        assert not PendingFile.objects.exists()

    def test_the_same_file_sent_twice_is_kept_once(self, world: World, client: Client) -> None:
        token = old_token()
        for _ in range(2):
            send(client, token=token, files=[SimpleUploadedFile("a.txt", b"alpha")])

        assert Attachment.objects.count() == 1


def test_a_report_takes_a_fixed_number_of_queries(
    world: World, client: Client, django_assert_max_num_queries: Any
) -> None:
    send(client)
    with django_assert_max_num_queries(45):
        send(client)
