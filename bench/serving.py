"""A server as a whole: start, memory, reports, sign-in, guesses of passwords."""

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.rows import Row
from tests.services import Heard, wait_for

TICKS = 100
TEXT = "He followed me from the hall to the stairs and would not stop. " * 30


def cpu_of(pids: list[int]) -> float:
    """Return the CPU seconds that processes have used."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_of(pid: int) -> float:
    """Return the private and shared memory of a process, in MB, shared parts divided by their users."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) / 1000  # type: ignore[index]


def peak_of(pid: int) -> float:
    """Return the most memory that a process ever held, in MB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1000  # type: ignore[index]


def read(server: Heard) -> str:
    """Read the page and return its token."""
    return re.search(r'name="token" value="(\w+)"', server.get("/r/lagos/").text)[1]  # type: ignore[index]


def report(server: Heard, n: int) -> None:
    """Read the page and send a report."""
    token = read(server)
    page = server.post("/r/lagos/", {"token": token, "what_happened": f"{TEXT} {n}"})
    assert 'id="code"' in page.text


def start_up(server: Heard) -> float:
    """Return the seconds from the command to the first answer."""
    began = time.monotonic()
    server.process = subprocess.Popen(
        [sys.executable, "-m", "heard.cli", "serve", "--bind", f"127.0.0.1:{server.port}"],
        env=server.environ, stdout=server.log, stderr=server.log, start_new_session=True,
    )  # fmt: skip
    wait_for(server.port)
    server.get("/alive/")
    return time.monotonic() - began


def measure(folder: Path) -> Iterator[Row]:
    """Measure."""
    place = folder / "serving"
    place.mkdir()
    server = Heard(place, processes=2, worker=False)
    starts = []
    for _ in range(3):
        starts.append(start_up(server))
        server.stop()
    yield Row("start-up, from the command to the first answer", f"{statistics.median(starts):.2f} s", "≤ 2 s")
    start_up(server)
    for n in range(20):
        report(server, n)
    before = cpu_of(server.pids())
    for _ in range(100):
        read(server)
    reading = (cpu_of(server.pids()) - before) / 100
    yield Row("CPU to show the report page", f"{reading:.4f} s", "")
    for clients, amount in ((1, 100), (8, 200)):
        before, began = cpu_of(server.pids()), time.monotonic()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda n: report(server, n), range(amount)))
        cpu, wall = cpu_of(server.pids()) - before, time.monotonic() - began
        if clients == 1:
            submitting = cpu / amount - reading
            yield Row("CPU per submitted report: sealing, storing, receipt page", f"{submitting:.4f} s", "≤ 0.03 s")
        yield Row(
            f"reports per second, {clients} client{'s' * (clients > 1)}", f"{amount / wall:.1f}", "Hush Line: 13.8 at 8"
        )
    yield Row("memory per worker (proportional)", f"{max(memory_of(p) for p in server.pids()[1:]):.0f} MB", "≤ 150 MB")
    yield from sign_ins(server)
    server.stop()
    server.log.close()


def sign_in(server: Heard, password: str = "") -> float:
    """Return the seconds that a sign-in takes, from the form to the answer."""
    page = server.get("/account/sign-in/")
    csrf = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)[1]  # type: ignore[index]
    cookie = re.search(r"(csrf=\w+)", page.headers["Set-Cookie"])[1]  # type: ignore[index]
    email, right = server.logins["ada"]
    began = time.monotonic()
    server.post(
        "/account/sign-in/", {"csrfmiddlewaretoken": csrf, "login": email, "password": password or right}, Cookie=cookie
    )
    return time.monotonic() - began


def sign_ins(server: Heard) -> Iterator[Row]:
    """Measure signing in, and what fifty wrong passwords at once do."""
    yield Row("sign-in, the key unlocked", f"{statistics.median(sign_in(server) for _ in range(5)):.2f} s", "≤ 0.5 s")
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda n: sign_in(server, f"wrong-{n}"), range(50)))
    yield Row(
        "memory per worker at its most, 50 wrong passwords at once",
        f"{max(peak_of(p) for p in server.pids()[1:]):.0f} MB",
        "≤ 250 MB",
    )
