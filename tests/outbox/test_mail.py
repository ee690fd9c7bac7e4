"""Mail in a real SMTP conversation."""

import email
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from heard.outbox import jobs, letters
from tests.conftest import World, report_to
from tests.reports.test_handling import acknowledge
from tests.services import free_port


class Box:
    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def smtp(settings: Any) -> Iterator[Box]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = ""
    yield box
    controller.stop()


@pytest.mark.requirement("R7")
def test_a_nudge_says_only_that_something_waits(world: World, smtp: Box) -> None:
    report = report_to(world.berlin, who="Jonathan Quagmire", danger=True)
    from heard.reports.actions import alarms

    alarms.go_round()
    jobs.run_due()

    assert sorted(mail["To"] for mail in smtp.mails) == [f"{n}@team.example" for n in ("ada", "bo", "cleo")]
    for mail in smtp.mails:
        text = mail.as_string()
        assert mail["Subject"] == "Heard: something waits for you"
        assert not any(word in text for word in (report.code_name, str(report.pk), "Quagmire", "Berlin"))


@pytest.mark.requirement("R27")
def test_a_note_to_a_reporter_is_neutral_and_links_to_nothing(world: World, smtp: Box) -> None:
    report = report_to(world.berlin, reach="email", reach_email="dara@mail.example")
    acknowledge(report, world.bo)
    jobs.run_due()

    (mail,) = [mail for mail in smtp.mails if mail["To"] == "dara@mail.example"]
    text = mail.as_string().lower()
    assert not any(word in text for word in ("heard", "report", "http", "harass", "conduct", "berlin"))


def test_the_folder_of_development_holds_one_file_per_letter(world: World, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "heard.outbox.mail.Folder"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    letters.post("nudge", key="k", to="ada@team.example", subject="s", body="b")  # type: ignore[arg-type]

    jobs.run_due()

    (path,) = tmp_path.iterdir()
    assert email.message_from_bytes(path.read_bytes())["To"] == "ada@team.example"
