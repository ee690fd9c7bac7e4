"""Every rule of the response, broken on purpose: through the pages as they are, and by requests that no page would send."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from heard.cases.actions import hearing, meeting
from heard.cases.models import Attendance, Case, Duty, Entry, GuestCode, Meeting
from heard.reports.models import Message, Report
from tests.cases.test_cases import duty, open_case, reported, tick
from tests.conftest import World, join, letter_key

REASON = {"reason": "no other way"}


def done(client: Client, case: Case, name: str, **more: Any) -> str:
    """Press Done at a step, whatever the page shows; return the step's state."""
    client.post(f"/team/cases/{case.pk}/duty/{duty(case, name).pk}/done/", more)
    return duty(case, name).state


def waived(client: Client, case: Case, name: str, **more: Any) -> str:
    client.post(f"/team/cases/{case.pk}/duty/{duty(case, name).pk}/waive/", more)
    return duty(case, name).state


def large(world: World) -> None:
    for name in ("Eli", "Fay"):
        join(world.berlin, name)


def held(case: Case) -> bool:
    return case.meetings.filter(state=Meeting.State.HELD).exists()


@pytest.mark.requirement("R28")
def test_nobody_but_the_contact_writes_to_the_reporter(world: World) -> None:
    case = open_case(world)
    report = Report.objects.get(case_safe=case.safe_id)
    before = Message.objects.filter(report=report).count()
    for path in ("answer", "consent"):
        page = world.ada.client().post(f"/team/reports/{report.pk}/{path}/", {"text": "Hello", "key": letter_key()})
        assert page.status_code == 409
    assert Message.objects.filter(report=report).count() == before


@pytest.mark.requirement("R32", "R37")
def test_the_question_whether_everybody_is_safe_is_never_left_out(world: World) -> None:
    case = open_case(world, "danger", safety="unsure")
    client = world.bo.client()
    assert waived(client, case, "safe_now", **REASON) == "open"
    client.post(f"/team/cases/{case.pk}/safety/", {"safety": "certainly"})
    case.refresh_from_db()
    assert case.safety == "unsure"


@pytest.mark.requirement("R33", "R34", "R35", "R36", "R38")
def test_a_step_of_another_case_or_another_level_is_not_ticked_here(world: World) -> None:
    large(world)
    danger, other = open_case(world, "danger", safety="yes"), open_case(world, "other")
    client = world.bo.client()
    for name in ("quiet_room", "trusted_person", "ask_help", "hand_list"):
        step = duty(danger, name)
        assert client.post(f"/team/cases/{other.pk}/duty/{step.pk}/done/").status_code == 404
        assert duty(danger, name).state == "open"
        assert done(client, danger, name) == "done"
        ticked = duty(danger, name).done_at
        done(client, danger, name)
        assert duty(danger, name).done_at == ticked


@pytest.mark.requirement("R37")
def test_the_police_step_is_not_ticked_by_a_crafted_wish(world: World) -> None:
    large(world)
    case = open_case(world, "danger", safety="yes")
    client = world.bo.client()
    assert done(client, case, "police", police_wished="on", police="on", reason="   ") == "open"
    client.post(f"/team/cases/{case.pk}/safety/", {"safety": ""})
    assert done(client, case, "police", **REASON) == "done"


@pytest.mark.requirement("R39", "R40", "R47")
def test_nobody_convenes_in_private_before_the_day_nor_against_an_objection(world: World) -> None:
    case = open_case(world, "private")
    client = world.bo.client()
    soon = f"{timezone.localtime() + timedelta(hours=2):%Y-%m-%dT%H:%M}"
    call = {"do": "call", "starts_at": soon, "where": "Room 2"}
    ask = {"do": "ask", "time1": soon}
    for body in (call, ask):
        client.post(f"/team/cases/{case.pk}/meeting/", body)
    assert done(client, case, "convene", **REASON) == "open"
    tick(case, "ask_objection", world.bo)
    client.post(f"/team/cases/{case.pk}/meeting/", call)
    assert not case.meetings.exists()
    Case.objects.filter(pk=case.pk).update(object_until=timezone.now() - timedelta(hours=1), objected=True)
    client.post(f"/team/cases/{case.pk}/meeting/", call)
    assert not case.meetings.exists()
    Case.objects.filter(pk=case.pk).update(objected=False)
    client.post(f"/team/cases/{case.pk}/meeting/", call)
    assert case.meetings.get().state == Meeting.State.CALLED


