"""What has to be done about a case, by level: duties with their reason, a script, a clock and what blocks them."""

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

# How grave it is, which chooses the playbook (the guide's levels, and one for everything else).
LEVELS = {
    "danger": _("Somebody is or was in danger"),
    "minor": _("Somebody under age was harmed"),
    "witnessed": _("Many people saw it"),
    "private": _("It happened in private"),
    "other": _("Something else"),
}


class DutyText(BaseModel):
    """One duty of a playbook."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z0-9_]{1,30}$")
    levels: list[str]
    title: str
    why: str
    script: str
    who: Literal["contact", "lead", "duty", "team"]
    hours: int
    event_hours: int
    working_days: int = 0
    after: list[str] = []
    gate: Literal["", "police", "objection", "fear", "meeting", "decision", "notice", "second_person", "look_back"] = ""
    optional: bool = False
    small: bool = False
    serves: list[str] = []


@cache
def duties(language: str = "en") -> dict[str, DutyText]:
    """Return every duty by name."""
    folder = resources.files("heard.guidance") / "data"
    chosen = folder / language / "playbooks.toml"
    text = (chosen if chosen.is_file() else folder / "en" / "playbooks.toml").read_text(encoding="utf-8")
    found = [DutyText.model_validate(duty) for duty in tomllib.loads(text)["duty"]]
    return {duty.name: duty for duty in found}


def playbook(level: str, *, small: bool, language: str = "en") -> list[DutyText]:
    """Return the duties of a level in their order; of a small team only what it cannot do without."""
    return [duty for duty in duties(language).values() if level in duty.levels and (duty.small or not small)]
