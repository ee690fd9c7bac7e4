"""The lines between the packages hold, and would be noticed if they did not."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "heard"
PLANTED = {
    "upwards": ("vault/crypto.py", "from heard.reports import models", "One direction through the house"),
    "sideways": ("matching/mentions.py", "from heard.audit import chain", "One direction through the house"),
    "inside": ("reports/rules.py", "from heard.reports import queries", "One direction inside a package"),
    "cipher": ("reports/rules.py", "import nacl.secret", "Only the vault knows the cipher"),
    "models": ("reports/views/team.py", "from heard.reports.models import Report", "Views ask queries, not models"),
    "django": ("matching/mentions.py", "import django.db", "Matching and the send check need no Django"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", folder / "pyproject.toml"]
    return subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(SOURCE, tmp_path / "src" / "heard", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_found(copy: Path, name: str) -> None:
    path, line, contract = PLANTED[name]
    file = copy / "src" / "heard" / path
    file.write_text(file.read_text() + f"\n{line}\n")

    done = lint(copy)

    assert done.returncode != 0
    assert f"{contract} BROKEN" in done.stdout, done.stdout + done.stderr


def test_the_house_as_it_is_is_clean(copy: Path) -> None:
    done = lint(copy)

    assert done.returncode == 0, done.stdout + done.stderr


def calls(path: Path, name: str) -> bool:
    tree = ast.parse(path.read_text())
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == name for n in ast.walk(tree)
    )


def test_only_the_vault_queries_and_delivery_reveal() -> None:
    allowed = {
        "cases/queries/case.py",
        "cases/queries/letters.py",
        "cases/queries/outcome.py",
        "reports/queries.py",
        "community/queries.py",
        "outbox/letters.py",
    }
    found = {str(p.relative_to(SOURCE)) for p in SOURCE.rglob("*.py") if calls(p, "reveal") and "vault" not in p.parts}

    assert found <= allowed


def test_there_are_no_signals_and_no_admin() -> None:
    text = "\n".join(p.read_text() for p in SOURCE.rglob("*.py"))

    assert "django.db.models.signals" not in text
    assert "django.contrib.admin" not in text


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_file_grows_beyond_sight(path: Path) -> None:
    if "migrations" not in path.parts:
        assert len(path.read_text().splitlines()) <= 320
