"""The command `heard`, run as a host runs it."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from heard import config
from heard.cli import COMMANDS

ANSWERS = {
    "--network": "Net", "--chapter": "Berlin", "--country": "de", "--time-zone": "Europe/Berlin", "--language": "en",
    "--several": "yes", "--outside-contact": "Somebody", "--name": "Ada", "--email": "ada@x.example",
}  # fmt: skip


def heard(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEARD_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "heard.cli", *words],
        env=clean | {"HEARD_DATA": str(folder)} | environ,
        capture_output=True,
        text=True,
        timeout=60,
    )


def set_up(folder: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    password = folder / "password"
    folder.mkdir(exist_ok=True)
    password.write_text("a quite long password")
    words = [word for pair in (ANSWERS | changed).items() for word in pair]
    return heard(folder, "setup", *words, "--password-file", str(password))


def test_a_real_installation_is_set_up_checked_and_verified(tmp_path: Path) -> None:
    done = set_up(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "/r/berlin/" in done.stdout
    for name in ("house.key", "signing.key"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600

    looked = heard(tmp_path, "check")
    assert looked.returncode == 1
    assert "WRONG worker" in looked.stdout
    assert looked.stdout.count("ok   ") == 7
    assert heard(tmp_path, "worker", "--once").returncode == 0
    assert heard(tmp_path, "audit", "verify").stdout.strip() == "The record is whole."

    (tmp_path / "p2").write_text("another long password")
    added = heard(
        tmp_path,
        "member",
        "--team",
        "berlin",
        "--name",
        "Bo",
        "--email",
        "bo@x.example",
        "--password-file",
        str(tmp_path / "p2"),
    )
    assert added.returncode == 0, added.stderr
    nowhere = heard(
        tmp_path,
        "member",
        "--team",
        "x",
        "--name",
        "B",
        "--email",
        "b@x.example",
        "--password-file",
        str(tmp_path / "p2"),
    )
    assert "There is no team x. There are: berlin, global." in nowhere.stderr
    chapter = heard(
        tmp_path, "chapter", "--slug", "lagos", "--name", "Lagos", "--country", "NG", "--time-zone", "Africa/Lagos"
    )
    assert chapter.returncode == 0, chapter.stderr
    for wrong in ({"--time-zone": "New York"}, {"--slug": "new york"}, {"--slug": "lagos"}, {"--country": "Germany"}):
        facts = {"--slug": "x", "--name": "X", "--country": "NG", "--time-zone": "Africa/Lagos"} | wrong
        refused = heard(tmp_path, "chapter", *[word for pair in facts.items() for word in pair])
        assert refused.returncode == 1, wrong
        assert "Traceback" not in refused.stderr
    assert "set up already" in set_up(tmp_path).stderr


def test_a_house_key_that_others_can_read_stops_everything(tmp_path: Path) -> None:
    set_up(tmp_path)
    (tmp_path / "keys" / "house.key").chmod(0o644)

    done = heard(tmp_path, "worker", "--once")

    assert done.returncode == 1
    assert "chmod 600" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_set_up_that_fails_half_way_can_be_repeated(tmp_path: Path) -> None:
    assert set_up(tmp_path, **{"--network": "N" * 101}).returncode == 1
    done = set_up(tmp_path, **{"--chapter": "Global", "--network": "N" * 100})

    assert done.returncode == 0, done.stderr
    assert "/r/global-chapter/" in done.stdout


def test_a_lost_house_key_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    set_up(tmp_path)
    (tmp_path / "keys" / "house.key").unlink()

    assert "There is data here but no house key" in set_up(tmp_path).stderr
    assert not (tmp_path / "keys" / "house.key").exists()


def test_without_set_up_nothing_is_served(tmp_path: Path) -> None:
    assert "Run `heard setup` first" in heard(tmp_path, "serve").stderr


def test_without_set_up_no_worker_runs_and_a_taken_port_is_said(tmp_path: Path) -> None:
    nothing = heard(tmp_path / "empty", "worker", "--once")
    assert nothing.returncode == 1
    assert "Run `heard setup` first." in nothing.stderr

    set_up(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = heard(tmp_path, "serve", "--bind", f"127.0.0.1:{taken.getsockname()[1]}")
    assert busy.returncode == 1
    assert "it is in use" in busy.stderr and "Traceback" not in busy.stderr
    assert "no address of this machine" in heard(tmp_path, "serve", "--bind", "nowhere").stderr


def test_a_password_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    words = [word for pair in ANSWERS.items() for word in pair]
    done = heard(tmp_path, "setup", *words, "--password-file", str(tmp_path / "none"))

    assert done.returncode == 1
    assert "cannot be read" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HEARD_URL", "http://public.example", "https"),
        ("HEARD_URL", "nonsense", "https://heard.example.org"),
        ("HEARD_DATABASE", "mysql://x", "postgresql://"),
        ("HEARD_MAIL", "pigeon:", "folder:PATH"),
        ("HEARD_STORAGE", "ftp://x", "s3://"),
        ("HEARD_PROCESSES", "many", "whole number"),
        ("HEARD_MAIL_FROM", "not an address", "e-mail"),
        ("HEARD_DATABSE", "x", "is not a setting"),
        ("HEARD_MAIL_FILE", "/nowhere", "cannot be read"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(tmp_path: Path, name: str, value: str, words: str) -> None:
    done = heard(tmp_path, "migrate", **{name: value})

    assert done.returncode == 1
    assert name in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "mail"
    secret.write_text("smtp+starttls://u:p%40ss@mail.example:2525\n")
    values = config.load({"HEARD_MAIL_FILE": str(secret)})

    assert values["HEARD_MAIL"]["password"] == "p@ss"
    with pytest.raises(config.WrongSetting, match="both set"):
        config.load({"HEARD_MAIL_FILE": str(secret), "HEARD_MAIL": "folder:/x"})


def test_settings_are_read_into_what_django_needs() -> None:
    assert config.database("postgresql://u:p@h:5433/db")["PORT"] == "5433"
    assert config.storage("s3://k:s@h:9000/bucket")["endpoint"] == "https://h:9000"
    assert config.storage("s3+http://k:s@h:9000/bucket")["endpoint"] == "http://h:9000"


def test_over_https_cookies_belong_to_this_host_alone(tmp_path: Path) -> None:
    set_up(tmp_path)
    code = "from heard import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.KEY_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.ALLOWED_HOSTS)"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEARD_", "DJANGO_"))}
    environ = clean | {"HEARD_DATA": str(tmp_path), "HEARD_URL": "https://heard.example.org"}
    said = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True).stdout

    assert said.strip() == "__Host-session __Host-csrf __Host-key True True ['heard.example.org']"


def test_wrong_words_are_answered(tmp_path: Path) -> None:
    assert "there is no command" in heard(tmp_path, "dance").stderr
    assert heard(tmp_path).returncode == 2
    for name in COMMANDS:
        assert name in heard(tmp_path, "help").stdout


def test_answers_of_the_set_up_are_checked(tmp_path: Path) -> None:
    assert "--country" in set_up(tmp_path, **{"--country": "Germany"}).stderr
    assert "--time-zone" in set_up(tmp_path, **{"--time-zone": "Berlin"}).stderr
