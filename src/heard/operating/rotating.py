"""New keys for the installation, while it runs."""

import time
from pathlib import Path

from django.conf import settings

from heard.accounts import factors
from heard.audit import chain as audit
from heard.vault import house as keys
from heard.vault import receipts, rows


class TooEarly(Exception):
    """Something still needs the older versions; the text says what, and what to do."""


def house() -> str:
    """Put a new version of the house key into use and wrap what lies under it anew."""
    version = keys.rotate(_folder())
    settings.HOUSE = keys.find(_folder())
    count = rows.rewrap() + factors.rewrap()
    audit.record("house-key.rotated", chain=audit.HOUSE, who="host", thing=str(version))
    return (
        f"Version {version} of the house key is in use; {count} secrets lie under it now. Copy the folder of the keys to where "
        "you keep it. In a day, run `heard rotate forget`: the older versions are needed until then."
    )


def forget() -> str:
    """Forget the older versions for good. Raises TooEarly."""
    if time.time() < keys.rotated_at(_folder()) + receipts.FORM_SECONDS:
        raise TooEarly("Forms that are open right now need the older version. Please wait a day after the rotation.")
    rows.rewrap(), factors.rewrap()  # what a process wrote in the second before it noticed
    if rows.oldest_version() < settings.HOUSE.current:
        raise TooEarly("Something was sealed with an older version just now. Please try again.")
    gone = keys.forget(_folder())
    audit.record("house-key.forgotten", chain=audit.HOUSE, who="host", thing=", ".join(map(str, gone)))
    if not gone:
        return "There was no older version."
    return f"Forgotten for good: version {', '.join(map(str, gone))}. Destroy older copies of the folder of the keys."


def signing() -> str:
    """Put a new signing key into use."""
    public = keys.rotate_signing_key(_folder())
    audit.record("signing-key.rotated", chain=audit.HOUSE, who="host", thing=public)
    return f"The new signing key is in use, and the old one vouches for it. Its public half: {public}"


def _folder() -> Path:
    folder: Path = settings.HEARD["HEARD_KEYS"]
    return folder
