"""Killed at random moments; a disk that is full."""

import itertools
import os
import random
import resource
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes

import pytest

from tests.hard.conftest import code_of, token_of, told
from tests.services import Heard

pytestmark = pytest.mark.slow
REPORTS = 200
SPACING_SECONDS = 59.9  # the shortest interval there is: somebody is in danger
LET_TIME_PASS = """
from datetime import timedelta
from django.db.models import F
from heard.outbox.models import Job, Letter
ago = timedelta(minutes=30)
Letter.objects.exclude(tried_at=None).update(tried_at=F("tried_at") - ago)
Job.objects.update(run_at=F("run_at") - ago)
Job.objects.exclude(lease_until=None).update(lease_until=F("lease_until") - ago)
"""


def test_killed_again_and_again_no_receipt_that_was_shown_is_lost(serve: Callable[..., Heard]) -> None:
    server = serve(processes=2).start()
    stop, rng = threading.Event(), random.Random(7)

    def killer() -> None:
        start = (
            0.5  # a life is as long as a start, more or less: else a busy machine answers nothing between two deaths
        )
        while not stop.wait(rng.uniform(0.6, 2.4) * start):
            if rng.random() < 0.5:
                server.kill()
                begun = time.monotonic()
                server.start()
                start = max(0.5, time.monotonic() - begun)
            else:
                if running := server.pids()[1:] or server.pids():
                    os.kill(rng.choice(running), signal.SIGKILL)
                if server.process and server.process.poll() is not None:
                    server.start()

    def report(n: int) -> str:
        token = token_of(server.ask_until_answered("GET", "/r/berlin/").text)
        page = server.ask_until_answered(
            "POST", "/r/berlin/", {"token": token, "what_happened": f"marker-{n}-end", "danger": "on"}
        )
        return code_of(page.text)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            codes = list(pool.map(report, range(REPORTS)))
    finally:
        stop.set()
        thread.join()
    server.stop()
    server.start()

    for n, code in enumerate(codes):
        assert f"marker-{n}-end" in told(server, code)
    count = (
        "from heard.reports.models import Report; print(Report.objects.filter(suspected=False, danger=True).count())"
    )
    assert int(server.shell(count)) == REPORTS + 1  # one of the demo's
    server.run("audit", "verify")
    check_nudges(server)


def check_nudges(server: Heard) -> None:
    """Every nudge goes out in the end, and none twice within its interval."""
    server.stop()
    server.shell(LET_TIME_PASS)
    server.run("worker", "--once")
    letters = server.shell(
        "from heard.outbox.models import Letter\nfor l in Letter.objects.all(): print(l.kind, l.key, l.state)"
    ).splitlines()
    assert letters
    assert all(line.endswith(" sent") for line in letters), letters
    moments: dict[str, list[float]] = {}
    for line in letters:
        kind, key, _state = line.split(" ")
        if kind == "nudge":
            _, person, moment = key.split(":")
            moments.setdefault(person, []).append(float(moment))
    assert moments
    for times in moments.values():
        ordered = sorted(times)
        assert all(later - earlier >= SPACING_SECONDS for earlier, later in itertools.pairwise(ordered))
    mails = list((server.data / "mail").glob("*.eml"))
    assert len(mails) == len(letters)
    assert {message_from_bytes(path.read_bytes())["To"] for path in mails} >= {
        f"{n}@demo.example" for n in ("ada", "bo", "cleo")
    }


def test_a_full_disk_gives_a_clear_page_keeps_the_text_and_leaves_nothing_half_written(
    serve: Callable[..., Heard],
) -> None:
    if "postgresql" in os.environ.get("TESTS_DATABASE", ""):
        pytest.skip("the database server has a disk of its own; this is about the folder of Heard")
    server = serve(processes=1, worker=False).start()
    token = token_of(server.get("/r/berlin/").text)
    files_before = {path for path in (server.data / "files").rglob("*") if path.is_file()}
    count = "from heard.reports.models import Report; print(Report.objects.count())"
    reports_before = server.shell(count)

    def limit(size: int) -> None:
        for pid in server.pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    limit(100_000)  # enough to read, too little to write on
    page = server.post("/r/berlin/", {"token": token, "what_happened": "typed with shaking hands"})
    assert page.status == 507
    assert "typed with shaking hands" in page.text
    assert "could not store this" in page.text
    assert "tel:112" in page.text
    from django.core.files.uploadedfile import SimpleUploadedFile

    big = SimpleUploadedFile("film.mov", os.urandom(500_000))
    page = server.post("/r/berlin/", {"token": token, "what_happened": "typed with shaking hands", "files": big})
    assert page.status in {422, 507}
    assert "typed with shaking hands" in page.text

    limit(resource.RLIM_INFINITY)
    assert {path for path in (server.data / "files").rglob("*") if path.is_file()} == files_before
    assert server.shell(count) == reports_before
    time.sleep(0.1)
    page = server.post("/r/berlin/", {"token": token, "what_happened": "typed with shaking hands"})
    assert "typed with shaking hands" in told(server, code_of(page.text))
    server.run("audit", "verify")
