"""Sealed columns: a row's attribute holds `[sealed]`; only a key turns it into words."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Protocol, cast

from django.db import models


class SealedElsewhere(Exception):
    """A value was sealed for another row, safe or version than the one it is written to."""


class ToSeal(Protocol):
    """A plain value on its way into a row."""

    def into(self, row: models.Model, column: str) -> bytes:
        """Return the value sealed for this row and column."""


@dataclass(frozen=True, repr=False)
class Sealed:
    """A ciphertext as it came from the database."""

    data: bytes

    def __repr__(self) -> str:
        """Say nothing."""
        return "[sealed]"

    def __str__(self) -> str:
        """Say nothing."""
        return "[sealed]"


class SealedField(models.BinaryField):
    """A column that only ever holds ciphertext."""

    kind = "text"

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seal a value that is on its way in; leave one that is sealed already."""
        value = getattr(model_instance, self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        if not hasattr(value, "into"):
            raise SealedElsewhere(f"{self.name} takes sealed values alone")
        sealed = Sealed(value.into(model_instance, self.name))
        setattr(model_instance, self.attname, sealed)
        return sealed

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        """Wrap the ciphertext."""
        return None if value is None else Sealed(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Unwrap the ciphertext. Raises SealedElsewhere for anything that is not sealed."""
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise SealedElsewhere(f"{self.name} takes sealed values alone")
        return super().get_db_prep_value(value.data, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        """Return the ciphertext for a dump."""
        sealed = cast("Sealed | None", getattr(obj, self.attname))
        return base64.b64encode(sealed.data).decode() if sealed else ""

    def to_python(self, value: Any) -> Any:
        """Return the ciphertext from a dump."""
        return Sealed(base64.b64decode(value)) if isinstance(value, str) and value else value or None

    def encode(self, value: Any) -> bytes:
        """Return the bytes that are sealed."""
        return str(value).encode()

    def decode(self, plain: bytes) -> Any:
        """Return the value from its bytes."""
        return plain.decode()


class SealedTextField(SealedField):
    """A sealed text."""


class SealedJSONField(SealedField):
    """A sealed structure."""

    kind = "json"

    def encode(self, value: Any) -> bytes:
        """Return the structure as compact JSON."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def decode(self, plain: bytes) -> Any:
        """Return the structure."""
        return json.loads(plain)


class SealedBytesField(SealedField):
    """Sealed bytes: a key under another key."""

    kind = "bytes"

    def encode(self, value: Any) -> bytes:
        """Return the bytes."""
        return bytes(value)

    def decode(self, plain: bytes) -> Any:
        """Return the bytes."""
        return plain


def field_of(row: models.Model | type[models.Model], column: str) -> SealedField:
    """Return the sealed field of a row's column."""
    field = row._meta.get_field(column)
    if not isinstance(field, SealedField):
        raise SealedElsewhere(f"{column} is not sealed")
    return field
