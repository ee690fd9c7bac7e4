"""A report that its reporter sends up while its case is shut for their code: the case follows it, or is begun anew."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions import hearing, joining, opening, people
from heard.cases.models import Case
from heard.community import actions as community
from heard.outbox.models import Pace
from heard.reports.actions import handling, mailbox, recovery, standing
from heard.reports.models import Report
from heard.vault import receipts, rekey, safes
from heard.vault.models import Drop, Grant
from tests.conftest import Person, World, join, letter_key, report_to
from tests.reports.test_attacks import readers_of
from tests.reports.test_handling import acknowledge
from tests.reports.test_recovery import community_key, make_cards

pytestmark = [pytest.mark.requirement("R2", "R18", "R51")]


def begun(world: World) -> tuple[Report, Case, receipts.FormToken]:
    """A report of Berlin with its case, in which Bo put down somebody, and the reporter's code."""
    token = receipts.new_form()
    report = report_to(world.berlin, token=token)
    acknowledge(report, world.bo)
    case = opening.open_case(report, world.bo.keyring, by=world.bo.user, level="witnessed")
    people.add(case, world.bo.keyring, by=world.bo.user, role="reported", facts={"name": "Jonathan Quagmire"})
    return report, case, token


def told_later(report: Report, token: receipts.FormToken, words: str) -> None:
    """The reporter names people in their mailbox."""
    Pace.objects.all().delete()
    mailbox.write(report, safes.receipt_keyring(token.receipt), text=words, key="k")
    report.refresh_from_db()


def names(case: Case, reader: Person) -> list[str]:
    case.refresh_from_db()
    return [party.name for party in queries.parties(case, reader.keyring)]


def of_report(report: Report, client: Client) -> str:
    return client.get(f"/team/reports/{report.pk}/case/go/", follow=True).content.decode()


def test_the_one_who_is_left_hands_the_case_on_at_their_next_visit(world: World) -> None:
    report, case, token = begun(world)
    told_later(report, token, "Bo and Cleo were both there.")
    assert report.team == world.worldwide and report.case_safe_id == case.safe_id
    assert Pace.objects.filter(user_id=world.ada.user.pk).exists()
    gita = world.gita.client()
    assert gita.get(case.get_absolute_url()).status_code == 404
    assert "as soon as they sign in" in of_report(report, gita).lower()
    for out in (world.bo, world.cleo):
        out.client().get("/team/")
    assert gita.get(case.get_absolute_url()).status_code == 404

    ada = world.ada.client()
    ada.get("/team/")

    assert names(case, world.gita) == ["Jonathan Quagmire"]
    assert case.team == world.worldwide and case.code_name in of_report(report, gita)
    assert ada.get(case.get_absolute_url()).status_code == 404
    assert set(safes.keyholders(case.safe_id)) == {world.gita.user.pk, world.gus.user.pk}
    assert "case.moved-up" in {e.what for e in audit.entries(f"safe:{case.safe_id}")}
    # The key that Berlin held opens nothing that is in the database now.
    assert Grant.objects.filter(safe_id=case.safe_id).values_list("version", flat=True).distinct().get() > 1


def test_every_report_of_the_case_goes_with_it(world: World) -> None:
    report, case, token = begun(world)
    second = report_to(world.berlin, "the same evening")
    acknowledge(second, world.bo)
    joining.link(case, second, world.bo.keyring, by=world.bo.user)
    told_later(report, token, "Bo and Cleo were both there.")
    second.refresh_from_db()
    assert second.team == world.berlin

    world.ada.client().get("/team/")

    second.refresh_from_db()
    assert second.team == world.worldwide and second.case_safe_id == case.safe_id
    assert world.gita.client().get(second.get_absolute_url()).status_code == 200
    assert world.ada.client().get(second.get_absolute_url()).status_code == 404


def test_where_nobody_is_left_cards_open_the_case(world: World) -> None:
    words = make_cards(world.worldwide, world.gita, world.gus)
    report, case, token = begun(world)
    told_later(report, token, "Ada, Bo and Cleo were all there.")
    page = of_report(report, world.gita.client())
    assert "Nobody who is left can open the case" in page and "cards/use/" in page

    recovery.use(world.worldwide, community_key(world.worldwide), words, by=world.gita.user)

    assert names(case, world.gus) == ["Jonathan Quagmire"] and case.team == world.worldwide
    assert not safes.able(case.safe_id) & {p.user.pk for p in (world.ada, world.bo, world.cleo)}


def test_without_cards_the_case_is_begun_anew_and_the_lost_one_calls_nobody(world: World) -> None:
    report, case, token = begun(world)
    told_later(report, token, "Ada, Bo and Cleo were all there.")
    client = world.gita.client()
    assert "Acknowledge the report first" in of_report(report, client)
    acknowledge(report, world.gita)
    assert f"/team/reports/{report.pk}/case/" in of_report(report, client)

    client.post(f"/team/reports/{report.pk}/case/", {"level": "witnessed"})

    case.refresh_from_db()
    report.refresh_from_db()
    anew = Case.objects.get(safe=report.case_safe_id)
    assert (case.state, anew.team, anew.state) == (Case.State.LOST, world.worldwide, Case.State.OPEN)
    assert {todo.row.case_id for todo in queries.board(world.gita.user, world.gita.keyring, 100)} == {anew.pk}
    assert not any(p.client().get(case.get_absolute_url()).status_code == 200 for p in (world.ada, world.gita))


