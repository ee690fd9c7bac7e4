"""The documents say what is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from heard.cli import COMMANDS
from heard.config import SETTINGS
from heard.reports import forms
from heard.vault import pictures, receipts, uploads

ROOT = Path(__file__).parent.parent
OPERATING = (ROOT / "docs" / "operating.md").read_text()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_every_setting_is_described(setting: object) -> None:
    assert f"`{setting.name}`" in OPERATING  # type: ignore[attr-defined]
    assert setting.meaning  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_described(command: str) -> None:
    assert f"`heard {command}`" in OPERATING


def test_the_limits_are_the_ones_in_the_program() -> None:
    for words in (
        f"{forms.LONGEST:,} characters",
        f"{forms.LONGEST_LINE} characters",
        f"{uploads.MAX_FILES} of {uploads.MAX_FILE_BYTES // 1_000_000} MB",
        f"{pictures.MAX_PIXELS // 1_000_000} million pixels",
        f"after {receipts.PASS_SECONDS // 60} minutes",
    ):
        assert words in OPERATING, words


def test_the_page_of_requirements_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.requirement_ids", "--check"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)


def test_no_host_of_a_registry_and_no_path_of_a_machine_stands_anywhere() -> None:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    for name in names:
        if not (ROOT / name).exists():
            continue
        if name.endswith((".py", ".md", ".txt", ".toml", ".html", ".js", ".css")) or name in {"Makefile", ".ci/run"}:
            text = (ROOT / name).read_text()
            found = re.search(r"pypi\.org|pythonhosted|registry\.npmjs|deb\.debian|/root/|/home/\w+/", text)
            assert not found or name == "tests/test_documents.py", (name, found)
