"""`make test-all`: the slow tests on SQLite, then every test on PostgreSQL and S3."""

import os
import subprocess
import sys

from tests.services import postgres, s3

# The database server has a disk of its own.
FOLDER_ONLY = (
    "tests/hard/test_crashes.py::test_a_full_disk_gives_a_clear_page_keeps_the_text_and_leaves_nothing_half_written"
)


def run(title: str, *words: str, **environ: str) -> None:
    """Run pytest; stop at the first run that fails."""
    print(f"\n== {title}", flush=True)
    command = [sys.executable, "-m", "pytest", "-n", "2", *words]
    code = subprocess.run(command, env=os.environ | environ).returncode
    if code:
        sys.exit(code)


def main() -> None:
    """Run everything that `make test` leaves out."""
    run("SQLite and a folder: the slow tests", "-m", "slow", TESTS_NOTHING_SKIPPED="yes")
    with postgres() as database, s3() as storage:
        both = {"TESTS_DATABASE": database, "TESTS_STORAGE": storage}
        run("PostgreSQL and S3: the fast tests", "-m", "not slow", **both)
        run("PostgreSQL and S3: the tests of hard times", "-m", "slow", "tests/hard", "--deselect", FOLDER_ONLY, **both)


if __name__ == "__main__":
    main()
