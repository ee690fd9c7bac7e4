"""Files as they stream in and out: `secretstream` in chunks of 64 KiB, each file under a random key of its own."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Sum
from nacl import bindings
from nacl.exceptions import CryptoError

from heard.vault import crypto, storage
from heard.vault.keyring import SafeKey
from heard.vault.models import PendingFile, SealedFile
from heard.vault.receipts import FormToken

CHUNK = 64 * 1024
MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
EXTRA = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
HEADER = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES


@dataclass(frozen=True, repr=False)
class Kept:
    """A file that lies sealed in the storage, and what opens it."""

    storage_name: str
    key: bytes
    name: str
    content_type: str
    size: int
    padded_size: int

    @property
    def facts(self) -> dict[str, Any]:
        """What is sealed beside it."""
        return {"key": self.key.hex(), "name": self.name, "type": self.content_type, "size": self.size}


class Writer:
    """Seals a file while it arrives; plain bytes never leave the memory."""

    def __init__(self) -> None:
        self.storage_name = secrets.token_hex(16)
        self.key = crypto.new_key()
        self.size = 0
        self._written = 0
        self._buffer = bytearray()
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        self._sink = storage.create(self.storage_name)
        self._sink.write(bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, self.key))

    def write(self, data: bytes) -> None:
        """Take some bytes."""
        self.size += len(data)
        self._add(data)

    def finish(self, name: str, content_type: str) -> Kept:
        """Fill up to a Padmé length and make the file durable."""
        padded = crypto.padded_length(self.size)
        for _ in range(0, padded - self.size, CHUNK):
            self._add(bytes(min(CHUNK, padded - self._written)))
        self._push(bytes(self._buffer), FINAL)
        self._sink.commit()
        return Kept(self.storage_name, self.key, name, content_type, self.size, padded)

    def abort(self) -> None:
        """Leave nothing behind."""
        self._sink.abort()

    def _add(self, data: bytes) -> None:
        self._written += len(data)
        self._buffer += data
        while len(self._buffer) > CHUNK:
            self._push(bytes(self._buffer[:CHUNK]), MESSAGE)
            del self._buffer[:CHUNK]

    def _push(self, chunk: bytes, tag: int) -> None:
        self._sink.write(bindings.crypto_secretstream_xchacha20poly1305_push(self._state, chunk, None, tag))


def stream(storage_name: str, key: bytes, size: int) -> Iterator[bytes]:
    """Yield a file's plain bytes. Raises CannotOpen where it was shortened or changed."""
    with storage.read(storage_name) as file:
        state = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, file.read(HEADER), key)
        left, tag = size, MESSAGE
        while tag != FINAL:
            sealed = file.read(CHUNK + EXTRA)
            try:
                chunk, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, sealed, None)
            except (CryptoError, ValueError):
                raise crypto.CannotOpen("the file was shortened or changed") from None
            if left:
                yield chunk[:left]
            left = max(0, left - len(chunk))


def keep(model: type[SealedFile], kept: Kept, key: SafeKey, **columns: Any) -> SealedFile:
    """Put a file's key and name into a safe."""
    row = model(**key.where, storage_name=kept.storage_name, padded_size=kept.padded_size, **columns)
    row.file_key = key(_encode(kept))
    row.save(force_insert=True)
    return row


def opened(facts: bytes, storage_name: str, padded_size: int) -> Kept:
    """Return a file from the sealed facts beside it."""
    data = _decode(facts)
    return Kept(storage_name, bytes.fromhex(data["key"]), data["name"], data["type"], data["size"], padded_size)


def put_off(token: FormToken, kept: Kept) -> None:
    """Keep a file until its form is complete; only the form can open it.

    Beyond the quota the files that have waited longest go: nobody can keep others from adding files.
    """
    _make_room(kept.padded_size)
    row = PendingFile(form=token.name, storage_name=kept.storage_name, padded_size=kept.padded_size)
    row.data = crypto.seal(token.key, _encode(kept), f"pending\x1f{row.pk}")
    row.save(force_insert=True)


def _make_room(size: int) -> None:
    quota = settings.HEARD["HEARD_PENDING_MB"] * 1_000_000
    taken = (PendingFile.objects.aggregate(sum=Sum("padded_size"))["sum"] or 0) + size
    for row in PendingFile.objects.order_by("made_at") if taken > quota else ():
        row.delete()
        storage.delete(row.storage_name)
        taken -= row.padded_size
        if taken <= quota:
            return


def waiting(token: FormToken) -> dict[str, Kept]:
    """Return the files that wait for a form, by id."""
    rows = PendingFile.objects.filter(form=token.name).order_by("made_at")
    return {
        str(row.pk): opened(
            crypto.unseal(token.key, bytes(row.data), f"pending\x1f{row.pk}"), row.storage_name, row.padded_size
        )
        for row in rows
    }


def hand_over(old: FormToken, fresh: FormToken) -> None:
    """Let the files of a form that ran out wait for the one that takes its place."""
    for kept in waiting(old).values():
        PendingFile.objects.filter(storage_name=kept.storage_name).delete()
        put_off(fresh, kept)


def discard(kept: Kept) -> None:
    """Remove a file that nobody wants."""
    PendingFile.objects.filter(storage_name=kept.storage_name).delete()
    storage.delete(kept.storage_name)


def settle(token: FormToken) -> None:
    """Forget that files waited: a report owns them now."""
    PendingFile.objects.filter(form=token.name).delete()


def _encode(kept: Kept) -> bytes:
    return json.dumps(kept.facts, ensure_ascii=False).encode()


def _decode(facts: bytes) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(facts)
    return data
