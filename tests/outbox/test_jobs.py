"""Work that happens later."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from heard.outbox import jobs, letters
from heard.outbox.models import Job, Letter, Pace

pytestmark = pytest.mark.django_db
ran: list[str] = []


@pytest.fixture(autouse=True)
def only_our_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_rounds", {})
    monkeypatch.setattr(
        jobs, "_handlers", {"note": lambda word: ran.append(word), "fail": fail, "outbox.send": letters.send}
    )
    ran.clear()


def fail(word: str) -> None:
    raise RuntimeError(f"cannot do {word}")


def test_a_job_runs_once_for_its_key() -> None:
    jobs.enqueue("note", key="k", word="a")
    jobs.enqueue("note", key="k", word="a")

    assert jobs.run_due() == 1
    assert jobs.run_due() == 0
    assert ran == ["a"]


def test_a_job_of_tomorrow_waits() -> None:
    jobs.enqueue("note", key="k", run_at=timezone.now() + timedelta(days=1), word="a")

    assert jobs.run_due() == 0
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert jobs.run_due() == 1


def test_a_failing_job_backs_off_keeps_no_text_and_dies_in_the_end() -> None:
    jobs.enqueue("fail", key="k", word="secret words")
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(jobs.MOST_ATTEMPTS):
            assert jobs.run_due() == 1
            assert jobs.run_due() == 0
            clock.shift(3700)
    job = Job.objects.get()

    assert (job.state, job.error) == ("dead", "RuntimeError")
    with time_machine.travel(timezone.now() + timedelta(days=jobs.KEPT_DEAD_DAYS + 3)):
        jobs.forget_done()
    assert not Job.objects.exists()
    assert "secret" not in job.error


def test_a_lease_of_a_killed_worker_is_taken_over_and_the_dead_one_cannot_write() -> None:
    jobs.enqueue("note", key="k", word="a")
    first = jobs._claim()
    assert first
    assert jobs._claim() is None

    with time_machine.travel(timezone.now() + jobs.LEASE + timedelta(seconds=1)):
        second = jobs._claim()
        assert second
        jobs._end(first, state="done")
        assert Job.objects.get().state == "leased"
        jobs._end(second, state="done")
        assert Job.objects.get().state == "done"


def test_a_round_happens_once_per_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.every("tick", timedelta(minutes=5), lambda: ran.append("tick"))
    with time_machine.travel("2026-05-01 12:00:10Z", tick=False) as clock:
        jobs.run_due()
        jobs.run_due()
        clock.shift(300)
        jobs.run_due()

    assert ran == ["tick", "tick"]


def post(key: str = "k") -> Letter:
    letters.post(Letter.Kind.NUDGE, key=key, to="ada@team.example", subject="s", body="b")
    return Letter.objects.get(key=key)


def test_a_letter_is_sealed_until_sent_and_wiped_after(outbox: list) -> None:
    letter = post()
    assert "[sealed]" in repr(letter.to)

    jobs.run_due()

    assert [mail.to for mail in outbox] == [["ada@team.example"]]
    letter.refresh_from_db()
    assert (letter.state, letter.to, letter.body, letter.row_key) == ("sent", None, None, None)


def test_after_a_crash_while_sending_nobody_gets_it_twice_within_the_wait(outbox: list) -> None:
    letter = post()
    Letter.objects.filter(pk=letter.pk).update(state="sending", tried_at=timezone.now())

    jobs.run_due()
    assert outbox == []
    with time_machine.travel(timezone.now() + letters.UNSURE + timedelta(seconds=5)):
        jobs.run_due()

    assert len(outbox) == 1


def test_a_mail_server_that_refuses_is_tried_again(outbox: list, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = post()
    real = letters._deliver
    monkeypatch.setattr(letters, "_deliver", lambda row: (_ for _ in ()).throw(OSError("refused")))
    jobs.run_due()
    letter.refresh_from_db()
    assert letter.state == "ready"
    monkeypatch.setattr(letters, "_deliver", real)

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        jobs.run_due()

    assert len(outbox) == 1


def test_nudges_to_one_person_are_bundled(world, outbox: list) -> None:
    def nudge() -> None:
        letters.nudge(world.ada.user.pk, to="ada@team.example", spacing=timedelta(minutes=5))

    for _ in range(20):
        nudge()
    jobs.run_due()
    assert len(outbox) == 1
    assert Pace.objects.count() == 1

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        jobs.run_due()
    assert len(outbox) == 2
