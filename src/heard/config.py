"""Every setting of a Heard installation: its name, its default, what it means."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class WrongSetting(Exception):
    """A setting cannot be used; the text says which, why and what to do."""


@dataclass(frozen=True)
class Setting:
    """One setting, read from the environment or from the file that NAME_FILE points to."""

    name: str
    default: str
    meaning: str
    read: Callable[[str], Any]


def text(value: str) -> str:
    """Return the value as it is."""
    return value


def number(value: str) -> int:
    """Return a whole number that is not negative."""
    if not value.isdigit():
        raise ValueError("a whole number is needed")
    return int(value)


def folder(value: str) -> Path:
    """Return an absolute path; the folder need not exist yet."""
    return Path(value).expanduser().absolute()


def address(value: str) -> str:
    """Return the public address of the installation, without a slash at the end."""
    parts = urlsplit(value)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("an address such as https://heard.example.org is needed")
    if parts.scheme == "http" and not local:
        raise ValueError("http is only for this machine itself; everybody else needs https")
    return value.rstrip("/")


def mailbox(value: str) -> str:
    """Return an e-mail address, or nothing."""
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise ValueError("an e-mail address is needed")
    return value


def database(value: str) -> dict[str, Any]:
    """Return Django's description of `sqlite:PATH`, or `postgresql://user:password@host:port/name`."""
    if value.startswith("sqlite:"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": value.removeprefix("sqlite:")}
    parts = urlsplit(value)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ValueError("sqlite:PATH or postgresql://user:password@host:port/name is needed")
    if find_spec("psycopg") is None:
        raise ValueError("PostgreSQL needs one more package; install heard[postgresql]")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def mail(value: str) -> dict[str, Any]:
    """Return how mail leaves: `folder:PATH`, `smtp://…`, `smtps://…` or `smtp+starttls://…`."""
    if value.startswith("folder:"):
        return {"backend": "folder", "path": folder(value.removeprefix("folder:"))}
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname:
        raise ValueError("folder:PATH or smtp+starttls://user:password@host:port is needed")
    return {
        "backend": "smtp",
        "host": parts.hostname,
        "port": parts.port or {"smtp": 25, "smtps": 465, "smtp+starttls": 587}[parts.scheme],
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "ssl": parts.scheme == "smtps",
        "tls": parts.scheme == "smtp+starttls",
    }


def storage(value: str) -> dict[str, Any]:
    """Return where sealed files lie: `folder:PATH` or `s3://key:secret@host:port/bucket` (`s3+http` for tests)."""
    if value.startswith("folder:"):
        return {"backend": "folder", "path": folder(value.removeprefix("folder:"))}
    parts = urlsplit(value)
    if parts.scheme not in {"s3", "s3+http"} or not parts.hostname or not parts.path.strip("/"):
        raise ValueError("folder:PATH or s3://key:secret@host:port/bucket is needed")
    if find_spec("storages") is None:
        raise ValueError("S3 needs one more package; install heard[s3]")
    scheme = "http" if parts.scheme == "s3+http" else "https"
    port = f":{parts.port}" if parts.port else ""
    return {
        "backend": "s3",
        "endpoint": f"{scheme}://{parts.hostname}{port}",
        "key": unquote(parts.username or ""),
        "secret": unquote(parts.password or ""),
        "bucket": parts.path.strip("/"),
    }


SETTINGS = [
    Setting("HEARD_DATA", "./var/heard", "Folder for everything that Heard keeps.", folder),
    Setting("HEARD_KEYS", "{HEARD_DATA}/keys", "Folder of the house key and the signing key.", folder),
    Setting("HEARD_URL", "http://127.0.0.1:8000", "The address people type.", address),
    Setting("HEARD_DATABASE", "sqlite:{HEARD_DATA}/heard.sqlite3", "Where the rows lie.", database),
    Setting("HEARD_STORAGE", "folder:{HEARD_DATA}/files", "Where sealed files lie.", storage),
    Setting("HEARD_MAIL", "folder:{HEARD_DATA}/mail", "How mail leaves.", mail),
    Setting("HEARD_MAIL_FROM", "postbox@localhost", "The sender that members see.", mailbox),
    Setting(
        "HEARD_REPORTER_MAIL_FROM",
        "notes@localhost",
        "The sender that reporters see: a neutral one, without the word Heard.",
        mailbox,
    ),
    Setting(
        "HEARD_AUDIT_MAIL", "", "Who keeps the nightly audit roots outside; a copy always lies in HEARD_DATA.", mailbox
    ),
    Setting("HEARD_HOST_NAME", "", "Who runs this server; named on the report page.", text),
    Setting("HEARD_HOST_CONTACT", "", "How to reach them, and whom to ask if it is about them.", text),
    Setting("HEARD_EXIT_URL", "https://www.wikipedia.org/", "Where “Leave this page” leads.", address),
    Setting("HEARD_PROCESSES", "2", "Web processes that `heard serve` starts.", number),
    Setting("HEARD_THREADS", "4", "Threads in each of them.", number),
    Setting("HEARD_RESERVE_MB", "512", "Disk that is kept free for text; files are refused below it.", number),
    Setting("HEARD_PENDING_MB", "4096", "Most that files of unfinished forms may take together.", number),
    Setting("HEARD_WORKER_SECONDS", "2", "How often the worker looks for something to do.", number),
]


def load(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return every setting by name. Raises WrongSetting with a sentence a host understands."""
    known = {setting.name for setting in SETTINGS}
    for name in environ:
        if name.startswith("HEARD_") and name.removesuffix("_FILE") not in known:
            raise WrongSetting(f"{name} is not a setting of Heard. Is it spelled right? See docs/operating.md.")
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        raw = _raw(setting, environ)
        try:
            values[setting.name] = setting.read(raw.format(**values) if raw == setting.default else raw)
        except ValueError as wrong:
            raise WrongSetting(f"{setting.name} cannot be used: {wrong}. {setting.meaning}") from None
    return values


def _raw(setting: Setting, environ: Mapping[str, str]) -> str:
    path = environ.get(f"{setting.name}_FILE")
    if path is None:
        return environ.get(setting.name, setting.default)
    if setting.name in environ:
        raise WrongSetting(f"{setting.name} and {setting.name}_FILE are both set. Keep one of them.")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        raise WrongSetting(f"{setting.name}_FILE points to a file that cannot be read.") from None
