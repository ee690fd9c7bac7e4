"""Excluding one of eight people from a report with 500 entries and 2 GB of files."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.rows import Row

CODE = """
import json, os, time
import tests.settings
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django; django.setup()
from django.core.management import call_command
from django.test.utils import setup_test_environment
call_command("migrate", verbosity=0)
setup_test_environment()
from tests.conftest import join, letter_key, make_world, report_to
from heard.reports.actions import standing
from heard.reports.models import Attachment, Message
from heard.vault import files
world = make_world()
for name in ("Dan", "Eva", "Fay", "Gil", "Hal"):
    join(world.berlin, name)
report = report_to(world.berlin)
key = world.bo.keyring.sealer(report.safe_id)
for n in range(500):
    Message.objects.create(**key.where, report=report, kind="in", body=key("what was said, again " * 80), key=f"m{n}")
for n in range(40):
    kept = files.Kept(f"{n:032x}", bytes(32), f"recording {n}.mp4", "video/mp4", 50_000_000, 50_331_648)
    files.keep(Attachment, kept, key, report=report)
began = time.monotonic()
standing.leave_out(report, world.ada.keyring, by=world.ada.user, member=world.cleo.member, reason="x", key=letter_key())
print(json.dumps(time.monotonic() - began))
"""


def measure(folder: Path) -> Iterator[Row]:
    """Measure."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
    )
    seconds = json.loads(done.stdout.splitlines()[-1])
    yield Row("one of eight excluded, new key: 500 entries, 2 GB of files", f"{seconds:.2f} s", "≤ 2 s")
