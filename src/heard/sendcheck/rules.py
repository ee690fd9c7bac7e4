"""The rules of the send check as data: what each is about, why, and better words."""

import tomllib
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

TO = ("reporter", "reported", "attendee", "employer")


class Rule(BaseModel):
    """One thing that a letter must not do."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    why: str
    better: str
    serves: list[str]
    switch: str = ""
    examples: list[str]
    fine: list[str]


@cache
def rules(language: str = "en") -> dict[str, Rule]:
    """Return the rules by their flag, in their order."""
    folder = resources.files("heard.sendcheck") / "data"
    chosen = folder / f"rules.{language}.toml"
    text = (chosen if chosen.is_file() else folder / "rules.toml").read_text(encoding="utf-8")
    return {flag: Rule.model_validate(rule) for flag, rule in tomllib.loads(text).items()}
