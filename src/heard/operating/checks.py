"""What may be wrong with an installation, in words."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from heard.config import WrongSetting
from heard.outbox.models import Job, Pulse
from heard.vault import house, storage

LATE = timedelta(minutes=2)
DRIFT = timedelta(seconds=5)


@dataclass(frozen=True)
class Finding:
    """What was looked at, and how it is."""

    what: str
    fine: bool
    words: str


class Wrong(Exception):
    """Something is wrong; the text says what and what to do."""


def findings() -> Iterator[Finding]:
    """Look at everything, one thing after the other."""
    looks: dict[str, Callable[[], str]] = {
        "address": _address,
        "keys": _keys,
        "database": _database,
        "storage": _storage,
        "mail": _mail,
        "worker": _worker,
        "jobs": _jobs,
        "clock": _clock,
    }
    for what, look in looks.items():
        try:
            yield Finding(what, True, look())
        except (Wrong, WrongSetting) as wrong:
            yield Finding(what, False, str(wrong))
        except Exception as error:  # whatever it is, the other things are looked at too
            yield Finding(what, False, f"could not be looked at ({type(error).__name__})")


def _address() -> str:
    if not settings.SECURE:
        return f"{settings.URL} (for this machine alone; people need https in HEARD_URL)"
    return str(settings.URL)


def _keys() -> str:
    folder = settings.HEARD["HEARD_KEYS"]
    if not house.exists(folder):
        raise Wrong("there is no house key. Run `heard setup`.")
    house.find(folder)
    house.signing_key(folder)
    return f"the house key (version {settings.HOUSE.current}) and the signing key are readable by you alone"


def _database() -> str:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Wrong("it is older than the program. Run `heard migrate`.")
    return f"{connection.vendor}, up to date"


def _storage() -> str:
    name = secrets.token_hex(16)
    sink = storage.create(name)
    sink.write(b"check")
    sink.commit()
    with storage.read(name) as file:
        same = file.read() == b"check"
    storage.delete(name)
    if not same:
        raise Wrong("what was written came back differently.")
    if not storage.has_room(0):
        raise Wrong(
            f"less than {settings.HEARD['HEARD_RESERVE_MB']} MB are free: files are refused, text is still taken."
        )
    return "files can be written, read and removed"


def _mail() -> str:
    if settings.HEARD["HEARD_MAIL"]["backend"] == "folder":
        return f"goes into {settings.EMAIL_FILE_PATH} (for development; nobody is told of anything)"
    backend = get_connection()
    try:
        backend.open()
    except OSError as error:
        raise Wrong(f"the mail server does not answer ({type(error).__name__}). Look at HEARD_MAIL.") from None
    backend.close()
    return "the mail server answers"


def _worker() -> str:
    pulse = Pulse.objects.filter(name="worker").first()
    if pulse is None or timezone.now() - pulse.at > LATE:
        raise Wrong("none has been seen lately: no nudge goes out. Start `heard worker`.")
    return "is at work"


def _jobs() -> str:
    dead = Job.objects.filter(state=Job.State.DEAD).count()
    if dead:
        raise Wrong(f"{dead} were given up after many tries. The log has the error types.")
    return "none was given up"


def _clock() -> str:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")
            (there,) = cursor.fetchone() or (timezone.now(),)
        if abs(there - timezone.now()) > DRIFT:
            raise Wrong("the database's clock and this machine's differ: every clock of Heard would be off.")
    return f"{timezone.now():%Y-%m-%d %H:%M:%S} UTC"
