"""From a report to a meeting in which both have been heard: what comes next, and what must not happen."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from heard.audit import chain as audit
from heard.cases import queries, rules
from heard.cases.actions import clocks, duties, hearing, meeting, opening, people
from heard.cases.models import Case, Duty, GuestCode, Meeting
from heard.community import actions as community
from heard.guidance import LEVELS, playbook
from heard.guidance import duties as texts
from heard.outbox.models import Letter, Pace
from heard.reports.actions import handling, mailbox, standing
from heard.reports.models import Report
from heard.vault.keyring import NoGrant
from heard.vault.models import Drop, Exclusion, Safe
from tests.conftest import SECRET, Person, World, join, letter_key, report_to
from tests.reports.test_handling import acknowledge

HEARD = "I only wanted to be friendly"


def open_case(world: World, level: str = "witnessed", by: Person | None = None, **more: Any) -> Case:
    """A case from an acknowledged report of Berlin."""
    by = by or world.bo
    report = report_to(world.berlin, **more.pop("told", {}))
    acknowledge(report, by)
    case = opening.open_case(report, by.keyring, by=by.user, level=level, **more)
    return Case.objects.get(pk=case.pk)


def duty(case: Case, name: str) -> Duty:
    return case.duties.get(name=name)


def reported(case: Case, by: Person, **facts: str) -> Any:
    return people.add(case, by.keyring, by=by.user, role="reported", facts=facts or {"name": "Jonathan Quagmire"})


def tick(case: Case, name: str, by: Person, reason: str = "") -> None:
    duties.tick(duty(case, name), by.keyring, by=by.user, reason=reason)


def blocked(case: Case, name: str, by: Person, reason: str = "") -> str:
    with pytest.raises(duties.Blocked) as stopped:
        tick(case, name, by, reason)
    return stopped.value.reason


def hold(case: Case, by: Person, *present: Person, tasks: Any = (), reason: str = "") -> None:
    called = meeting.call(case, by.keyring, by=by.user, starts_at=timezone.now(), where="Room 2")
    members = [p.member for p in present]
    minutes = meeting.Minutes("He stood too close", "Yes, a warning", list(tasks))
    meeting.hold(
        called, by.keyring, by=by.user, present=members, note_taker=members[0], time_keeper=members[-1], minutes=minutes,
        reason=reason,
    )  # fmt: skip


@pytest.mark.requirement("R2", "R81")
def test_a_case_is_sealed_to_those_who_read_the_report_and_pins_the_policy(world: World) -> None:
    case = open_case(world, told={"out": [world.cleo], "who": "A tall man"})

    assert {m.shown_name for m in queries.able(case)} == {"Ada", "Bo"}
    with pytest.raises(NoGrant):
        world.cleo.keyring.key_of(case.safe_id)
    assert Exclusion.objects.get(safe=case.safe_id).user == world.cleo.user
    report = Report.objects.get(case_safe=case.safe_id)
    assert case.policy_version == report.policy_version and case.code_name == report.code_name
    (party,) = queries.parties(case, world.ada.keyring)
    assert (party.role, party.name) == ("reported", "A tall man")
    with pytest.raises(opening.WrongState):
        opening.open_case(report, world.bo.keyring, by=world.bo.user, level="other")


def test_only_an_acknowledged_report_becomes_a_case_and_only_by_who_reads_it(world: World) -> None:
    report = report_to(world.berlin, out=[world.cleo])
    with pytest.raises(opening.WrongState):
        opening.open_case(report, world.bo.keyring, by=world.bo.user, level="other")
    acknowledge(report, world.bo)
    with pytest.raises(opening.WrongState):
        opening.open_case(report, world.cleo.keyring, by=world.cleo.user, level="other")
    assert not Case.objects.exists()


@pytest.mark.requirement("R32", "R33", "R34", "R35", "R36", "R38", "R39")
@pytest.mark.parametrize("level", list(LEVELS))
def test_each_level_has_its_playbook_with_owner_clock_reason_and_script(world: World, level: str) -> None:
    for name in ("Eli", "Fay"):
        join(world.berlin, name)
    case = open_case(world, level)

    names = list(case.duties.values_list("name", flat=True))
    assert names == [d.name for d in playbook(level, small=False)]
    for row in case.duties.all():
        assert row.owner and row.due_at > timezone.now()
        assert texts()[row.name].why and texts()[row.name].script
    assert ("quiet_room" in names) == (level == "danger")
    assert ("ask_objection" in names) == (level == "private")


def test_a_small_team_has_six_steps_and_no_more(world: World) -> None:
    case = open_case(world, "private")
    assert case.small
    # Acknowledging was the first of six, telling the outcome is the last: it comes with the decision.
    assert [d.name for d in case.duties.all()] == [
        "ask_objection", "convene", "tell_reported", "hear_reported", "meet", "decide",
    ]  # fmt: skip


@pytest.mark.requirement("R37")
def test_the_police_only_at_the_wish_of_the_person_harmed_once_everybody_is_safe(world: World) -> None:
    for name in ("Eli", "Fay"):
        join(world.berlin, name)
    case = open_case(world, "danger", safety="yes")
    assert blocked(case, "police", world.bo) == "police"
    people.note_wishes(
        case, world.bo.keyring, by=world.bo.user, police=True, objects=False, fears=False, words="yes please", key="w1"
    )
    tick(case, "police", world.bo)
    assert duty(case, "police").state == "done"

    other = open_case(world, "danger", safety="yes")
    tick(other, "police", world.bo, reason="he came back with a knife")
    kept = duty(other, "police")
    assert world.ada.keyring.reveal(kept, "reason") == "he came back with a knife"


@pytest.mark.requirement("R37")
@pytest.mark.parametrize("safety", ["no", "unsure", ""])
def test_while_not_everybody_is_safe_nothing_blocks_a_call(world: World, safety: str) -> None:
    for name in ("Eli", "Fay"):
        join(world.berlin, name)
    case = open_case(world, "danger", safety=safety)
    page = world.bo.client().get(f"/team/cases/{case.pk}/").text
    assert "Not everybody is known to be safe" in page and "tel:" in page

    tick(case, "police", world.bo)

    with pytest.raises(duties.Blocked, match="safe_now"):
        duties.waive(duty(case, "safe_now"), world.bo.keyring, by=world.bo.user, reason="no time")
    duties.answer_safety(case, world.bo.keyring, by=world.bo.user, safety="yes")
    assert duty(case, "safe_now").state == "done"
    assert "Not everybody is known" not in world.bo.client().get(f"/team/cases/{case.pk}/").text


@pytest.mark.requirement("R40")
def test_in_private_an_objection_stops_the_convening_and_silence_does_not(world: World) -> None:
    case = open_case(world, "private")
    when = timezone.now() + timedelta(days=1)
    for stopped in ("not_asked", "may_object"):
        with pytest.raises(duties.Blocked, match=stopped):
            meeting.call(case, world.bo.keyring, by=world.bo.user, starts_at=when, where="x")
        assert blocked(case, "convene", world.bo) == stopped
        if stopped == "not_asked":
            tick(case, "ask_objection", world.bo)
            case.refresh_from_db()
    Case.objects.filter(pk=case.pk).update(object_until=timezone.now() - timedelta(minutes=1))
    meeting.call(case, world.bo.keyring, by=world.bo.user, starts_at=when, where="x")
    assert duty(case, "convene").state == "done"

    refused = open_case(world, "private")
    people.note_wishes(
        refused, world.bo.keyring, by=world.bo.user, police=False, objects=True, fears=False, words="", key="w"
    )
    Case.objects.filter(pk=refused.pk).update(object_until=timezone.now() - timedelta(minutes=1))
    with pytest.raises(duties.Blocked, match="objected"):
        meeting.call(refused, world.bo.keyring, by=world.bo.user, starts_at=when, where="x")
    answer = world.bo.client().post(
        f"/team/cases/{refused.pk}/meeting/", {"do": "call", "starts_at": "2027-01-01T10:00", "where": "x"}, follow=True
    )
    assert "objects" in answer.text and not refused.meetings.exists()


@pytest.mark.requirement("R40")
def test_what_the_reporter_said_in_the_mailbox_counts_in_the_case(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    handling.ask_consent(report, world.bo.keyring, by=world.bo.user, text="we go ahead", key=letter_key())
    report.refresh_from_db()
    receipt = report.receipts.get()
    assert receipt and mailbox

    case = opening.open_case(report, world.bo.keyring, by=world.bo.user, level="private")

    assert duty(case, "ask_objection").state == "done"
    assert case.object_until == report.consent_by


@pytest.mark.requirement("R52", "R53")
def test_the_person_reported_reads_what_was_prepared_and_writes_their_side_without_an_account(world: World) -> None:
    case = open_case(world)
    party = reported(case, world.bo)
    code = hearing.make_code(case, party, world.bo.keyring, by=world.bo.user, words="There is a complaint about Friday")
    assert duty(case, "tell_reported").state == "done"
    guest = Client()
    slip = ("2" if code[0] != "2" else "3") + code[1:]
    assert "slip" in guest.post("/answer/", {"code": slip}).text
    assert "Nothing is here" in guest.post("/answer/", {"code": "0000-0000-0000-0000-00000"}).text
    page = guest.post("/answer/", {"code": code.lower()})
    assert "There is a complaint about Friday" in page.text
    assert SECRET not in page.text and case.code_name not in page.text and not guest.cookies.get("session")
    Letter.objects.all().delete()
    Pace.objects.all().delete()

    assert "It has arrived" in guest.post("/answer/write/", {"code": code, "text": HEARD}).text

    assert HEARD.encode() not in bytes(Drop.objects.get().data)
    assert Letter.objects.count() == 3
    assert HEARD in world.ada.client().get(f"/team/cases/{case.pk}/").text
    assert not Drop.objects.exists() and duty(case, "hear_reported").state == "done"
    GuestCode.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    again = guest.post("/answer/write/", {"code": code, "text": "typed with care"})
    assert "run out" in again.text and "typed with care" in again.text


@pytest.mark.requirement("R51", "R53")
def test_what_waits_for_the_team_survives_a_new_key(world: World) -> None:
    case = open_case(world)
    party = reported(case, world.bo)
    code = hearing.make_code(case, party, world.bo.keyring, by=world.bo.user, words="w")
    Client().post("/answer/write/", {"code": code, "text": HEARD})
    report = Report.objects.get(case_safe=case.safe_id)

    standing.recuse(report, world.cleo.keyring, by=world.cleo.user)

    assert Safe.objects.get(pk=case.safe_id).version == 2
    assert HEARD in world.bo.client().get(f"/team/cases/{case.pk}/").text
    assert world.cleo.client().get(f"/team/cases/{case.pk}/").status_code == 404


@pytest.mark.requirement("R52")
def test_telling_them_although_somebody_is_afraid_wants_a_reason(world: World) -> None:
    case = open_case(world, fears=True)
    party = reported(case, world.bo)
    assert blocked(case, "tell_reported", world.bo) == "fear"
    page = world.bo.client().post(f"/team/cases/{case.pk}/tell/", {"party": str(party.pk), "words": "hello"})
    assert page.status_code == 422 and "fears for their safety" in page.text and "hello" in page.text
    for_words = {"party": str(party.pk), "words": "hello", "reason": "the words are fine"}
    assert world.bo.client().post(f"/team/cases/{case.pk}/tell/", for_words).status_code == 422
    told = {"party": str(party.pk), "words": "hello", "although": "she has left town"}
    assert "shown only now" in world.bo.client().post(f"/team/cases/{case.pk}/tell/", told).text
    assert world.bo.keyring.reveal(duty(case, "tell_reported"), "reason") == "she has left town"


@pytest.mark.requirement("R53")
def test_nothing_is_decided_about_somebody_unheard_but_with_a_reason(world: World) -> None:
    case = open_case(world)
    with pytest.raises(duties.Blocked, match="unheard_meeting"):
        hold(case, world.bo, world.ada, world.bo)
    assert blocked(case, "hear_reported", world.bo) == "after"
    with pytest.raises(duties.Blocked, match="reason"):
        duties.waive(duty(case, "hear_reported"), world.bo.keyring, by=world.bo.user, reason=" ")

    hold(case, world.bo, world.ada, world.bo, reason="they left the country")

    case.refresh_from_db()
    assert case.state == "met"
    assert "they left the country" in queries.timeline(case, world.ada.keyring)[-1].body


@pytest.mark.requirement("R47", "R48")
def test_a_meeting_from_the_times_asked_about_to_its_tasks(world: World) -> None:
    case = open_case(world)
    ada, bo = world.ada.client(), world.bo.client()
    path = f"/team/cases/{case.pk}/meeting/"
    bo.post(path, {"do": "ask", "time1": "2027-03-01T10:00", "time2": "2027-03-01T16:00"})
    poll = Meeting.objects.get()
    ada.post(path, {"do": "answer", "slot": [s.pk for s in poll.slots.all()][:1]})
    assert "(Ada)" in bo.get(path).text
    bo.post(path, {"do": "call", "starts_at": "2027-03-01T10:00", "where": "https://meet.example/" + SECRET})
    poll.refresh_from_db()
    assert poll.state == "called" and poll.starts_at == datetime(2027, 3, 1, 9, tzinfo=ZoneInfo("UTC"))
    ics = ada.get(path + "calendar/").text
    assert (
        "DTSTART:20270301T090000Z" in ics and SECRET not in ics and case.code_name not in ics and "ATTENDEE" not in ics
    )
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text=HEARD, key="s")
    members = [str(world.ada.member.pk), str(world.bo.member.pk)]
    body = {
        "present": members, "note_taker": members[0], "time_keeper": members[1], "happened": "He stood too close",
        "act": "Yes", "what1": "Write to him", "who1": members[1], "when1": "2027-03-02T12:00",
    }  # fmt: skip
    half = bo.post(path + "hold/", body | {"when1": ""})
    assert half.status_code == 422 and "by when?" in half.text and "He stood too close" in half.text

    bo.post(path + "hold/", body)

    task = case.duties.get(name="")
    assert world.ada.keyring.reveal(task, "title") == "Write to him" and task.owner == world.bo.user
    case.refresh_from_db()
    assert case.state == "met" and duty(case, "meet").state == "done"
    assert "Write to him" in bo.get("/team/board/").text
    minutes = queries.timeline(case, world.ada.keyring)[-1]
    assert minutes.kind == "minutes" and "Ada, Bo" in minutes.body


@pytest.mark.requirement("R49", "R50")
def test_a_party_does_not_come_but_where_very_many_saw_it_and_with_a_reason(world: World) -> None:
    for level, reason, stopped in (("other", "because", "party"), ("witnessed", " ", "party_reason")):
        case = open_case(world, level)
        party = reported(case, world.bo)
        with pytest.raises(duties.Blocked, match=stopped):
            meeting.invite_party(case, party, world.bo.keyring, by=world.bo.user, reason=reason, key="k")
    meeting.invite_party(case, party, world.bo.keyring, by=world.bo.user, reason="on stage, before all", key="k")
    assert "on stage" in queries.timeline(case, world.bo.keyring)[-1].body


@pytest.mark.requirement("R49", "R51")
def test_nobody_without_a_key_is_present_whatever_is_sent(world: World) -> None:
    case = open_case(world, told={"out": [world.cleo]})
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text=HEARD, key="s")
    with pytest.raises(opening.WrongState):
        hold(case, world.bo, world.bo, world.cleo)
    assert case.state == "open"


@pytest.mark.requirement("R51")
def test_without_a_quorum_nothing_is_decided_and_the_case_moves_up(world: World) -> None:
    case = open_case(world)
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text=HEARD, key="s")

    with pytest.raises(meeting.TooFew) as few:
        hold(case, world.bo, world.bo)

    assert few.value.moved
    case.refresh_from_db()
    assert case.team == world.worldwide and case.state == "open"
    assert {m.shown_name for m in queries.able(case)} == {"Gita", "Gus"}
    assert world.bo.client().get(f"/team/cases/{case.pk}/").status_code == 404
    page = world.gita.client().get(f"/team/cases/{case.pk}/").text
    assert HEARD in page and "the global team takes over" in page
    report = Report.objects.get(case_safe=case.safe_id)
    assert SECRET in world.gita.client().get(report.get_absolute_url()).text
    assert set(case.duties.filter(state="open").values_list("owner", flat=True)) <= {
        world.gita.user.pk, world.gus.user.pk,
    }  # fmt: skip


@pytest.mark.requirement("R51")
def test_no_majority_of_one_employer_decides(world: World) -> None:
    others = [join(world.berlin, name) for name in ("Eli", "Fay")]
    case = open_case(world)
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text=HEARD, key="s")
    for person in (world.bo, others[0]):
        community.set_employer(person.user, "Pyramid Analytics")
    with pytest.raises(duties.Blocked, match="employer"):
        hold(case, world.bo, world.bo, others[0], world.ada)
    case = Case.objects.get(pk=case.pk)
    hold(case, world.bo, world.bo, others[1], world.ada)
    assert rules.one_employer_decides(["A", "a ", "B"]) and not rules.one_employer_decides(["A", "", "B", ""])


@pytest.mark.requirement("R51")
def test_a_member_who_turns_out_to_be_meant_is_out_at_once(world: World) -> None:
    case = open_case(world)
    client = world.cleo.client()
    assert client.get(f"/team/cases/{case.pk}/").status_code == 200

    world.bo.client().post(f"/team/cases/{case.pk}/person/", {"role": "reported", "name": "Cleo Marchetti"})

    assert client.get(f"/team/cases/{case.pk}/").status_code == 404
    report = Report.objects.get(case_safe=case.safe_id)
    assert client.get(report.get_absolute_url()).status_code == 404
    assert Exclusion.objects.filter(user=world.cleo.user, kind="match").count() == 2
    handling.judge_match(report, world.ada.keyring, by=world.ada.user, member=world.cleo.member, is_party=False)
    assert client.get(f"/team/cases/{case.pk}/").status_code == 200


@pytest.mark.requirement("R51")
def test_who_stands_aside_from_a_report_stands_aside_from_its_case(world: World) -> None:
    case = open_case(world)
    report = Report.objects.get(case_safe=case.safe_id)
    key = world.cleo.keyring.key_of(case.safe_id)
    note = letter_key()
    standing.recuse(report, world.cleo.keyring, by=world.cleo.user)
    duties.note(case, world.bo.keyring, by=world.bo.user, kind="note", text=SECRET, key=note)

    assert queries.case_for(world.cleo.user, case.pk) is None
    assert Safe.objects.get(pk=case.safe_id).version == key.version + 1
    assert world.cleo.client().get("/team/board/").text.count(case.code_name) == 0


@pytest.mark.requirement("R45", "R46")
@time_machine.travel(datetime(2027, 3, 3, 11, 0, tzinfo=ZoneInfo("UTC")))
def test_no_clock_runs_out_unannounced(world: World) -> None:
    case = open_case(world)
    Case.objects.filter(pk=case.pk).update(opened_at=timezone.now() - timedelta(days=3))
    Duty.objects.exclude(name="tell_reported").update(state="done")
    told = duty(case, "tell_reported")

    def round_at(due_in: timedelta) -> set[str]:
        Letter.objects.all().delete()
        Pace.objects.all().delete()
        Duty.objects.filter(pk=told.pk).update(due_at=timezone.now() + due_in)
        clocks.go_round()
        names = {str(p.user.pk): p.member.shown_name for p in vars(world).values() if isinstance(p, Person)}
        return {names[key.split(":")[1]] for key in Letter.objects.values_list("key", flat=True)}

    assert round_at(timedelta(days=2)) == set()
    assert round_at(timedelta(hours=20)) == {"Ada"}
    assert round_at(timedelta(hours=19)) == set()
    Duty.objects.filter(pk=told.pk).update(nudged_at=timezone.now() - timedelta(hours=20))
    assert round_at(-timedelta(minutes=1)) == {"Ada"}
    calls = []
    for _ in range(4):
        Duty.objects.filter(pk=told.pk).update(nudged_at=timezone.now() - timedelta(hours=25))
        calls.append(round_at(-timedelta(days=2)))
    assert calls[0] == {"Ada"} and calls[-1] >= {"Ada", "Bo", "Cleo", "Gita", "Gus"}
    tick(case, "tell_reported", world.ada)
    assert round_at(-timedelta(days=3)) == set()


@pytest.mark.requirement("R45")
def test_days_are_counted_on_the_wall_whatever_daylight_saving_does() -> None:
    zone = ZoneInfo("Europe/Berlin")
    opened = datetime(2027, 3, 25, 18, 0, tzinfo=zone)
    assert rules.due(opened, 96, zone) == datetime(2027, 3, 29, 18, 0, tzinfo=zone)
    assert rules.due(opened, 6, zone) == datetime(2027, 3, 26, 0, 0, tzinfo=zone)
    autumn = datetime(2027, 10, 30, 2, 30, tzinfo=zone)
    assert (rules.due(autumn, 24, zone).hour, rules.due(autumn, 24, zone).minute) == (2, 30)


@pytest.mark.requirement("R46")
def test_working_days_keep_weekends_and_holidays_where_the_chapter_is() -> None:
    eve = datetime(2026, 12, 23, 18, 0, tzinfo=ZoneInfo("UTC"))

    berlin = rules.working(eve, 2, ZoneInfo("Europe/Berlin"), "DE")
    # Christmas, Boxing Day, Saturday and Sunday lie between; the clock on the wall stays.
    assert berlin.isoformat() == "2026-12-28T19:00:00+01:00"
    friday = datetime(2026, 11, 26, 9, 0, tzinfo=ZoneInfo("UTC"))
    assert rules.working(friday, 2, ZoneInfo("Asia/Riyadh"), "SA").isoweekday() == 1
    assert rules.working(eve, 1, ZoneInfo("UTC"), "XX").isoformat() == "2026-12-24T18:00:00+00:00"
    convene = texts()["convene"]
    latest = rules.due_for(convene, eve, at_event=False, zone=ZoneInfo("Europe/Berlin"), country="DE")
    assert berlin == latest <= eve + timedelta(days=6)


@pytest.mark.requirement("R45")
def test_during_an_event_the_meeting_is_due_within_half_a_day(world: World) -> None:
    case = open_case(world, told={"event": world.event})
    assert case.at_event
    assert duty(case, "meet").due_at - case.opened_at <= timedelta(hours=12)
    week = open_case(world)
    assert timedelta(days=6) < duty(week, "meet").due_at - week.opened_at <= timedelta(days=7, hours=1)


def test_duties_are_handed_over_only_to_those_who_can_read_it(world: World) -> None:
    case = open_case(world, told={"out": [world.cleo]})
    row = duty(case, "meet")
    client = world.bo.client()
    path = f"/team/cases/{case.pk}/duty/{row.pk}/assign/"
    assert client.post(path, {"to": str(world.cleo.member.pk)}).status_code == 404
    client.post(path, {"to": str(world.bo.member.pk)})
    row.refresh_from_db()
    assert row.owner == world.bo.user
    assert "duty.assigned" in {e.what for e in audit.entries(f"safe:{case.safe_id}")}
    assert {n: o for n, o, _late in queries.load(world.berlin, world.ada.user)}["Bo"] >= 1


def test_a_practice_case_reaches_its_end_in_its_steps_and_calls_nobody(world: World) -> None:
    client = world.bo.client()
    client.post("/team/of/berlin/drill/", {"level": "private"})
    case = Case.objects.get(is_drill=True)
    assert "This is practice" in client.get(f"/team/cases/{case.pk}/").text
    Letter.objects.all().delete()
    tick(case, "ask_objection", world.bo)
    Case.objects.filter(pk=case.pk).update(object_until=timezone.now() - timedelta(minutes=1))
    party = next(p for p in case.parties.all() if p.role == "reported")
    case.refresh_from_db()
    hearing.make_code(case, party, world.bo.keyring, by=world.bo.user, words="w")
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text="no", key="k")
    Duty.objects.update(due_at=timezone.now() - timedelta(days=9))
    clocks.go_round()
    assert not Letter.objects.exists()
    hold(case, world.bo, world.ada, world.bo)
    assert [d.name for d in case.duties.filter(state="open")] == ["decide"]


@pytest.mark.requirement("R52", "R53")
@time_machine.travel(datetime(2027, 3, 3, 11, 0, tzinfo=ZoneInfo("UTC")))
def test_jupytercon_2020_again(world: World) -> None:
    """A talk was judged and the speaker told after a week; here each slip is stopped or called out."""
    case = open_case(world, "witnessed", fears=True)
    reported(case, world.bo, name="A Keynote Speaker")
    with pytest.raises(duties.Blocked, match="unheard_meeting"):
        hold(case, world.bo, world.ada, world.bo)
    told = duty(case, "tell_reported")
    assert told.due_at - case.opened_at <= timedelta(days=4)
    Duty.objects.filter(pk=told.pk).update(due_at=timezone.now() - timedelta(days=3), nudges=3)
    Pace.objects.all().delete()
    Letter.objects.all().delete()
    clocks.go_round()
    assert str(world.gita.user.pk) in " ".join(Letter.objects.values_list("key", flat=True))
    assert blocked(case, "tell_reported", world.bo) == "fear"
    tick(case, "tell_reported", world.bo, reason="the reporter agreed to today")
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text="I was not told what was wrong", key="s")
    hold(Case.objects.get(pk=case.pk), world.bo, world.ada, world.bo)
    assert Case.objects.get(pk=case.pk).state == "met"


@pytest.mark.requirement("R57")
def test_what_one_person_did_alone_is_looked_at_by_somebody_else_within_a_day(world: World) -> None:
    case = open_case(world, "danger", safety="yes")
    client = world.bo.client()
    client.post(f"/team/cases/{case.pk}/alone/", {"what": "I sent him home", "key": "k1"})
    client.post(f"/team/cases/{case.pk}/alone/", {"what": "", "key": "k1"})
    review = duty(case, "review_emergency")
    assert review.owner == world.ada.user and review.due_at <= timezone.now() + timedelta(hours=25)
    assert blocked(case, "review_emergency", world.bo) == "second_person"
    with pytest.raises(duties.Blocked, match="second_person"):
        duties.waive(review, world.bo.keyring, by=world.bo.user, reason="no need")
    tick(case, "review_emergency", world.ada)
    assert "I sent him home" in world.ada.client().get(f"/team/cases/{case.pk}/").text


@pytest.mark.requirement("R47")
def test_the_page_of_the_meeting_says_where_nobody_has_done_it_before(world: World) -> None:
    for is_new in (True, False):
        case = open_case(world)
        reported(case, world.bo)
        meeting.call(case, world.bo.keyring, by=world.bo.user, starts_at=timezone.now(), where="Room 2")
        page = world.bo.client().get(f"/team/cases/{case.pk}/meeting/hold/").text
        assert ("held such a meeting here before" in page) == is_new
        hold(case, world.bo, world.bo, world.ada, reason="They are gone")


@pytest.mark.requirement("R53")
def test_who_cannot_be_found_is_looked_for_again(world: World) -> None:
    case = open_case(world)
    for key in ("a", "a", "b"):
        world.bo.client().post(f"/team/cases/{case.pk}/not-found/", {"where": "at the desk", "key": key})
    # Each note renews it, and the same page sent twice is one note: somebody looks every day, until they are found.
    assert sorted(case.duties.filter(name="look_again").values_list("state", flat=True)) == ["done", "open"]


@pytest.mark.requirement("R46")
def test_after_the_meeting_the_reporter_is_asked_twice_how_they_are(world: World) -> None:
    case = open_case(world)
    hearing.write_down(case, world.bo.keyring, by=world.bo.user, text=HEARD, key="s")
    hold(case, world.bo, world.ada, world.bo)
    first, second = duty(case, "check_in_1"), duty(case, "check_in_2")
    assert first.owner == world.bo.user
    assert timedelta(days=6) < second.due_at - first.due_at < timedelta(days=8)


def test_somebody_under_age_has_a_playbook_of_their_own(world: World) -> None:
    case = open_case(world, "minor")
    names = [d.name for d in case.duties.all()]
    assert names[:4] == ["safe_now", "safeguarding", "no_parents_yet", "never_copy"] and "meet" in names
    assert case.unsafe


def test_no_bracket_of_the_template_reaches_the_person_reported(world: World) -> None:
    case = open_case(world)
    party = reported(case, world.bo)
    client = world.bo.client()
    page = client.get(f"/team/cases/{case.pk}/tell/").text
    assert "[Say in a sentence" in page
    answer = client.post(
        f"/team/cases/{case.pk}/tell/", {"party": str(party.pk), "words": "Hi [Say in a sentence or two]"}
    )
    assert answer.status_code == 422 and not GuestCode.objects.exists()


@pytest.mark.requirement("R20")
def test_a_report_is_written_down_for_somebody_who_confirms_it_with_a_code(world: World) -> None:
    client = world.bo.client()
    path = "/team/of/berlin/intake/"
    assert world.lara.client().get(path).status_code == 404
    token = client.get(path).text.split('name="token" value="')[1].split('"')[0]
    body = {"how": "phone", "what_happened": SECRET, "who": "A tall man", "token": token}
    empty = client.post(path, body | {"what_happened": ""})
    assert empty.status_code == 422 and "A tall man" in empty.text
    page = client.post(path, body).text
    again = client.post(path, body).text
    code = page.split('id="code">')[1].split("<")[0]
    assert code in again and Report.objects.count() == 1
    report = Report.objects.get()
    assert SECRET in world.ada.client().get(report.get_absolute_url()).text
    assert "wrote it down for them" in world.ada.client().get(f"/team/reports/{report.pk}/access/").text
    mailbox_page = Client().post("/receipt/", {"code": code})
    assert mailbox_page.status_code == 200 and "arrived" in mailbox_page.text
    assert client.post(path, body | {"token": "zz"}).status_code == 422


@pytest.mark.requirement("R20", "R51")
def test_who_writes_down_a_report_about_themselves_does_not_read_it(world: World) -> None:
    client = world.bo.client()
    token = client.get("/team/of/berlin/intake/").text.split('name="token" value="')[1].split('"')[0]
    page = client.post(
        "/team/of/berlin/intake/", {"how": "voice", "what_happened": "x", "who": "Bo Lindqvist", "token": token}
    )
    assert "This code is for them" in page.text
    assert client.get(Report.objects.get().get_absolute_url()).status_code == 404


@pytest.mark.requirement("R37", "R40")
def test_the_person_harmed_has_a_code_of_their_own_where_somebody_else_reported(world: World) -> None:
    case = open_case(world, "private", harmed="Mina")
    client = world.bo.client()
    party = next(p for p in queries.parties(case, world.bo.keyring) if p.role == "harmed")
    page = client.post(f"/team/cases/{case.pk}/harmed/", {"party": str(party.pk), "words": "We heard of it."}).text
    code = page.split('id="code">')[1].split("<")[0]
    assert duty(case, "tell_reported").state == "open"
    guest = Client()
    assert "What you wish, and what you allow" in guest.post("/answer/", {"code": code}).text
    guest.post("/answer/write/", {"code": code, "text": "please do nothing in my name"})

    lines = client.get(f"/team/cases/{case.pk}/").text
    assert "please do nothing in my name" in lines and "From the person harmed" in lines
    assert duty(case, "hear_reported").state == "open"
    witness = people.add(case, world.bo.keyring, by=world.bo.user, role="witness", facts={"name": "Wim"})
    with pytest.raises(opening.WrongState):
        hearing.make_code(case, witness, world.bo.keyring, by=world.bo.user, words="x")


@pytest.mark.requirement("R10")
def test_who_was_here_before_is_shown_to_who_holds_the_earlier_case(world: World) -> None:
    before = open_case(world)
    reported(before, world.bo, name="Jonathan Quagmire", handles="@quagmire")
    hidden = open_case(world, told={"out": [world.ada]})
    reported(hidden, world.bo, name="Jonathan Quagmire")
    now = open_case(world)
    reported(now, world.bo, name="Jonathon Quagmire", handles="quagmire")

    page = world.ada.client().get(f"/team/cases/{now.pk}/earlier/").text

    assert before.code_name in page and "the same handle" in page
    assert hidden.code_name not in page
    assert {one.case.pk for one in queries.earlier(now, world.bo.user, world.bo.keyring)} == {before.pk, hidden.pk}
    assert queries.earlier(open_case(world), world.bo.user, world.bo.keyring) == []


@pytest.mark.requirement("R68")
def test_who_reads_a_case_is_written_down_and_shown(world: World) -> None:
    case = open_case(world)
    world.ada.client().get(f"/team/cases/{case.pk}/")
    page = world.bo.client().get(f"/team/cases/{case.pk}/access/").text
    assert "<strong>Ada</strong> read it" in page and "<strong>Bo</strong> opened it" in page


@pytest.mark.requirement("R46")
def test_a_notice_of_delay_and_the_check_ins_are_prepared(world: World) -> None:
    for name in ("Eli", "Fay"):
        join(world.berlin, name)
    case = open_case(world)
    report = Report.objects.get(case_safe=case.safe_id)
    client = world.bo.client()
    address = f"/team/reports/{report.pk}/answer/?letter=delay"
    assert address in client.get(f"/team/cases/{case.pk}/").text
    assert "we have not forgotten you" in client.get(address).text
    assert "how you are" in client.get(f"/team/reports/{report.pk}/answer/?letter=check_in").text
    assert "forgotten" not in client.get(f"/team/reports/{report.pk}/answer/?letter=acknowledgement").text
    unfinished = client.post(address, {"text": "You hear from us by [name a day].", "key": letter_key()})
    assert unfinished.status_code == 422 and "in place of those in brackets" in unfinished.text
    assert not report.messages.filter(kind="out", body__isnull=False).count() > 1


@pytest.mark.requirement("R51")
def test_a_case_goes_with_its_reports_where_too_few_are_left(world: World) -> None:
    case = open_case(world, told={"out": [world.cleo]})
    second = report_to(world.berlin, "the same evening")
    acknowledge(second, world.ada)
    world.ada.client().post(f"/team/cases/{case.pk}/link/", {"report": str(second.pk)})
    duties.note(case, world.bo.keyring, by=world.bo.user, kind="note", text="what we know", key="k")
    first = queries.reports_of(case)[0]

    standing.recuse(first, world.bo.keyring, by=world.bo.user)

    gita = world.gita.client()
    assert "what we know" in gita.get(f"/team/cases/{case.pk}/").text
    assert "the same evening" in gita.get(second.get_absolute_url()).text
    for left in (world.ada, world.bo):
        assert left.client().get(f"/team/cases/{case.pk}/").status_code == 404
        assert left.client().get(second.get_absolute_url()).status_code == 404
