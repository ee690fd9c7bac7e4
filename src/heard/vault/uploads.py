"""Uploads: sealed while they stream in, so that nothing plain touches the disk.

A view that takes files says so with `takes_files`; for every other page a file is dropped as it arrives.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from heard.vault import files, storage

MAX_FILES = 10
MAX_FILE_BYTES = 50 * 1000 * 1000
View = TypeVar("View", bound=Callable[..., Any])


class Arrived(UploadedFile):
    """An uploaded file: sealed already, or refused with a reason."""

    def __init__(self, field: str, kept: files.Kept | None, name: str, refused: str = "") -> None:
        super().__init__(None, name, kept.content_type if kept else "", kept.size if kept else 0)
        self.field, self.kept, self.refused = field, kept, refused

    def close(self) -> None:
        """Nothing to close: the bytes lie sealed in the storage."""


class SealingHandler(FileUploadHandler):
    """Seals each file under a key of its own while it arrives."""

    TOO_BIG, TOO_MANY, NO_ROOM = "too_big", "too_many", "no_room"

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.arrived = 0
        self.writer: files.Writer | None = None
        self.refused = ""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file, or let it pass by."""
        super().new_file(*args, **kwargs)
        self.writer, self.refused = None, ""
        if not _takes_files(self.request) or not self.file_name:
            raise SkipFile
        self.arrived += 1
        if self.arrived > MAX_FILES:
            self.refused = self.TOO_MANY
        elif not storage.has_room(MAX_FILE_BYTES):
            self.refused = self.NO_ROOM
        else:
            self._begin()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seal some bytes; past the limit the rest is read and dropped."""
        if self.writer is None:
            return
        if self.writer.size + len(raw_data) > MAX_FILE_BYTES:
            self._refuse(self.TOO_BIG)
            return
        try:
            self.writer.write(raw_data)
        except OSError:
            self._refuse(self.NO_ROOM)

    def file_complete(self, file_size: int) -> Arrived:
        """Return the file, sealed and durable."""
        kept = None
        if self.writer is not None:
            try:
                kept = self.writer.finish(self.file_name or "", (self.content_type or "")[:100])
            except OSError:
                self._refuse(self.NO_ROOM)
        self.writer = None
        return Arrived(self.field_name or "", kept, self.file_name or "", self.refused)

    def upload_interrupted(self) -> None:
        """Leave nothing of a file that broke off."""
        if self.writer is not None:
            self.writer.abort()

    def _begin(self) -> None:
        try:
            self.writer = files.Writer()
        except OSError:
            self.refused = self.NO_ROOM

    def _refuse(self, why: str) -> None:
        if self.writer is not None:
            self.writer.abort()
        self.writer, self.refused = None, why


def takes_files(view: View) -> View:
    """Mark a view as one that takes files."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def _takes_files(request: HttpRequest | None) -> bool:
    try:
        return request is not None and getattr(resolve(request.path_info).func, "takes_files", False)
    except Resolver404:
        return False
