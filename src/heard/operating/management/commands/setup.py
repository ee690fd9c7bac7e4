"""`heard setup`."""

import getpass
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from phonenumbers import SUPPORTED_REGIONS

from heard.community import rules
from heard.operating import setting_up

QUESTIONS = {
    "network": ("Name of the network, conference or project", r".{2,100}"),
    "chapter": ("Name of the first chapter (or the same name again)", r".{2,100}"),
    "country": ("Its country, two letters such as DE", r"[A-Za-z]{2}"),
    "time_zone": ("Its time zone, such as Europe/Berlin", r".+"),
    "language": ("Its language, two letters such as en", r"[a-z]{2}(-[a-z]+)?"),
    "several": ("Are there several chapters, with a global team above them? yes or no", r"yes|no"),
    "outside_contact": ("Somebody outside whom reporters can turn to when nobody here may read it", r".{0,300}"),
    "name": ("Your name, as reporters will see it", r".{1,80}"),
    "email": ("Your e-mail address, to sign in with", r"[^@\s]+@[^@\s]+"),
}


class Command(BaseCommand):
    """Makes a real installation."""

    help = "Ask what has to be known, make the keys, and begin the network."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options; what is not given is asked."""
        for name, (words, _pattern) in QUESTIONS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", help=words)
        parser.add_argument("--password-file", help="file with your password, at least 12 characters")

    def handle(self, **options: Any) -> None:
        """Set up."""
        given = {name: self._ask(name, options[name]) for name in QUESTIONS}
        given["password"] = read_password(options["password_file"])
        given["country"] = given["country"].upper()
        answers = setting_up.Answers(**(given | {"several": given["several"] == "yes"}))  # type: ignore[arg-type]
        team = setting_up.set_up(answers)
        self.stdout.write(f"Ready. Your keys lie in {settings.HEARD['HEARD_KEYS']}: keep a copy apart from the data.")
        self.stdout.write("Start:   heard serve --with-worker")
        self.stdout.write(f"Reports: {settings.URL}{team.get_absolute_url()}")
        self.stdout.write(f"Sign in: {settings.URL}/team/ — what is still missing stands there.")

    def _ask(self, name: str, given: str | None) -> str:
        words, pattern = QUESTIONS[name]
        while True:
            answer = given if given is not None else input(f"{words}: ").strip()
            if re.fullmatch(pattern, answer) and _is_known(name, answer):
                return answer
            if given is not None:
                raise CommandError(f"--{name.replace('_', '-')}: {words}")
            self.stdout.write("That cannot be used. Once more, please.")


def _is_known(name: str, answer: str) -> bool:
    """Tell whether there is such a zone, country or language."""
    if name == "time_zone":
        return answer in rules.zones()
    if name == "country":
        return answer.upper() in SUPPORTED_REGIONS
    return name != "language" or answer in dict(settings.LANGUAGES)


def read_password(path: str | None) -> str:
    """Return the password from a file or from the keyboard. Raises CommandError for a weak one."""
    try:
        given = Path(path).read_text().strip() if path else ""
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{path} cannot be read.") from None
    password = given if path else getpass.getpass("A password of at least 12 characters: ")
    try:
        validate_password(password)
    except ValidationError as weak:
        raise CommandError(" ".join(weak.messages)) from None
    return password
