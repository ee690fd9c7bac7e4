"""Is one of ours named in what a reporter wrote? Cautious on purpose: a wrong hit is lifted with one tap."""

import re
import unicodedata
from dataclasses import dataclass, field

_WORD = re.compile(r"[^\W_]+")
# Split, then look: a pattern for whole addresses would take quadratic time on a long text without spaces.
_BETWEEN = re.compile(r"[\s<>(),;:\"']+")
_HANDLE = re.compile(r"@([\w.-]{2,})")
SHORTEST = 2


@dataclass(frozen=True)
class Person:
    """Somebody as they may be written: names, addresses, handles."""

    names: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)


def mentioned(person: Person, *, people: str, anywhere: str) -> bool:
    """Tell whether somebody is named.

    `people` is what was written about who did it and who was involved: a name counts there, whole or one word of it.
    `anywhere` is everything: there an address, a handle or a whole name of two words counts.
    """
    text = f"{people}\n{anywhere}"
    addresses = {_mailbox(part) for part in _BETWEEN.split(text) if "@" in part[1:]}
    if addresses & {_mailbox(email) for email in person.emails}:
        return True
    handles = {_fold(handle).strip(".-") for handle in _HANDLE.findall(text)}
    own = {_fold(handle).lstrip("@") for handle in person.handles if handle.strip("@ ")}
    if own & (handles | set(_words(people))) or any(f"/{handle}" in _fold(text) for handle in own):
        return True
    about, whole = set(_words(people)), _spaced(text)
    for name in person.names:
        words = [word for word in _words(name) if len(word) >= SHORTEST]
        if about & set(words) or (len(words) > 1 and f" {' '.join(words)} " in whole):
            return True
    return False


def _fold(text: str) -> str:
    """Return the text without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


def _words(text: str) -> list[str]:
    return _WORD.findall(_fold(text))


def _spaced(text: str) -> str:
    return f" {' '.join(_words(text))} "


def _mailbox(address: str) -> str:
    local, _, domain = _fold(address).strip(".").rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
