"""A case with a thousand entries, and a board with ten thousand duties."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.rows import Row

CODE = """
import json, os, resource
import tests.settings
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django; django.setup()
from django.core.management import call_command
from django.test.utils import setup_test_environment
call_command("migrate", verbosity=0)
setup_test_environment()
from django.db import transaction
from django.utils import timezone
from tests.conftest import make_world, report_to
from tests.reports.test_handling import acknowledge
from heard.cases.actions import duties, opening
from heard.cases.models import Duty, Entry
world = make_world()
bo = world.bo
def a_case():
    report = report_to(world.berlin)
    acknowledge(report, bo)
    return opening.open_case(report, bo.keyring, by=bo.user, level="witnessed")
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF); return used.ru_utime + used.ru_stime
client = bo.client()
def page(path):
    client.get(path); times = []
    for _ in range(7):
        began = cpu(); answer = client.get(path); times.append(cpu() - began)
    assert answer.status_code == 200
    return sorted(times)[3]
case = a_case()
key = bo.keyring.sealer
with transaction.atomic():
    safe = bo.keyring.sealer(case.safe_id)
    for n in range(1000):
        duties.write(case, safe, Entry.Kind.NOTE, f"note {n} " + "what was said on the phone, in full. " * 20, by=bo.user, mark=str(n))
large = page(f"/team/cases/{case.pk}/")
with transaction.atomic():
    for _ in range(500):
        each = a_case(); safe = bo.keyring.sealer(each.safe_id)
        Duty.objects.bulk_create(
            Duty(**safe.where, case=each, title=safe(f"task {n}"), owner=bo.user, due_at=timezone.now()) for n in range(20)
        )
board = page("/team/board/")
print(json.dumps({"case": large, "board": board, "duties": Duty.objects.count()}))
"""


def measure(folder: Path) -> Iterator[Row]:
    """Measure."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    yield Row("a case with 1,000 entries, CPU", f"{seen['case'] * 1000:.0f} ms", "≤ 150 ms")
    yield Row(f"the board with {seen['duties']:,} duties, CPU", f"{seen['board'] * 1000:.0f} ms", "≤ 100 ms")
