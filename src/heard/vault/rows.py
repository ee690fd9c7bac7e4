"""Columns under the house key: a random key per row, so that erasing the row key erases the content."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from heard.vault import crypto
from heard.vault.fields import Sealed, SealedElsewhere, field_of
from heard.vault.models import HouseRow


@dataclass(frozen=True, repr=False)
class RowKey:
    """A fresh row key and its wrapped form."""

    purpose: str
    key: bytes
    where: dict[str, Any]

    def __call__(self, value: Any) -> "InHouse":
        """Mark a value to be sealed when its row is written."""
        return InHouse(value, self)


@dataclass(frozen=True, repr=False)
class InHouse:
    """A plain value on its way under the house key."""

    value: Any
    key: RowKey

    def into(self, row: models.Model, column: str) -> bytes:
        """Return it sealed for this row and column. Raises SealedElsewhere for a row of another purpose."""
        if not isinstance(row, HouseRow) or row.PURPOSE != self.key.purpose or row.row_key != self.key.where["row_key"]:
            raise SealedElsewhere(f"{column} belongs to another row or purpose")
        return crypto.seal(self.key.key, field_of(row, column).encode(self.value), _place(row, column))


def sealer(purpose: str) -> RowKey:
    """Return a fresh row key for one purpose of the house key."""
    key = crypto.new_key()
    version = settings.HOUSE.current
    return RowKey(purpose, key, {"row_key": _wrapped(purpose, key, version), "house_version": version})


def rewrap() -> int:
    """Wrap every row key under the newest version of the house key; return how many."""
    count, version = 0, settings.HOUSE.current
    for model in (m for m in apps.get_models() if issubclass(m, HouseRow)):
        older = model._default_manager.exclude(house_version=version).exclude(row_key=None)
        for row in older.iterator():
            # Whoever writes or erases the row meanwhile wins: the old wrapping has to be there still.
            same = model._default_manager.filter(pk=row.pk, row_key=row.row_key)
            count += same.update(row_key=_wrapped(model.PURPOSE, _key_of(row), version), house_version=version)
    return count


def oldest_version() -> int:
    """Return the oldest version of the house key that a row still needs."""
    needed = [settings.HOUSE.current]
    for model in (m for m in apps.get_models() if issubclass(m, HouseRow)):
        needed += model._default_manager.exclude(row_key=None).values_list("house_version", flat=True).distinct()
    return min(needed)


def _wrapped(purpose: str, key: bytes, version: int) -> bytes:
    return crypto.seal(settings.HOUSE.subkey(purpose, version), key, f"row\x1f{purpose}")


def reveal(row: HouseRow, column: str) -> Any:
    """Open one column. Raises CannotOpen, also when the row key was erased."""
    sealed = getattr(row, column)
    if sealed is None:
        return None
    if not isinstance(sealed, Sealed):
        raise SealedElsewhere(f"{column} was not read from the database")
    return field_of(row, column).decode(crypto.unseal(_key_of(row), sealed.data, _place(row, column)))


def _key_of(row: HouseRow) -> bytes:
    if row.row_key is None:
        raise crypto.CannotOpen("the row key was erased")
    subkey = settings.HOUSE.subkey(row.PURPOSE, row.house_version)
    return crypto.unseal(subkey, bytes(row.row_key), f"row\x1f{row.PURPOSE}")


def _place(row: HouseRow, column: str) -> str:
    return f"{row._meta.db_table}\x1f{column}\x1f{row.pk}\x1f{row.PURPOSE}"
