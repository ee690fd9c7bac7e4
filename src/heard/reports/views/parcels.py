"""Files that come with a form: taken, put off until the form is complete, or refused with a sentence."""

from collections.abc import Iterable
from contextlib import suppress

from django.http import HttpRequest
from django.utils.translation import gettext as _

from heard.vault import files, storage
from heard.vault.receipts import FormToken
from heard.vault.uploads import MAX_FILE_BYTES, MAX_FILES, Arrived, SealingHandler


class Parcels:
    """The files of one request, sealed already."""

    def __init__(self, request: HttpRequest, field: str) -> None:
        arrived = [file for file in request.FILES.getlist(field) if isinstance(file, Arrived)]
        self.dropped = {name.removeprefix("drop_") for name in request.POST if name.startswith("drop_")}
        self.kept = [file.kept for file in arrived if file.kept]
        self.refused = [_why(file) for file in arrived if not file.kept]

        self.earlier: dict[str, files.Kept] = {}

    def fetch_earlier(self, token: FormToken) -> None:
        """Find the files that came with an earlier try, and remove those that were taken off the form."""
        self.earlier = files.waiting(token)
        for key in self.dropped & set(self.earlier):
            files.discard(self.earlier.pop(key))

    def all(self) -> list[files.Kept]:
        """Return everything that belongs to the form."""
        return [*self.earlier.values(), *self.kept]

    def problems(self) -> list[str]:
        """Return why the form has to come back, file by file."""
        surplus = len(self.all()) - MAX_FILES
        for kept in self.kept[len(self.kept) - surplus :] if surplus > 0 else []:
            files.discard(kept)
            self.kept.remove(kept)
            self.refused.append(_too_many(kept.name))
        return self.refused

    def put_off(self, token: FormToken) -> None:
        """Keep the files for the next try; where even that fails, they have to be chosen again."""
        for kept in self.kept:
            try:
                files.put_off(token, kept)
            except OSError:
                files.discard(kept)

    def discard(self) -> None:
        """Remove the files of this request."""
        discard(self.kept)


def discard(kept: Iterable[files.Kept]) -> None:
    """Remove files that nobody took, even while the database does not answer."""
    for file in kept:
        with suppress(OSError):  # the nightly sweep finds what is left
            storage.delete(file.storage_name)


def _too_many(name: str) -> str:
    return _("“%(name)s” was not taken: %(n)d files fit into one form. You can add more later.") % {
        "name": name,
        "n": MAX_FILES,
    }


def _why(file: Arrived) -> str:
    if file.refused == SealingHandler.TOO_BIG:
        return _("“%(name)s” was not taken: it is bigger than %(n)d MB. Everything else is kept.") % {
            "name": file.name,
            "n": MAX_FILE_BYTES // 1_000_000,
        }
    if file.refused == SealingHandler.TOO_MANY:
        return _too_many(file.name or "")
    return _("“%(name)s” was not taken: there is no room for files right now. Your text can still be sent.") % {
        "name": file.name
    }