@pytest.mark.requirement("R45", "R46")
def test_no_page_moves_a_clock(world: World) -> None:
    case = open_case(world)
    before = dict(case.duties.values_list("pk", "due_at"))
    client = world.bo.client()
    for step in case.duties.all():
        for path in ("done", "waive", "assign"):
            body = {"due_at": "2099-01-01T00:00", "to": str(world.ada.member.pk), "reason": ""}
            client.post(f"/team/cases/{case.pk}/duty/{step.pk}/{path}/", body)
    assert dict(case.duties.values_list("pk", "due_at")) == before


@pytest.mark.requirement("R48", "R53")
def test_the_meeting_is_not_ticked_and_not_written_down_twice(world: World) -> None:
    case = open_case(world)
    reported(case, world.bo)
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text="no", key="k")
    client = world.bo.client()
    assert done(client, case, "meet", **REASON) == "open"
    meeting.call(case, world.bo.keyring, by=world.bo.user, starts_at=timezone.now(), where="Room 2")
    assert done(client, case, "meet", **REASON) == "open"
    people = [str(world.bo.member.pk), str(world.ada.member.pk)]
    body = {
        "present": people, "note_taker": people[0], "time_keeper": people[1], "happened": "It was told", "act": "Yes",
    }  # fmt: skip
    for _time in range(2):
        client.post(f"/team/cases/{case.pk}/meeting/hold/", body)
    assert held(case) and case.entries.filter(kind=Entry.Kind.MINUTES).count() == 1


@pytest.mark.requirement("R49", "R50")
@pytest.mark.parametrize("level", ["danger", "minor", "private", "other"])
def test_a_party_is_not_let_in_outside_of_what_many_saw(world: World, level: str) -> None:
    case = open_case(world, level, safety="yes")
    party = reported(case, world.bo)
    client, path = world.bo.client(), f"/team/cases/{case.pk}/meeting/party/"
    client.post(path, {"party": str(party.pk), "key": "k" * 20} | REASON)
    client.post(path, {"party": "x", "key": "k" * 20} | REASON)
    assert not case.entries.filter(kind=Entry.Kind.STEP).exists()


@pytest.mark.requirement("R49", "R51")
def test_who_was_kept_out_is_not_written_down_as_present(world: World) -> None:
    case = open_case(world, told={"out": [world.cleo]})
    meeting.call(case, world.bo.keyring, by=world.bo.user, starts_at=timezone.now(), where="Room 2")
    client = world.bo.client()
    for stranger in (world.cleo.member, world.lara.member, world.gita.member):
        people = [str(world.bo.member.pk), str(stranger.pk)]
        body = {"present": people, "note_taker": people[0], "time_keeper": people[1], "happened": "x", "act": "y"}
        page = client.post(f"/team/cases/{case.pk}/meeting/hold/", body)
        assert page.status_code in {200, 422}
    assert not Attendance.objects.exists() and not held(case)


@pytest.mark.requirement("R51")
def test_a_step_is_not_handed_to_who_may_not_know_the_case(world: World) -> None:
    case = open_case(world, told={"out": [world.cleo]})
    step = duty(case, "convene")
    for stranger in (world.cleo.member, world.lara.member):
        path = f"/team/cases/{case.pk}/duty/{step.pk}/assign/"
        assert world.bo.client().post(path, {"to": str(stranger.pk)}).status_code == 404
    assert duty(case, "convene").owner_id == step.owner_id


@pytest.mark.requirement("R52")
def test_they_are_not_told_by_a_tap_while_somebody_is_afraid(world: World) -> None:
    case = open_case(world, fears=True)
    party = reported(case, world.bo)
    client = world.bo.client()
    assert done(client, case, "tell_reported") == "open"
    client.post(f"/team/cases/{case.pk}/tell/", {"party": str(party.pk), "words": "Somebody told us about Friday."})
    assert not GuestCode.objects.exists()
    harmed = {"party": str(party.pk), "words": "Hello", "reason": ""}
    assert client.post(f"/team/cases/{case.pk}/harmed/", harmed).status_code == 422
    assert not GuestCode.objects.exists()


@pytest.mark.requirement("R53")
def test_hearing_them_is_not_claimed_and_not_left_out_without_a_reason(world: World) -> None:
    case = open_case(world)
    reported(case, world.bo)
    client = world.bo.client()
    tick(case, "convene", world.bo)
    assert done(client, case, "hear_reported", **REASON) == "open"
    assert waived(client, case, "hear_reported", reason="  ") == "open"
    Client().post("/answer/write/", {"code": "AAAA-AAAA-AAAA-AAAA-AAAA", "text": "I am somebody else"})
    assert not case.entries.filter(kind=Entry.Kind.SIDE).exists()
    assert waived(client, case, "hear_reported", **REASON) == "waived"
    assert Duty.objects.get(case=case, name="hear_reported").reason is not None
