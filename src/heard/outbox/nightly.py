"""What the outbox does once a day."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.utils import timezone

from heard.audit import chain as audit
from heard.outbox import jobs, letters
from heard.outbox.models import Letter
from heard.vault import storage
from heard.vault.models import PendingFile

ROOTS = "audit-roots"
UNFINISHED = timedelta(hours=24)


@transaction.atomic
def sign_root() -> None:
    """Sign the audit's heads and give the root to whoever keeps it outside."""
    root = audit.sign_root()
    if root is None:
        return
    facts = {"at": root.at.isoformat(), "hash": root.hash, "key": root.key, "signature": root.signature}
    holder: str = settings.HEARD["HEARD_AUDIT_MAIL"]
    if holder:
        letters.post(
            Letter.Kind.ROOT, key=f"root:{root.pk}", to=holder, subject="Heard: audit root", body=json.dumps(facts)
        )
    folder: Path = settings.DATA / ROOTS
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / f"{root.at:%Y-%m-%d}-{root.pk}.json").write_text(json.dumps(facts))


def tidy() -> None:
    """Forget finished jobs, ended sessions and the files of forms that nobody completed."""
    jobs.forget_done()
    SessionStore.clear_expired()
    _forget_limits()
    for row in PendingFile.objects.filter(made_at__lt=timezone.now() - UNFINISHED):
        storage.delete(row.storage_name)
        row.delete()


def _forget_limits() -> None:
    """Remove what the limits counted: the cache itself only does so when it is full."""
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE expires < %s",  # noqa: S608 (the name of our own table)
            [connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))],
        )


def kept_roots() -> list[dict[str, Any]]:
    """Return the roots that lie in the folder for them."""
    return [json.loads(path.read_text()) for path in sorted((settings.DATA / ROOTS).glob("*.json"))]
