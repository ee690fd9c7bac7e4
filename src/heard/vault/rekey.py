"""A new key for a safe: what a former holder still knows opens nothing that is in the database afterwards."""

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.db import transaction

from heard.vault import crypto, drops, safes
from heard.vault.fields import Sealed, SealedField
from heard.vault.keyring import InSafe, SafeKey
from heard.vault.models import Grant, Safe, SealedRow

AT_ONCE = 500


class HolderUnknown(Exception):
    """A code was given out before public halves were kept; its next use brings it, then the key can be changed."""


@transaction.atomic
def rekey(old: SafeKey) -> SafeKey:
    """Give a safe a new key and drop key, seal its values anew, and grant it to whoever has a grant now.

    File contents stay as they are: only their keys, which lie in the safe, are sealed anew. Raises HolderUnknown, and
    CannotOpen when somebody else was faster.
    """
    safe = Safe.objects.select_for_update().get(pk=old.safe_id)
    if safe.version != old.version:
        raise crypto.CannotOpen("the safe has a newer key already")
    holders = _holders(safe.pk)
    key, drop = crypto.new_key(), crypto.new_pair()
    new = SafeKey(safe.pk, safe.version + 1, key)
    for model in _models():
        _seal_anew(model, old, new)
    drops.carry(safe, old, drop.public)
    safe.version, safe.rekey_due = new.version, None
    safe.drop_public = drop.public
    safe.drop_private = crypto.seal(key, drop.private, new.place("vault_safe", "drop_private", safe.pk))
    safe.save(update_fields=["version", "rekey_due", "drop_public", "drop_private"])
    Grant.objects.filter(safe=safe).delete()
    safes.open_to(new, holders)
    return new


def due_for(user_id: uuid.UUID, most: int) -> list[uuid.UUID]:
    """Return safes that wait for a new key and that somebody could give it."""
    held = Grant.objects.filter(holder_kind=Grant.HolderKind.USER, holder=str(user_id))
    return list(
        Safe.objects.filter(rekey_due__isnull=False, pk__in=held.values("safe"))[:most].values_list("pk", flat=True)
    )


def overdue(since: datetime) -> list[uuid.UUID]:
    """Return the safes that wait for a new key since before a moment."""
    return list(Safe.objects.filter(rekey_due__lt=since).values_list("pk", flat=True))


def _holders(safe_id: uuid.UUID) -> list[safes.Holder]:
    grants = list(Grant.objects.filter(safe_id=safe_id))
    # Each to the very key it was granted to: a newer one is trusted only after a comparison by voice.
    people = safes.holders_as_granted(g for g in grants if g.holder_kind == Grant.HolderKind.USER)
    others = [g for g in grants if g.holder_kind != Grant.HolderKind.USER]
    if any(not grant.public for grant in others):
        raise HolderUnknown
    return [
        *people,
        *(
            safes.Holder(Grant.HolderKind(g.holder_kind), g.holder, bytes(g.public or b""), g.generation)
            for g in others
        ),
    ]


def _models() -> Iterator[type[SealedRow]]:
    """Yield every kind of row that lies in safes."""
    yield from (model for model in apps.get_models() if issubclass(model, SealedRow))


def _seal_anew(model: type[SealedRow], old: SafeKey, new: SafeKey) -> None:
    columns = [field.name for field in model._meta.concrete_fields if isinstance(field, SealedField)]
    rows = list(model._default_manager.filter(safe_id=old.safe_id, key_version=old.version))
    for row in rows:
        opened = {column: old.reveal(row, column) for column in columns if getattr(row, column) is not None}
        row.key_version = new.version
        for column, value in opened.items():
            setattr(row, column, Sealed(InSafe(value, new).into(row, column)))
    model._default_manager.bulk_update(rows, [*columns, "key_version"], batch_size=AT_ONCE)
