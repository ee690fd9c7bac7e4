"""Opening safes: who holds which key, and the values behind it."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from heard.vault import crypto
from heard.vault.fields import Sealed, SealedElsewhere, field_of
from heard.vault.models import Grant, Safe, SealedRow

AT_ONCE = 500


class NoGrant(Exception):
    """This holder has no key to the safe."""


@dataclass(frozen=True, repr=False)
class SafeKey:
    """A safe's key at one version."""

    safe_id: uuid.UUID
    version: int
    key: bytes

    def place(self, table: str, column: str, row: object) -> str:
        """Return the one place that a value belongs to."""
        return f"{table}\x1f{column}\x1f{row}\x1f{self.safe_id}\x1f{self.version}"

    @property
    def where(self) -> dict[str, Any]:
        """What a sealed row says about its safe."""
        return {"safe_id": self.safe_id, "key_version": self.version}

    def __call__(self, value: Any) -> "InSafe":
        """Mark a value to be sealed when its row is written."""
        return InSafe(value, self)

    def reveal(self, row: SealedRow, column: str) -> Any:
        """Open one column of a row. Raises CannotOpen."""
        return self.open(type(row), column, row.pk, getattr(row, column))

    def open(self, model: type[SealedRow], column: str, pk: object, sealed: object) -> Any:
        """Open one value, read without its row. Raises CannotOpen."""
        if sealed is None:
            return None
        if not isinstance(sealed, Sealed):
            raise SealedElsewhere(f"{column} was not read from the database")
        place = self.place(model._meta.db_table, column, pk)
        return field_of(model, column).decode(crypto.unseal(self.key, sealed.data, place))


@dataclass(frozen=True, repr=False)
class InSafe:
    """A plain value on its way into a safe."""

    value: Any
    key: SafeKey

    def into(self, row: models.Model, column: str) -> bytes:
        """Return it sealed for this row and column. Raises SealedElsewhere for a row of another safe."""
        if not isinstance(row, SealedRow) or (row.safe_id, row.key_version) != (self.key.safe_id, self.key.version):
            raise SealedElsewhere(f"{column} belongs to another safe or version")
        plain = field_of(row, column).encode(self.value)
        return crypto.seal(self.key.key, plain, self.key.place(row._meta.db_table, column, row.pk))


