"""Letters of the second half: to whom each may go, how long it may be, which permission it needs; and how one acts for an employer."""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

LONGEST = 8_000
_OPEN = re.compile(r"\[[^\[\]\n]{2,300}\]")

# The ways in which somebody acts for an employer (R61): only then it may be told.
ACTED_AS = {
    "paid": _("as paid staff of the event"),
    "talk": _("giving a talk about their employer's product"),
    "booth": _("staffing a sponsor's booth"),
    "branded": _("wearing their employer's branded clothes"),
    "recruiting": _("recruiting somebody for a job"),
    "speaking": _("claiming to speak for their employer"),
}


class NoticeText(BaseModel):
    """A letter's template."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    to: str = Field(pattern="^(reporter|reported|employer|attendee)$")
    title: str
    text: str
    most: int = LONGEST
    needs: Literal["", "apology"] = ""
    serves: list[str]


@cache
def notices(language: str = "en") -> dict[str, NoticeText]:
    """Return every letter of the second half by name."""
    folder = resources.files("heard.guidance") / "data"
    chosen = folder / language / "notices.toml"
    data = tomllib.loads((chosen if chosen.is_file() else folder / "en" / "notices.toml").read_text(encoding="utf-8"))
    return {name: NoticeText.model_validate(notice) for name, notice in data.items()}


def open_places(text: str) -> list[str]:
    """Return what is still in square brackets, for the writer to put in their own words."""
    return _OPEN.findall(text)
