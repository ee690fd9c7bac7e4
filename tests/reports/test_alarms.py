"""What nags until somebody looks after it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from heard import guidance
from heard.community import actions as community
from heard.outbox import jobs
from heard.reports import queries, rules
from heard.reports.actions import alarms, handling, mailbox
from heard.reports.models import Report
from heard.vault import receipts, safes
from tests.conftest import Person, World, report_to
from tests.reports.test_handling import acknowledge

CLOCKS = guidance.default_policy().clocks
pytestmark = pytest.mark.requirement("R7")


def mailed(outbox: list[Any]) -> list[str]:
    """Run a round and return who got a mail in it."""
    before = len(outbox)
    alarms.go_round()
    jobs.run_due()
    return sorted(mail.to[0].partition("@")[0] for mail in outbox[before:])


def on_duty(world: World, person: Person) -> None:
    now = timezone.now()
    community.add_shift(
        world.berlin,
        by=None,
        member=person.member,
        event=world.event,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(days=9),
    )


NOON = "2026-05-04 11:00Z"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_at_an_event_in_minutes_first_who_is_on_duty_then_the_lead_then_global(
    clock: Any, world: World, outbox: list
) -> None:
    on_duty(world, world.bo)
    report_to(world.berlin, event=world.event)
    seen = [mailed(outbox)]
    for _ in range(5):
        clock.shift(60 * CLOCKS.nudge_event_minutes)
        seen.append(mailed(outbox))

    assert seen[0] == seen[1] == ["bo"]
    assert seen[2] == seen[3] == ["ada", "bo"]
    assert seen[4] == seen[5] == ["ada", "bo", "cleo", "gita", "gus"]
    assert queries.overdue_elsewhere(world.gita.user)[0][0] == world.berlin
    assert queries.overdue_elsewhere(world.ada.user) == []


def test_it_stops_when_somebody_acknowledges(clock: Any, world: World, outbox: list) -> None:
    report = report_to(world.berlin, event=world.event)
    assert mailed(outbox)
    acknowledge(report, world.bo)
    clock.shift(3 * 3600)

    assert mailed(outbox) == []


@pytest.mark.requirement("R32")
def test_danger_pages_everybody_at_once_and_again_within_minutes(clock: Any, world: World, outbox: list) -> None:
    on_duty(world, world.bo)
    report_to(world.berlin, event=world.event, danger=True)

    assert mailed(outbox) == ["ada", "bo", "cleo"]
    clock.shift(60 * CLOCKS.nudge_danger_minutes)
    assert mailed(outbox) == ["ada", "bo", "cleo"]


@pytest.mark.requirement("R51")
def test_nobody_is_told_of_what_does_not_exist_for_them(clock: Any, world: World, outbox: list) -> None:
    report_to(world.berlin, event=world.event, out=[world.ada, world.gita], danger=True)
    seen: set[str] = set()
    for _ in range(8):
        seen |= set(mailed(outbox))
        clock.shift(60 * 10)

    assert seen == {"bo", "cleo", "gus"}
    assert queries.overdue_elsewhere(world.gita.user) == []
    assert queries.overdue_elsewhere(world.gus.user)


def test_without_an_event_nobody_is_woken_at_night_but_for_danger(world: World, outbox: list) -> None:
    with time_machine.travel("2026-05-04 01:30Z", tick=False) as clock:
        report_to(world.berlin)
        assert mailed(outbox) == []
        clock.move_to("2026-05-04 05:00:01Z")  # seven in Berlin
        assert mailed(outbox) == ["ada", "bo", "cleo"]
    with time_machine.travel("2026-05-05 01:30Z", tick=False):
        report_to(world.berlin, danger=True)
        assert mailed(outbox) == ["ada", "bo", "cleo"]


def test_many_reports_at_once_are_bundled(clock: Any, world: World, outbox: list) -> None:
    for _ in range(40):
        report_to(world.berlin, event=world.event)

    assert mailed(outbox) == ["ada", "bo", "cleo"]
    clock.shift(301)
    assert mailed(outbox) == ["ada", "bo", "cleo"]


def test_suspected_junk_waits_an_hour(clock: Any, world: World, outbox: list) -> None:
    report_to(world.berlin, event=world.event, suspected=True)

    assert mailed(outbox) == []
    clock.shift(3601)
    assert mailed(outbox) == ["ada", "bo", "cleo"]


def test_what_the_reporter_writes_reaches_the_contact(clock: Any, world: World, outbox: list) -> None:
    token = receipts.new_form()
    report = report_to(world.berlin, event=world.event, token=token)
    acknowledge(report, world.bo)
    mailbox.write(report, safes.receipt_keyring(token.receipt), text="more", key="k")

    assert mailed(outbox) == ["bo"]
    world.bo.client().get(f"/team/reports/{report.pk}/")
    clock.shift(3 * 3600)
    assert mailed(outbox) == []
    assert not Report.objects.get().news_for_team


@pytest.mark.requirement("R45")
def test_the_clock_of_an_event_is_shorter(clock: Any, world: World) -> None:
    now = timezone.now()
    at_event, otherwise = report_to(world.berlin, event=world.event), report_to(world.berlin)

    assert at_event.due_at == now + timedelta(hours=CLOCKS.acknowledge_event_hours)
    assert otherwise.due_at == now + timedelta(hours=CLOCKS.acknowledge_hours)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(["Europe/Berlin", "Africa/Lagos", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Auckland"]),
)
def test_a_nudge_moves_to_the_next_morning_and_never_into_the_past(naive: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    when = naive.replace(tzinfo=ZoneInfo("UTC"))
    moved = rules.not_at_night(when, zone, CLOCKS)

    assert when <= moved <= when + timedelta(hours=11)
    assert CLOCKS.quiet_until <= moved.astimezone(zone).hour < CLOCKS.quiet_from


@pytest.mark.requirement("R7", "R46")
def test_a_word_that_was_promised_and_did_not_come_is_called_for_until_it_does(
    clock: Any, world: World, outbox: list
) -> None:
    report = report_to(world.berlin, event=world.event)
    acknowledge(report, world.bo)
    mailed(outbox)
    report.refresh_from_db()
    assert report.next_word_at
    clock.move_to(report.next_word_at - timedelta(minutes=5))
    assert mailed(outbox) == []
    clock.shift(600)
    assert mailed(outbox) == ["bo"]
    for _ in range(CLOCKS.nudges_before_lead):
        clock.shift(3600)
        called = mailed(outbox)
    assert called == ["ada", "bo"]
    board = world.bo.client().get("/team/board/").content.decode()
    assert "the reporter expects word" in board and report.code_name in board

    handling.answer(report, world.bo.keyring, by=world.bo.user, text="We met yesterday.", key="k" * 20)

    clock.shift(86400)
    assert mailed(outbox) == []
    assert "the reporter expects word" not in world.bo.client().get("/team/board/").content.decode()