class Keyring:
    """The keys of one holder, opened for one request. Nothing of it is kept."""

    def __init__(self, kind: Grant.HolderKind, holder: str, privates: Mapping[int, bytes]) -> None:
        self.kind, self.holder = kind, holder
        self._pairs = {generation: crypto.pair_of(private) for generation, private in privates.items()}
        # Grants are re-wrapped under the generation they were made for, so that each opens with its own key.
        self._owns = {generation: crypto.derive(pair.private, "heard:own") for generation, pair in self._pairs.items()}
        self._opened: dict[uuid.UUID, SafeKey] = {}

    def __repr__(self) -> str:
        """Say nothing."""
        return "[sealed]"

    def key_of(self, safe: Safe | uuid.UUID) -> SafeKey:
        """Return the safe's key. Raises NoGrant."""
        safe_id = safe.pk if isinstance(safe, Safe) else safe
        keys = self.keys_of([safe_id])
        if safe_id not in keys:
            raise NoGrant
        return keys[safe_id]

    def keys_of(self, safe_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, SafeKey]:
        """Return the keys this holder has among the safes; what was boxed is re-wrapped for speed."""
        wanted = [safe_id for safe_id in safe_ids if safe_id not in self._opened]
        if wanted:
            self._take(self._grants().filter(safe_id__in=wanted))
        return self._opened

    def all_keys(self) -> dict[uuid.UUID, SafeKey]:
        """Return every key this holder has, by safe."""
        self._take(self._grants())
        return self._opened

    def private(self, generation: int) -> bytes | None:
        """Return one private half, for the vault to wrap it under something else."""
        pair = self._pairs.get(generation)
        return pair.private if pair else None

    def renew(self, key: SafeKey) -> None:
        """Take a new key of a safe that this holder just gave it."""
        self._opened[key.safe_id] = key

    def forget(self, safe_id: uuid.UUID) -> None:
        """Read the grant anew next time."""
        self._opened.pop(safe_id, None)

    def reveal(self, row: SealedRow, column: str) -> Any:
        """Open one column. A row or a grant that a new safe key overtook is read again."""
        key = self.key_of(row.safe_id)
        for _ in range(3):
            if key.version == row.key_version:
                break
            self.forget(row.safe_id)
            row.refresh_from_db()
            key = self.key_of(row.safe_id)
        return key.reveal(row, column)

    def sealer(self, safe: Safe | uuid.UUID) -> SafeKey:
        """Return the key for writing: the safe is locked until the transaction ends, so no new key can overtake it."""
        safe_id = safe.pk if isinstance(safe, Safe) else safe
        version = Safe.objects.select_for_update().values_list("version", flat=True).get(pk=safe_id)
        self.forget(safe_id)
        key = self.key_of(safe_id)
        if key.version != version:
            raise NoGrant
        return key

    def sealers(self, safe_ids: Iterable[uuid.UUID]) -> list[SafeKey]:
        """Return the keys for writing of those among the safes that this holder can open."""
        found = []
        for safe_id in safe_ids:
            try:
                found.append(self.sealer(safe_id))
            except NoGrant:
                continue
        return found

    def _grants(self) -> models.QuerySet[Grant]:
        return Grant.objects.filter(holder_kind=self.kind, holder=self.holder)

    def _take(self, grants: models.QuerySet[Grant]) -> None:
        # What was granted to a key that this holder lost stays shut until a colleague grants it anew.
        grants = grants.filter(generation__in=list(self._pairs))
        for safe_id, version, generation, data in grants.filter(wrap=Grant.Wrap.OWN).values_list(
            "safe_id", "version", "generation", "data"
        ):
            key = crypto.unseal(self._owns[generation], bytes(data), place_of(safe_id, version, self.kind, self.holder))
            self._opened[safe_id] = SafeKey(safe_id, version, key)
        boxed = list(grants.filter(wrap=Grant.Wrap.BOX))
        for grant in boxed:
            self._opened[grant.safe_id] = SafeKey(grant.safe_id, grant.version, self._unbox(grant))
        if boxed and self.kind == Grant.HolderKind.USER:
            self._rewrap(boxed)

    def _unbox(self, grant: Grant) -> bytes:
        data = bytes(grant.data)
        pair = self._pairs.get(grant.generation)
        if pair is None:
            raise NoGrant
        place, key = unbox(crypto.unseal_with(pair, data))
        if place != grant_place(grant):
            raise crypto.CannotOpen("the grant was made for another safe, version or holder")
        return key

    def _rewrap(self, grants: list[Grant]) -> None:
        """Wrap the keys under the holder's own symmetric key: 2 µs to open instead of 70 (docs/performance.md)."""
        for grant in grants:
            grant.wrap = Grant.Wrap.OWN
            grant.data = crypto.seal(self._owns[grant.generation], self._opened[grant.safe_id].key, grant_place(grant))
        with transaction.atomic():
            if len(grants) == 1:
                Grant.objects.filter(pk=grants[0].pk, version=grants[0].version).update(
                    wrap=grants[0].wrap, data=grants[0].data
                )
            else:
                Grant.objects.bulk_update(grants, ["wrap", "data"], batch_size=AT_ONCE)


def grant_place(grant: Grant) -> str:
    """Return whom and what a grant is for."""
    return place_of(grant.safe_id, grant.version, grant.holder_kind, grant.holder)


def place_of(safe_id: uuid.UUID, version: int, kind: str, holder: str) -> str:
    """Return whom and what a grant is for, from its parts."""
    return f"grant\x1f{safe_id}\x1f{version}\x1f{kind}\x1f{holder}"


def box(place: str, key: bytes) -> bytes:
    """Return a safe's key together with whom it is for."""
    return key + place.encode()


def unbox(plain: bytes) -> tuple[str, bytes]:
    """Return whom a key is for, and the key."""
    return plain[crypto.KEY_BYTES :].decode(), plain[: crypto.KEY_BYTES]
