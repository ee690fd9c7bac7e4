"""What an insider, a stranger's page or a second click could try."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from heard.community import actions as community
from heard.community import queries as community_queries
from heard.community.models import Member
from heard.reports import queries
from heard.reports.actions import alarms, handling, mailbox
from heard.reports.actions.submit import Incoming, submit
from heard.reports.models import Alarm, Attachment, Report
from heard.vault import files, receipts, safes, storage
from heard.vault.keyring import NoGrant
from heard.vault.models import PendingFile
from tests.conftest import SECRET, World, letter_key, report_to
from tests.reports.test_form import code_of, old_token, send, token_of
from tests.reports.test_handling import acknowledge
from tests.reports.test_mailbox import enter, hidden
from tests.reports.test_routing import readers_of
from tests.vault.test_files import keep

FOREIGN = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_strangers_page_cannot_plant_its_token_in_the_form(
    world: World, client: Client, headers: dict[str, str]
) -> None:
    planted = old_token()
    page = client.post(
        "/r/berlin/", {"token": planted, "what_happened": "", f"not_{world.bo.member.pk}": "on"}, headers=headers
    )

    assert token_of(page) != planted
    assert " checked>" not in page.text
    sent = client.post("/r/berlin/", {"token": planted, "what_happened": "x"}, headers=headers)
    assert 'id="code"' not in sent.text
    assert not Report.objects.exists()


def test_our_own_page_is_not_taken_for_a_strangers(world: World, client: Client) -> None:
    for headers in (
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "http://testserver"},
    ):
        page = client.post("/r/berlin/", {"token": old_token(), "what_happened": "x"}, headers=headers)
        assert 'id="code"' in page.text


def test_a_strangers_page_cannot_open_its_own_mailbox_in_front_of_somebody(world: World, client: Client) -> None:
    token = receipts.new_form()
    report_to(world.berlin, token=token)
    page = client.post("/receipt/", {"code": token.receipt.spelled}, headers={"Sec-Fetch-Site": "cross-site"})

    assert "Open your mailbox" in page.text


def test_a_form_of_yesterday_keeps_the_text_and_gets_a_new_token(world: World, client: Client) -> None:
    token = receipts.new_form()
    stale = str(receipts.FormToken(token.seed, token.made - receipts.FORM_SECONDS - 5, token.version))
    page = send(client, token=stale)

    assert page.status_code == 422
    assert SECRET in page.text
    assert token_of(page) != stale


@pytest.mark.requirement("R17", "R19", "R51")
class TestSentAgain:
    """The line broke, or somebody went back, took people out and sent the form once more."""

    def test_who_is_taken_out_now_is_out(self, world: World) -> None:
        token = receipts.new_form()
        report_to(world.berlin, token=token)
        report = report_to(world.berlin, token=token, out=[world.ada])

        assert readers_of(report) == {"Bo", "Cleo"}
        with pytest.raises(NoGrant):
            world.ada.keyring.key_of(report.safe_id)

    def test_who_is_named_now_is_out(self, world: World) -> None:
        token = receipts.new_form()
        report_to(world.berlin, token=token)
        report = report_to(world.berlin, token=token, who="Ada Winterbottom")

        assert readers_of(report) == {"Bo", "Cleo"}

    def test_about_an_organiser_it_leaves_the_chapter(self, world: World) -> None:
        token = receipts.new_form()
        first = report_to(world.berlin, token=token)
        handling.note(first, world.bo.keyring, by=world.bo.user, text="between-us-note", key=letter_key())
        acknowledge(first, world.bo)
        report = report_to(world.berlin, token=token, about_organiser=True)

        assert report.team == world.worldwide
        assert readers_of(report) == {"Gita", "Gus"}
        assert not queries.reports_for(world.bo.user).exists()
        assert Alarm.objects.filter(report=report, settled_at=None).exists()
        assert Report.objects.get().state == "new"
        page = world.gita.client().get(f"/team/reports/{report.pk}/")
        assert SECRET in page.text
        assert "between-us-note" not in page.text

    def test_danger_counts(self, world: World) -> None:
        token = receipts.new_form()
        report_to(world.berlin, token=token, suspected=True)
        report = report_to(world.berlin, token=token, danger=True)

        assert Report.objects.get(pk=report.pk).danger
        assert not Report.objects.get(pk=report.pk).suspected


@pytest.mark.requirement("R51")
def test_who_is_named_in_a_later_message_is_out_before_it_is_written(world: World, client: Client) -> None:
    token = receipts.new_form()
    report = report_to(world.berlin, token=token)
    acknowledge(report, world.ada)
    page = enter(client, token)
    client.post("/receipt/write/", {"pass": hidden(page), "key": "k" * 20, "text": "It was ada winterbottom all along"})

    assert readers_of(report) == {"Bo", "Cleo"}
    report.refresh_from_db()
    assert report.contact is None
    assert {m.shown_name for m in alarms.recipients(report, 0)} == {"Bo", "Cleo"}  # type: ignore[arg-type]


@pytest.mark.requirement("R19", "R51")
def test_naming_all_but_one_hands_it_up(world: World) -> None:
    token = receipts.new_form()
    report = report_to(world.berlin, token=token)
    mailbox.write(report, safes.receipt_keyring(token.receipt), text="Bo and Cleo were both there.", key="k")

    report.refresh_from_db()
    assert report.team == world.worldwide
    assert readers_of(report) == {"Gita", "Gus"}


@pytest.mark.requirement("R51")
def test_nobody_takes_away_how_they_may_be_written(world: World) -> None:
    client = world.ada.client()
    client.post("/team/me/", {"names": "", "emails": "", "handles": ""})
    client.post("/team/me/", {"member": world.ada.member.pk, "shown_name": "Zed"})

    for words in ("Ada Winterbottom", "Zed", "ada"):
        assert "Ada" not in {m.user.email[:3].title() for m in queries.handlers(report_to(world.berlin, who=words))}


@pytest.mark.requirement("R51")
def test_a_profile_that_cannot_be_opened_counts_as_named(world: World) -> None:
    from heard.community.models import Profile

    Profile.objects.filter(user=world.ada.user).update(row_key=b"\x01" + bytes(60))

    assert readers_of(report_to(world.berlin)) == {"Bo", "Cleo"}


@pytest.mark.requirement("R17", "R51")
def test_somebody_in_both_teams_is_not_let_into_a_report_about_an_organiser(world: World) -> None:
    community.add_member(world.worldwide, world.bo.user, shown_name="Bo", role="member")
    report = report_to(world.berlin, who="Bo Lindqvist", about_organiser=True)

    assert queries.set_aside_members(report) == []
    with pytest.raises(handling.NotHere):
        handling.judge_match(
            report,
            world.gita.keyring,
            by=world.gita.user,
            member=Member.objects.get(team=world.worldwide, user=world.bo.user),
            is_party=False,
        )


@pytest.mark.requirement("R18")
def test_a_report_whose_readers_were_all_sent_away_reaches_the_global_team(world: World) -> None:
    report = report_to(world.berlin, out=[world.ada])
    acknowledge(report, world.bo)
    for person in (world.bo, world.cleo):
        community.change_member(person.member, role="member", is_active=False, by=world.ada.user)
    alarms.look_for_orphans()
    alarms.look_for_orphans()

    assert [team for team, _ in queries.overdue_elsewhere(world.gita.user)] == [world.berlin]
    assert Alarm.objects.filter(report=report, settled_at=None).count() == 1
    assert queries.overdue_elsewhere(world.ada.user) == []
    # Bo's key went when he left, because Cleo had one; hers was the last and stayed.
    community.change_member(world.bo.member, role="member", is_active=True, by=world.ada.user)
    alarms.look_for_orphans()
    assert Alarm.objects.filter(report=report, settled_at=None).exists()
    community.change_member(world.cleo.member, role="member", is_active=True, by=world.ada.user)
    alarms.look_for_orphans()
    assert not Alarm.objects.filter(report=report, settled_at=None).exists()


@pytest.mark.requirement("R18")
def test_a_key_in_another_team_does_not_count_as_a_reader(world: World) -> None:
    community.add_member(world.worldwide, world.bo.user, shown_name="Bo", role="member")
    report = report_to(world.berlin, out=[world.ada])
    for person in (world.bo, world.cleo):
        community.change_member(person.member, role="member", is_active=False, by=world.ada.user)
    alarms.look_for_orphans()

    assert Alarm.objects.filter(report=report, level=2).exists()


@pytest.mark.requirement("R46")
def test_a_promise_stays_when_the_contact_leaves(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    community.change_member(world.bo.member, role="member", is_active=False, by=world.ada.user)

    assert queries.waiting_for(world.ada.user).get() == report


def test_two_clicks_on_a_form_with_a_waiting_file_keep_the_file(world: World, client: Client) -> None:
    token = receipts.new_form()
    files.put_off(token, keep(b"evidence", "proof.txt"))
    clicks = [
        Incoming(
            team=world.berlin,
            event=None,
            token=token,
            version=community_queries.policy(world.berlin),
            readers=queries.readers(world.berlin),
            answers={"what_happened": "x"},
            attached=list(files.waiting(token).values()),
        )
        for _ in range(2)
    ]
    for click in clicks:
        submit(click)

    with storage.read(Attachment.objects.get().storage_name) as file:
        assert file.read()


def test_two_clicks_on_a_new_code_show_the_same_one(world: World, client: Client) -> None:
    token = receipts.new_form()
    report_to(world.berlin, token=token)
    page = enter(client, token)
    sent = {"pass": hidden(page), "key": hidden(page, "key")}
    first, second = client.post("/receipt/replace/", sent), client.post("/receipt/replace/", sent)

    assert code_of(first) == code_of(second)
    other = client.post("/receipt/replace/", sent | {"key": "o" * 32})
    assert "replaced by a new one" in other.text
    assert "replaced by a new one" in client.post("/receipt/look/", sent).text


@pytest.mark.requirement("R7")
def test_what_was_put_aside_comes_back_when_the_reporter_writes(world: World) -> None:
    token = receipts.new_form()
    report = report_to(world.berlin, token=token)
    handling.put_aside(report, by=world.ada.user, why="spam")
    mailbox.write(report, safes.receipt_keyring(token.receipt), text="this is real", key="k")

    assert queries.waiting_for(world.bo.user).filter(pk=report.pk).exists()
    world.bo.client().get(f"/team/reports/{report.pk}/")
    assert Alarm.objects.filter(report=report, kind="new", settled_at=None).exists()


@pytest.mark.requirement("R17")
def test_the_global_form_takes_reports_about_organisers(world: World, client: Client) -> None:
    page = client.get("/r/global/")
    assert "about_organiser" not in page.text
    send(client, "/r/global/", about_organiser="yes")

    assert Report.objects.get().team == world.worldwide


@pytest.mark.requirement("R17")
def test_without_a_global_team_the_page_names_the_outside_contact_instead(world: World, client: Client) -> None:
    Member.objects.filter(team=world.worldwide).update(is_active=False)
    page = client.get("/r/berlin/").text

    assert 'name="about_organiser"' not in page
    assert "Outside Berlin, 556" in page


def test_passwords_never_come_back_on_a_stale_form(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = world.bo.client().cookies
    page = strict.post(
        "/account/password/",
        {"old": "old secret phrase", "new": "new secret phrase"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert page.status_code == 403
    assert "secret phrase" not in page.text


def test_a_stranger_cannot_shut_a_colleague_out_by_guessing(world: World) -> None:
    thief = Client(REMOTE_ADDR="203.0.113.7")
    for n in range(8):
        thief.post("/account/sign-in/", {"login": world.bo.user.email, "password": f"wrong{n}"})

    assert world.bo.client().get("/team/").status_code == 200


def test_a_flood_of_unfinished_forms_pushes_out_the_oldest_and_refuses_nobody(
    world: World, client: Client, settings: Any
) -> None:
    settings.HEARD = settings.HEARD | {"HEARD_PENDING_MB": 0}
    first = old_token()
    send(client, what_happened="", token=first, files=[SimpleUploadedFile("a.txt", b"alpha")])
    send(client, what_happened="", files=[SimpleUploadedFile("b.txt", b"beta")])
    assert PendingFile.objects.count() == 1

    send(client, files=[SimpleUploadedFile("c.txt", b"gamma")])
    assert Attachment.objects.count() == 1


def test_hidden_reports_do_not_count_for_the_chapter(world: World) -> None:
    report_to(world.berlin, about_organiser=True)

    assert queries.recent_reports(world.berlin) == 0


def test_no_word_of_a_name_reaches_the_page_of_a_member_who_was_matched(world: World) -> None:
    report = report_to(world.berlin, who="cleo")
    page = world.cleo.client().get("/team/reports/")

    assert not re.search(report.code_name, page.text)


def test_nobody_learns_by_posing_as_a_reporter_how_a_member_may_be_written(world: World, client: Client) -> None:
    pages = []
    for words in ("messages from @bo_h", "messages from @nobody_h"):
        token = receipts.new_form()
        sent = client.post("/e/conf/", {"token": str(token), "what_happened": words})
        box = enter(client, token)
        shown = re.sub(r'value="\w+"|[0-9A-Z]{4}(-[0-9A-Z]{4,5})+|<time.*?</time>', "", sent.text + box.text)
        pages.append(shown)

    assert pages[0] == pages[1]
