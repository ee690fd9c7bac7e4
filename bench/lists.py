"""Ten thousand reports of two kilobytes: the list and the search."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.rows import Row

CODE = """
import json, os, resource, time
import tests.settings
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django; django.setup()
from django.core.management import call_command
from django.test.utils import setup_test_environment
call_command("migrate", verbosity=0)
setup_test_environment()
from django.db import connection, transaction
from tests.conftest import make_world, report_to
from heard.reports import queries
from heard.reports.models import Report
world = make_world()
def fill(n):
    with transaction.atomic():
        for i in range(n):
            report_to(world.berlin, f"word{i} " + "and then he said it again, in front of all. " * 45)
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF); return used.ru_utime + used.ru_stime
def page():
    client = world.bo.client(); client.get("/team/reports/"); times = []
    for _ in range(7):
        began = cpu(); answer = client.get("/team/reports/"); times.append(cpu() - began)
    return sorted(times)[3], len(answer.content)
fill(100); small = page()
began = cpu(); fill(9900); filled = (cpu() - began) / 9900
large = page()
def search():
    began, wall = cpu(), time.monotonic(); found = queries.search(world.bo.user, world.bo.keyring, "word7777")
    assert len(found) == 1; return cpu() - began, time.monotonic() - wall
first = search(); later = min(search() for _ in range(5))
print(json.dumps({"small": small, "large": large, "filled": filled, "first": first, "later": later}))
"""


def measure(folder: Path) -> Iterator[Row]:
    """Measure."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    (small, _), (large, size) = seen["small"], seen["large"]
    yield Row("list of reports, 100 of them, CPU", f"{small * 1000:.0f} ms", "")
    yield Row(
        "list of reports, 10,000 of them, CPU",
        f"{large * 1000:.0f} ms, {size / 1000:.0f} kB",
        "≤ 100 ms, ≤ 100 kB, flat",
    )
    yield Row("CPU to seal and store a report, without HTTP", f"{seen['filled'] * 1000:.1f} ms", "")
    yield Row("first search in 10,000 × 2 kB (opens and re-wraps every grant), CPU", f"{seen['first'][0]:.2f} s", "")
    yield Row("later searches, CPU", f"{seen['later'][0]:.2f} s", "≤ 0.5 s")
    yield Row("later searches, wall", f"{statistics.fmean([seen['later'][1]]):.2f} s", "≤ 0.5 s")
