"""In private the person harmed decides whether the team goes ahead (R40): asked once, in the mailbox or in person, whenever."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from heard.cases.actions import joining, opening, people
from heard.cases.models import Case, Duty
from heard.community.models import EmergencyNumber
from heard.guidance import default_policy
from heard.outbox.models import Pace
from heard.reports.actions import handling, mailbox
from heard.reports.models import Report
from heard.vault import receipts, safes
from tests.cases.test_cases import blocked, duty, tick
from tests.conftest import World, letter_key, report_to
from tests.reports.test_handling import acknowledge

pytestmark = pytest.mark.requirement("R40")


def private(world: World, **told: Any) -> tuple[Case, Report, receipts.FormToken]:
    """A private case of Berlin, opened before anybody was asked."""
    token = receipts.new_form()
    report = report_to(world.berlin, token=token, **told)
    acknowledge(report, world.bo)
    case = opening.open_case(report, world.bo.keyring, by=world.bo.user, level="private")
    return Case.objects.get(pk=case.pk), Report.objects.get(pk=report.pk), token


def ask(report: Report, world: World) -> None:
    handling.ask_consent(report, world.bo.keyring, by=world.bo.user, text="We go ahead.", key=letter_key())


def answer(report: Report, token: receipts.FormToken, consent: str) -> None:
    ring = safes.receipt_keyring(token.receipt)
    mailbox.write(Report.objects.get(pk=report.pk), ring, text="", key=letter_key(), consent=consent)


def test_the_letter_is_written_from_the_step_of_the_case(world: World) -> None:
    case, report, _token = private(world)
    client = world.bo.client()
    page = client.get(case.get_absolute_url()).content.decode()
    assert f"/team/reports/{report.pk}/consent/" in page and "asked them in person" in page

    ask(report, world)

    case.refresh_from_db()
    report.refresh_from_db()
    assert duty(case, "ask_objection").state == Duty.State.DONE and case.object_until == report.consent_by
    assert blocked(case, "convene", world.bo) == "may_object"
    assert "They may object." in client.get(case.get_absolute_url()).content.decode()


def test_a_no_in_the_mailbox_stops_the_convening_at_once(world: World) -> None:
    case, report, token = private(world)
    ask(report, world)
    Case.objects.filter(pk=case.pk).update(object_until=timezone.now() - timedelta(hours=1))
    Pace.objects.all().delete()

    answer(report, token, "no")

    case.refresh_from_db()
    assert case.objected and blocked(case, "convene", world.bo) == "objected"
    assert {pace.user_id for pace in Pace.objects.all()} >= {p.user.pk for p in (world.ada, world.bo, world.cleo)}
    assert "nobody is convened" in world.bo.client().get(case.get_absolute_url()).content.decode()
    # A yes that comes later may be somebody else's: only a person who speaks with them takes the no back.
    answer(report, token, "yes")
    case.refresh_from_db()
    assert case.objected


def test_a_yes_ends_the_waiting(world: World) -> None:
    case, report, token = private(world)
    ask(report, world)
    answer(report, token, "yes")
    tick(Case.objects.get(pk=case.pk), "convene", world.bo)


def test_a_yes_of_one_does_not_end_the_time_of_another(world: World) -> None:
    case, report, token = private(world)
    second = report_to(world.berlin, "the same evening")
    acknowledge(second, world.bo)
    ask(report, world)
    ask(second, world)
    joining.link(case, second, world.bo.keyring, by=world.bo.user)
    answer(report, token, "yes")
    assert blocked(Case.objects.get(pk=case.pk), "convene", world.bo) == "may_object"


def test_only_whom_it_happened_to_says_yes_or_no(world: World) -> None:
    case, report, token = private(world, happened_to="other")
    ask(report, world)
    answer(report, token, "no")
    case.refresh_from_db()
    assert not case.objected and case.object_until is None
    assert blocked(case, "convene", world.bo) == "not_asked"


def test_a_no_from_before_counts_in_the_case_and_in_one_it_is_linked_to_or_merged_with(world: World) -> None:
    token = receipts.new_form()
    report = report_to(world.berlin, token=token)
    acknowledge(report, world.bo)
    ask(Report.objects.get(pk=report.pk), world)
    answer(report, token, "no")
    case, _report, _token = private(world)
    joining.link(case, Report.objects.get(pk=report.pk), world.bo.keyring, by=world.bo.user)
    case.refresh_from_db()
    assert case.objected
    other, _report, _token = private(world)
    joining.merge(other, case, world.bo.keyring, by=world.bo.user)
    other.refresh_from_db()
    assert other.objected and other.object_until is not None


def test_during_an_event_the_time_to_object_ends_before_the_meeting_is_due(world: World) -> None:
    clocks = default_policy().clocks
    assert clocks.to_object(at_event=True) < clocks.to_object(at_event=False)
    report = report_to(world.berlin, event=world.event)
    acknowledge(report, world.bo)
    case = opening.open_case(report, world.bo.keyring, by=world.bo.user, level="private")
    asked_by = duty(case, "ask_objection").due_at
    assert asked_by + timedelta(hours=clocks.to_object(at_event=True)) <= duty(case, "convene").due_at


@pytest.mark.requirement("R65")
def test_a_note_of_their_wishes_takes_no_permission_back(world: World) -> None:
    case, _report, _token = private(world)
    facts = {"police": False, "objects": False, "fears": False, "words": "", "apology": True}
    people.note_wishes(case, world.bo.keyring, by=world.bo.user, key="k" * 20, **facts)
    page = world.bo.client().get(case.get_absolute_url()).content.decode()
    box = re.search(r'<input[^>]*name="apology"[^>]*>', page)
    assert box and "checked" in box[0]


@pytest.mark.requirement("R20", "R45")
def test_what_is_written_down_at_an_event_gets_its_clocks(world: World) -> None:
    client = world.bo.client()
    page = client.get("/team/of/berlin/intake/").content.decode()
    assert world.event.name in page
    token = page.split('name="token" value="')[1].split('"')[0]
    told = {"how": "voice", "what_happened": "x", "event": world.event.slug, "happened_to": "other", "token": token}
    assert client.post("/team/of/berlin/intake/", told).status_code == 200
    report = Report.objects.get()
    assert report.event == world.event
    assert report.due_at <= timezone.now() + timedelta(hours=default_policy().clocks.acknowledge_event_hours)


@pytest.mark.requirement("R52")
def test_before_they_are_told_one_reads_what_the_reporter_fears_and_says_when(world: World) -> None:
    case, report, _token = private(world, worries="He knows where I live")
    people.add(case, world.bo.keyring, by=world.bo.user, role="reported", facts={"name": "Jonathan Quagmire"})
    client = world.bo.client()
    page = client.get(f"/team/cases/{case.pk}/tell/").content.decode()
    assert "He knows where I live" in page and f"/team/reports/{report.pk}/answer/?letter=will_tell" in page
    letter = client.get(f"/team/reports/{report.pk}/answer/?letter=will_tell").content.decode()
    assert "We will wait until you are safe" in letter and "Berlin" in letter


@pytest.mark.requirement("R20")
def test_whose_words_were_written_down_confirms_or_corrects_them(world: World) -> None:
    member, reporter = world.bo.client(), Client()
    token = member.get("/team/of/berlin/intake/").content.decode().split('name="token" value="')[1].split('"')[0]
    shown = member.post("/team/of/berlin/intake/", {"how": "phone", "what_happened": "He followed me", "token": token})
    code = re.search(r'id="code">([^<]+)<', shown.content.decode())
    assert code
    report = Report.objects.get()
    assert "has not confirmed them yet" in member.get(report.get_absolute_url()).content.decode()
    page = reporter.post("/receipt/", {"code": code[1]}).content.decode()
    assert "One of us wrote this down for you" in page and "that is what I said" not in page
    sealed = {"pass": page.split('name="pass" value="')[1].split('"')[0]}
    assert "Yes, that is what I said" in reporter.post("/receipt/look/", sealed | {"show": "yes"}).content.decode()
    for _ in range(2):
        page = reporter.post("/receipt/confirm/", sealed).content.decode()
        assert "right as it stands" in page
    assert "confirmed them" in member.get(report.get_absolute_url()).content.decode()
    # What a reporter wrote themselves is confirmed by nobody.
    own = receipts.new_form()
    other = report_to(world.berlin, token=own)
    mailbox.confirm(other)
    assert Report.objects.get(pk=other.pk).confirmed_at is None


@pytest.mark.requirement("R21")
def test_where_somebody_is_under_18_the_report_points_to_its_playbook_and_the_card_to_whom_to_call(
    world: World,
) -> None:
    report = report_to(world.berlin, under_18="yes")
    acknowledge(report, world.bo)
    page = world.bo.client().get(f"/team/reports/{report.pk}/case/").content.decode()
    assert re.search(r'value="minor"[^>]*checked', page)
    EmergencyNumber.objects.create(team=world.berlin, kind="safeguarding", number="030 5550177")
    case = opening.open_case(report, world.bo.keyring, by=world.bo.user, level="minor")
    assert "030 5550177" in world.bo.client().get(case.get_absolute_url()).content.decode()
