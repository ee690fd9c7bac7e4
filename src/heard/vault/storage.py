"""Where sealed files lie: a folder, or an S3-compatible store. Only ciphertext gets here."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils import timezone

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # the extra `s3` is not installed
    STORE_ERRORS: tuple[type[Exception], ...] = ()
else:
    STORE_ERRORS = (BotoCoreError, ClientError)


class NoStorage(Storage):
    """Django's default storage: everything goes through `sealed` instead."""


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn what a store's client raises into OSError, so that a store that is down is like a disk that is full."""
    try:
        yield
    except STORE_ERRORS as error:
        raise OSError(type(error).__name__) from None


class Sink(Protocol):
    """A new file being written."""

    def write(self, data: bytes) -> object:
        """Write some bytes."""

    def commit(self) -> None:
        """Keep the file: on return it survives a power cut."""

    def abort(self) -> None:
        """Leave nothing behind."""


class FolderSink:
    """A new file in a folder."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        self.file: IO[bytes] = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self.write = self.file.write

    def commit(self) -> None:
        """Flush the file, then the folder that names it."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def abort(self) -> None:
        """Remove the half-written file, even where the disk is too full to flush it."""
        self.path.unlink(missing_ok=True)
        try:
            self.file.close()
        except OSError:
            pass


class StoreSink:
    """A new object in a store."""

    def __init__(self, storage: Storage, name: str) -> None:
        self.storage, self.name = storage, name
        with store_errors():
            self.file = storage.open(name, "wb")

    def write(self, data: bytes) -> object:
        """Write some bytes."""
        with store_errors():
            return self.file.write(data)

    def commit(self) -> None:
        """Complete the upload."""
        with store_errors():
            self.file.close()

    def abort(self) -> None:
        """Complete what was begun, then remove it: the store has no other way to forget a part."""
        with suppress(OSError), store_errors():
            self.file.close()
            self.storage.delete(self.name)


class SealedFolder(FileSystemStorage):
    """A folder that only the server reads, split by the first characters of the names."""

    def place(self, name: str) -> Path:
        """Return the path of a name."""
        return Path(self.location) / name[:2] / name


def create(name: str) -> Sink:
    """Begin a new file."""
    storage = storages["sealed"]
    return FolderSink(storage.place(name)) if isinstance(storage, SealedFolder) else StoreSink(storage, name)


def read(name: str) -> IO[bytes]:
    """Open a file. Raises FileNotFoundError."""
    storage = storages["sealed"]
    if isinstance(storage, SealedFolder):
        return storage.place(name).open("rb")
    with store_errors():
        opened: IO[bytes] = storage.open(name, "rb")
    return opened


def delete(name: str) -> None:
    """Remove a file; one that is gone already is fine."""
    storage = storages["sealed"]
    if isinstance(storage, SealedFolder):
        storage.place(name).unlink(missing_ok=True)
    else:
        with store_errors():
            storage.delete(name)


def has_room(size: int) -> bool:
    """Tell whether a file of so many bytes fits without touching what is reserved for text."""
    storage = storages["sealed"]
    if not isinstance(storage, SealedFolder):
        return True
    root = Path(storage.location)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    reserve: int = settings.HEARD["HEARD_RESERVE_MB"]
    return shutil.disk_usage(root).free - size > reserve * 1_000_000


def older_than(age: timedelta) -> Iterator[str]:
    """Yield the names of files that have lain longer than this."""
    storage, limit = storages["sealed"], timezone.now() - age
    if isinstance(storage, SealedFolder):
        for path in Path(storage.location).glob("??/*"):
            if path.stat().st_mtime < limit.timestamp():
                yield path.name
        return
    for name in storage.listdir("")[1]:
        made: datetime = storage.get_modified_time(name)
        if made < limit:
            yield name
