"""Making safes and saying who may open them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from heard.vault import crypto
from heard.vault.keyring import Keyring, SafeKey, box, grant_place
from heard.vault.models import Exclusion, Grant, MemberKey, Safe
from heard.vault.receipts import Receipt


@dataclass(frozen=True)
class Holder:
    """Somebody or something that a safe can be opened to."""

    kind: Grant.HolderKind
    id: str
    public: bytes
    generation: int = 1


def new(kind: Safe.Kind, holders: Iterable[Holder]) -> SafeKey:
    """Make a safe, open it to the holders, and return its key."""
    key = crypto.new_key()
    drop = crypto.new_pair()
    safe = Safe(kind=kind, drop_public=drop.public)
    safe_key = SafeKey(safe.pk, safe.version, key)
    safe.drop_private = crypto.seal(key, drop.private, safe_key.place("vault_safe", "drop_private", safe.pk))
    safe.save(force_insert=True)
    open_to(safe_key, holders)
    return safe_key


def open_to(key: SafeKey, holders: Iterable[Holder]) -> None:
    """Grant the key to more holders."""
    grants = []
    for holder in holders:
        grant = Grant(
            safe_id=key.safe_id,
            version=key.version,
            holder_kind=holder.kind,
            holder=holder.id,
            generation=holder.generation,
            public=None if holder.kind == Grant.HolderKind.USER else holder.public,
        )
        grant.data = crypto.seal_to(holder.public, box(grant_place(grant), key.key))
        grants.append(grant)
    Grant.objects.bulk_create(grants)


def where(safe_id: uuid.UUID) -> dict[str, Any]:
    """Return the columns that place a row in a safe, for one that carries nothing sealed yet."""
    return {"safe_id": safe_id, "key_version": Safe.objects.values_list("version", flat=True).get(pk=safe_id)}


def join(safe_id: uuid.UUID, into: uuid.UUID | None) -> None:
    """Let a safe belong to another one, or with None to itself again."""
    Safe.objects.filter(pk=safe_id).update(joined=into)


def with_joined(safe_id: uuid.UUID) -> list[uuid.UUID]:
    """Return a safe and those that belong to it."""
    return [safe_id, *Safe.objects.filter(joined=safe_id).values_list("pk", flat=True)]


def close_to(safe_ids: Iterable[uuid.UUID], kind: Grant.HolderKind, holder: str) -> None:
    """Take a holder's grants away. Callers who exclude a person write the exclusion too."""
    Grant.objects.filter(safe_id__in=list(safe_ids), holder_kind=kind, holder=holder).delete()


def exclude(safe_id: uuid.UUID, user_id: uuid.UUID, kind: Exclusion.Kind, by: uuid.UUID | None = None) -> None:
    """Let the safe not exist for somebody, from now on. A key they held has to be replaced: `rekey_due`."""
    Exclusion.objects.update_or_create(safe_id=safe_id, user_id=user_id, defaults={"kind": kind, "by_id": by})
    held = Grant.objects.filter(safe_id=safe_id, holder_kind=Grant.HolderKind.USER, holder=str(user_id))
    if held.delete()[0]:
        Safe.objects.filter(pk=safe_id, rekey_due=None).update(rekey_due=timezone.now())


def withdraw(safe_ids: Iterable[uuid.UUID], user_ids: Iterable[uuid.UUID]) -> None:
    """Take keys back from people who are not excluded but do not handle it any more."""
    held = Grant.objects.filter(
        safe_id__in=list(safe_ids), holder_kind=Grant.HolderKind.USER, holder__in=[str(user) for user in user_ids]
    )
    Safe.objects.filter(pk__in=held.values("safe_id"), rekey_due=None).update(rekey_due=timezone.now())
    held.delete()


def give_up(safe_ids: Iterable[uuid.UUID]) -> None:
    """Wait no longer for a new key to safes that nobody can open."""
    Safe.objects.filter(pk__in=list(safe_ids)).update(rekey_due=None)


def readmit(key: SafeKey, holder: Holder) -> None:
    """Lift an exclusion that turned out wrong, and grant the key."""
    Exclusion.objects.filter(safe_id=key.safe_id, user_id=holder.id).delete()
    regrant(key, holder)


def user_holders(user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Holder]:
    """Return the holders of the users who have a key, each at their newest generation."""
    holders: dict[uuid.UUID, Holder] = {}
    for key in MemberKey.objects.filter(user_id__in=list(user_ids)).order_by("generation"):
        holders[key.user_id] = Holder(Grant.HolderKind.USER, str(key.user_id), bytes(key.public), key.generation)
    return holders


def holders_as_granted(grants: Iterable[Grant]) -> list[Holder]:
    """Return users as holders, each with the generation of the key that their grant was made for."""
    wanted = {(uuid.UUID(grant.holder), grant.generation) for grant in grants}
    keys = MemberKey.objects.filter(user_id__in={user for user, _generation in wanted})
    return [
        Holder(Grant.HolderKind.USER, str(key.user_id), bytes(key.public), key.generation)
        for key in keys
        if (key.user_id, key.generation) in wanted
    ]


def able(safe_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the users who can really open a safe: their grant was made for the key they have now."""
    granted = Grant.objects.filter(safe_id=safe_id, holder_kind=Grant.HolderKind.USER).values_list(
        "holder", "generation"
    )
    mine = {uuid.UUID(holder): generation for holder, generation in granted}
    newest = {user: holder.generation for user, holder in user_holders(mine).items()}
    return {user for user, generation in mine.items() if newest.get(user) == generation}


def receipt_holder(receipt: Receipt) -> Holder:
    """Return the holder that a receipt code stands for."""
    return Holder(Grant.HolderKind.RECEIPT, receipt.lookup, receipt.pair.public)


def receipt_keyring(receipt: Receipt) -> Keyring:
    """Return the keyring that a receipt code opens."""
    return Keyring(Grant.HolderKind.RECEIPT, receipt.lookup, {1: receipt.pair.private})


def stale_for(user_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the safes that somebody could open with a key they lost, and has no way to now."""
    newest = (
        MemberKey.objects.filter(user_id=user_id).order_by("-generation").values_list("generation", flat=True).first()
        or 0
    )
    held = Grant.objects.filter(holder_kind=Grant.HolderKind.USER, holder=str(user_id))
    return list(held.exclude(generation=newest).values_list("safe_id", flat=True))


def regrant(key: SafeKey, holder: Holder) -> None:
    """Grant a safe anew to somebody whose key is another now."""
    Grant.objects.filter(safe_id=key.safe_id, holder_kind=holder.kind, holder=holder.id).delete()
    open_to(key, [holder])


def is_open_to(safe_id: uuid.UUID, holder: Holder) -> bool:
    """Tell whether somebody can open a safe with the key they have now."""
    held = Grant.objects.filter(safe_id=safe_id, holder_kind=holder.kind, holder=holder.id)
    return held.filter(generation=holder.generation).exists()


def remember(receipt: Receipt) -> None:
    """Keep the public half of a code that was given out before they were kept."""
    grants = Grant.objects.filter(holder_kind=Grant.HolderKind.RECEIPT, holder=receipt.lookup, public=None)
    grants.update(public=receipt.pair.public)


def keyholders(*safe_ids: uuid.UUID) -> list[uuid.UUID]:
    """Return the users who may open a safe, or any of several."""
    grants = Grant.objects.filter(safe_id__in=safe_ids, holder_kind=Grant.HolderKind.USER)
    return [uuid.UUID(holder) for holder in grants.values_list("holder", flat=True).distinct()]
