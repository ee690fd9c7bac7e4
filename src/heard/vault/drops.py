"""Writing into a safe without a key to it: the next holder who opens it takes what was dropped."""

import json
import uuid
from typing import Any

from heard.vault import crypto
from heard.vault.keyring import SafeKey
from heard.vault.models import Drop, Safe


def drop(safe_id: uuid.UUID, kind: str, facts: dict[str, Any]) -> None:
    """Seal facts to a safe's drop key. Call it inside the transaction of what it belongs to."""
    safe = Safe.objects.select_for_update().get(pk=safe_id)
    row = Drop(safe=safe, version=safe.version, kind=kind)
    row.data = crypto.seal_to(bytes(safe.drop_public), crypto.pad(_place(row) + json.dumps(facts).encode()))
    row.save()


def take(key: SafeKey) -> list[tuple[str, Any, dict[str, Any]]]:
    """Return what was dropped, oldest first, as (kind, when, facts), and remove it: the caller seals it into the safe."""
    safe = Safe.objects.select_for_update().get(pk=key.safe_id)
    rows = list(Drop.objects.filter(safe=safe).order_by("pk"))
    found = [(row.kind, row.made_at, json.loads(_opened(row, safe, key))) for row in rows] if rows else []
    Drop.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return found


def waiting(safe_ids: list[uuid.UUID]) -> set[uuid.UUID]:
    """Return in which safes something waits to be taken."""
    return set(Drop.objects.filter(safe__in=safe_ids).values_list("safe_id", flat=True))


def carry(safe: Safe, old: SafeKey, new_public: bytes) -> None:
    """Seal what waits to the safe's new drop key."""
    for row in Drop.objects.filter(safe=safe):
        plain = _opened(row, safe, old)
        row.version = safe.version + 1
        row.data = crypto.seal_to(new_public, crypto.pad(_place(row) + plain))
        row.save(update_fields=["version", "data"])


def _opened(row: Drop, safe: Safe, key: SafeKey) -> bytes:
    place = key.place("vault_safe", "drop_private", safe.pk)
    private = crypto.unseal(key.key, bytes(safe.drop_private), place)
    plain = crypto.unpad(crypto.unseal_with(crypto.pair_of(private), bytes(row.data)))
    if not plain.startswith(_place(row)):
        raise crypto.CannotOpen("it was dropped into another safe")
    return plain[len(_place(row)) :]


def _place(row: Drop) -> bytes:
    return f"drop\x1f{row.safe_id}\x1f{row.version}\x1f{row.kind}\x1f".encode()
