"""What can be decided: measures with the safety they give and what enforces them, kinds of conduct, and the weighing."""

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from heard.guidance.policy import Policy


class Enforced(BaseModel):
    """A system in which somebody has to see to a measure."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    where: str = Field(pattern=r"^[a-z_]{1,20}$")
    title: str = Field(max_length=200)


class MeasureText(BaseModel):
    """A measure of the catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")
    title: str = Field(min_length=1, max_length=200)
    weighs: list[str] = []
    safety: str = Field(default="", max_length=500)
    has_term: bool = False
    second: bool = False
    condition: str = Field(default="", max_length=300)
    enforced: list[Enforced] = []
    serves: list[str] = []


@cache
def _data(name: str, language: str) -> dict[str, Any]:
    folder = resources.files("heard.guidance") / "data"
    chosen = folder / language / name
    return tomllib.loads((chosen if chosen.is_file() else folder / "en" / name).read_text(encoding="utf-8"))


@cache
def _built_in(language: str) -> tuple[MeasureText, ...]:
    return tuple(MeasureText.model_validate(measure) for measure in _data("measures.toml", language)["measure"])


def measures(policy: "Policy", language: str = "en") -> dict[str, MeasureText]:
    """Return the catalogue by name: the guide's measures less those a community took out, and its own."""
    kept = [m for m in _built_in(language) if m.name not in policy.measures_left_out]
    return {measure.name: measure for measure in [*kept, *policy.measures]}


def built_in_measures(language: str = "en") -> dict[str, str]:
    """Return the titles of the guide's measures by name."""
    return {measure.name: measure.title for measure in _built_in(language)}


def measure_title(policy: "Policy", name: str, language: str = "en") -> str:
    """Return what a measure is called, also one that is not in the catalogue any more."""
    own = {measure.name: measure.title for measure in policy.measures}
    return own.get(name) or built_in_measures(language).get(name, name)


def suggested(policy: "Policy", impact: str, risk: str) -> list[str]:
    """Return the measures that fit an impact on people and a risk of it happening again (Safety First PDX / Otter Tech)."""
    return [name for name, measure in measures(policy).items() if f"{impact}-{risk}" in measure.weighs]


def categories(language: str = "en") -> dict[str, str]:
    """Return the kinds of conduct by name."""
    found: dict[str, str] = _data("categories.toml", language)["categories"]
    return found
