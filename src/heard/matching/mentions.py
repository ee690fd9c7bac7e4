"""Is one of ours named in what a reporter wrote? Cautious on purpose: a wrong hit is lifted with one tap."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence

from heard.matching.reader import find
from heard.matching.segment import Person

_WORD = re.compile(r"[^\W_]+")
# Split, then look: a pattern for whole addresses would take quadratic time on a long text without spaces.
_BETWEEN = re.compile(r"[\s<>(),;:\"']+")
_HANDLE = re.compile(r"[@/]([\w.-]{2,60})")
SHORTEST = 2
_SURE = {"full", "handle", "address"}


class Written:
    """What a reporter wrote, read once for all the people it is compared with.

    `people` is what was written about who did it and who was involved: there a name counts however it is written.
    `story` is everything else: there an address, a handle, a whole name, or one word of a name counts that begins
    like a name does (in scripts without capital letters every word does).
    """

    def __init__(self, *, people: str, story: str) -> None:
        self._text = f"{people}\n{story}"
        self._addresses = {_mailbox(part) for part in _BETWEEN.split(f"{people}\n{story}") if "@" in part[1:]}
        about, told = _words(people), _words(story)
        self._firms = " ".join(about)
        self._handles = {handle.strip(".-") for handle in _HANDLE.findall(_fold(f"{people}\n{story}"))} | set(about)
        self._names = set(about) | {_fold(word) for word in _WORD.findall(story) if not word[0].islower()}
        self._pairs = set(_pairs(about)) | set(_pairs(told))

    def names_firm(self, firm: str) -> bool:
        """Tell whether a firm stands among what was written about the people, as a whole."""
        wanted = " ".join(_words(firm))
        return len(wanted) > SHORTEST and f" {wanted} " in f" {self._firms} "

    def who(self, people: Sequence[Person]) -> set[int]:
        """Return the places in the list of those who are named, also misspelt, shortened or in another script."""
        read = {m.person for m in find(self._text, people) if m.how[0] in _SURE or not self._text[m.start].islower()}
        return read | {number for number, person in enumerate(people) if self._plainly_names(person)}

    def _plainly_names(self, person: Person) -> bool:
        if self._addresses & {_mailbox(email) for email in person.emails if "@" in email}:
            return True
        if self._handles & {_fold(handle).strip("@ .-") for handle in person.handles if handle.strip("@ .-")}:
            return True
        for name in person.names:
            words = [word for word in _words(name) if len(word) >= SHORTEST]
            if self._names & set(words) or (len(words) > 1 and set(_pairs(words)) <= self._pairs):
                return True
        return False


def _fold(text: str) -> str:
    """Return the text without case and accents (canonical forms alone: the others can grow eighteenfold)."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


def _words(text: str) -> list[str]:
    return _WORD.findall(_fold(text))


def _pairs(words: list[str]) -> Iterable[tuple[str, str]]:
    return itertools.pairwise(words)


def _mailbox(address: str) -> str:
    local, _, domain = _fold(address).strip(".").rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