def test_a_case_that_somebody_can_open_is_not_begun_anew(world: World) -> None:
    report, case, token = begun(world)
    told_later(report, token, "Bo and Cleo were both there.")
    acknowledge(report, world.gita)

    answer = world.gita.client().post(f"/team/reports/{report.pk}/case/", {"level": "witnessed"})

    assert answer.status_code == 409 and Case.objects.get() == case


def test_who_is_left_still_stands_aside_while_the_case_waits(world: World) -> None:
    report, case, token = begun(world)
    told_later(report, token, "Bo and Cleo were both there.")
    standing.recuse(report, world.gita.keyring, by=world.gita.user)

    world.ada.client().get("/team/")

    assert names(case, world.gus) == ["Jonathan Quagmire"]
    assert world.gita.user.pk not in safes.keyholders(case.safe_id, report.safe_id)
    assert world.gita.client().get(case.get_absolute_url()).status_code == 404


def test_a_party_who_came_to_the_global_team_later_never_gets_the_case(world: World) -> None:
    report, case, token = begun(world)
    people.add(case, world.bo.keyring, by=world.bo.user, role="reported", facts={"name": "Zeno Halvorsen"})
    zeno = join(world.worldwide, "Zeno", known_as="Zeno Halvorsen")
    told_later(report, token, "Bo and Cleo were both there.")

    world.ada.client().get("/team/")

    assert set(safes.keyholders(case.safe_id)) == {world.gita.user.pk, world.gus.user.pk}
    assert zeno.user.pk not in safes.keyholders(report.safe_id)


def test_who_left_the_chapter_is_not_waited_for(world: World) -> None:
    report, case, token = begun(world)
    told_later(report, token, "Bo and Cleo were both there.")
    community.change_member(world.bo.member, role="lead", is_active=True, by=world.gita.user)
    community.change_member(world.ada.member, role="member", is_active=False, by=world.gita.user)
    assert queries.lost_case(report) == case
    acknowledge(report, world.gita)
    opening.open_case(report, world.gita.keyring, by=world.gita.user, level="witnessed")
    assert case.safe_id not in rekey.overdue(timezone.now() + timedelta(days=2))


def test_each_reporter_of_a_case_brings_their_own_report_up(world: World) -> None:
    report, case, token = begun(world)
    other = receipts.new_form()
    second = report_to(world.berlin, "the same evening", token=other)
    acknowledge(second, world.bo)
    joining.link(case, second, world.bo.keyring, by=world.bo.user)
    told_later(report, token, "Ada, Bo and Cleo were all there.")
    second.refresh_from_db()
    assert second.team == world.berlin

    told_later(second, other, "Has anything happened?")

    assert second.team == world.worldwide and readers_of(second) == {"Gita", "Gus"}


def test_cards_bring_every_report_of_the_case_but_not_the_chapters_notes(world: World) -> None:
    words = make_cards(world.worldwide, world.gita, world.gus)
    report, case, token = begun(world)
    second = report_to(world.berlin, "the same evening")
    acknowledge(second, world.bo)
    handling.note(second, world.bo.keyring, by=world.bo.user, text="among us", key=letter_key())
    joining.link(case, second, world.bo.keyring, by=world.bo.user)
    second.refresh_from_db()
    notes = second.notes_safe_id
    told_later(report, token, "Ada, Bo and Cleo were all there.")

    recovery.use(world.worldwide, community_key(world.worldwide), words, by=world.gita.user)

    second.refresh_from_db()
    assert second.team == world.worldwide and second.state == Report.State.NEW
    assert world.gita.client().get(second.get_absolute_url()).status_code == 200
    assert notes and world.gita.user.pk not in safes.keyholders(notes)


def test_a_lost_case_takes_no_words_and_no_appeal(world: World) -> None:
    report, case, token = begun(world)
    party = case.parties.get()
    code = hearing.make_code(case, party, world.bo.keyring, by=world.bo.user, words="Somebody told us about Friday.")
    told_later(report, token, "Ada, Bo and Cleo were all there.")
    acknowledge(report, world.gita)
    opening.open_case(report, world.gita.keyring, by=world.gita.user, level="witnessed")
    guest = Client()
    assert "about Friday" in guest.post("/answer/", {"code": code}).text
    page = guest.post("/answer/write/", {"code": code, "text": "I was not there"}).text
    assert "arrived" not in page and "I was not there" in page
    assert not Drop.objects.filter(safe_id=case.safe_id).exists()


def test_what_is_being_sent_still_finds_the_case(world: World) -> None:
    report, case, token = begun(world)
    ada = world.ada.client()
    told_later(report, token, "Bo and Cleo were both there.")

    ada.post(f"/team/cases/{case.pk}/note/", {"kind": "note", "text": "He was seen at the bar", "key": "n" * 20})
    ada.get("/team/")

    assert "He was seen at the bar" in world.gita.client().get(f"/team/cases/{case.pk}/").content.decode()
