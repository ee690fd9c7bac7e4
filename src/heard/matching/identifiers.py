"""Addresses, handles and phones, reduced to what tells one person from another."""

import re
from functools import lru_cache
from typing import NamedTuple

from heard.matching.reading import fold, words_of

TWINS = {
    "googlemail.com": "gmail.com", "protonmail.com": "proton.me", "pm.me": "proton.me", "me.com": "icloud.com",
    "mac.com": "icloud.com", "ya.ru": "yandex.ru", "yandex.com": "yandex.ru", "narod.ru": "yandex.ru",
    "yandex.by": "yandex.ru", "yandex.kz": "yandex.ru", "yandex.ua": "yandex.ru", "ymail.com": "yahoo.com",
    "rocketmail.com": "yahoo.com", "fastmail.fm": "fastmail.com", "tutanota.de": "tutanota.com", "tuta.io": "tutanota.com",
}  # fmt: skip
ROLES = words_of(
    """info events event tickets ticket office team hello contact admin support sales mail post kontakt hallo orders booking
    conference registration speakers organizers organisers noreply no-reply help hr press accounts billing webmaster secretary
    secretariat reception inbox staff community general enquiries inquiries service"""
)
_IGNORES_DOTS = {"gmail.com"}
_DASH_TAGS = {"yahoo.com"}
_HANDLE_TRASH = re.compile(r"^(?:https?://)?(?:www\.)?(?=\w)", re.IGNORECASE)


class Mailbox(NamedTuple):
    """An address as its provider understands it."""

    key: str
    is_role: bool


@lru_cache(maxsize=50_000)
def mailbox(address: str) -> Mailbox | None:
    """Return the mailbox behind an address, or None where it is none."""
    local, at, domain = address.strip().strip("<>").casefold().rpartition("@")
    domain = domain.strip(". ")
    if not at or not local or "." not in domain:
        return None
    domain = TWINS.get(domain, domain)
    bare = local.partition("+")[0] or local
    if domain in _IGNORES_DOTS:
        bare = bare.replace(".", "")
    if domain in _DASH_TAGS:
        bare = bare.partition("-")[0] or bare
    return Mailbox(f"{bare}@{domain}", bare in ROLES)


@lru_cache(maxsize=50_000)
def handle(text: str) -> str:
    """Return the name behind a handle or the address of a profile; empty where there is none."""
    text = _HANDLE_TRASH.sub("", text.strip()).split("?")[0].split("#")[0].rstrip("/")
    parts = [part for part in re.split(r"[/\s]+", text) if part]
    if not parts:
        return ""
    user, _, server = parts[-1].lstrip("@").partition("@")
    name = fold(user.strip("."))
    if len(parts) == 1 and not text.startswith("@") and "." in user and not server:
        return ""  # a bare host, no person
    return name if len(name) > 1 else ""


@lru_cache(maxsize=50_000)
def phone(text: str) -> str:
    """Return the last nine digits of a number: the same however the country is written. Empty where there are fewer."""
    digits = "".join(str(int(c)) for c in text if c.isdecimal())
    return digits[-9:] if len(digits) >= 7 else ""


def same_phone(one: str, other: str) -> bool:
    """Tell whether two numbers can be one (phonenumberslite judges country codes)."""
    import phonenumbers

    judged = phonenumbers.is_number_match(_international(one), _international(other))
    return bool(judged >= phonenumbers.MatchType.SHORT_NSN_MATCH)


def _international(text: str) -> str:
    text = text.strip()
    return "+" + text[2:] if text.startswith("00") else text


@lru_cache(maxsize=100_000)
def letters(*texts: str) -> str:
    """Return the letters of addresses and handles, in which a name may be spelled."""
    parts = []
    for text in texts:
        if "@" in text.strip("@"):
            local = text.partition("@")[0].partition("+")[0]
            parts.append("" if fold(local) in ROLES else local)
        elif text:
            parts.append(handle(text))
    return " ".join(re.sub(r"[^a-z]+", "", fold(part)) for part in parts if part)
