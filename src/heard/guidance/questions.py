"""What the report form asks: the guide's questions, and those a community added."""

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, Self

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from heard.guidance.policy import Policy

# The answers to "may they know who you are?", by audience (R26).
NAMING = [("yes", _("Yes")), ("no", _("No")), ("ask", _("Ask me first"))]
Kind = Literal["short", "long", "choice", "naming", "date", "email"]


class Condition(BaseModel):
    """A question is shown only after a certain answer to another one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: str
    answer: str = Field(alias="is")


class Question(BaseModel):
    """One question of the report form."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    kind: Kind
    group: Literal["story", "people", "circumstances", "safety", "names", "contact", "own"]
    label: str = Field(min_length=1, max_length=200)
    help: str = Field(default="", max_length=500)
    required: bool = False
    rows: int = 10
    choices: list[tuple[str, str]] = []
    shown_if: Condition | None = None
    serves: list[str] = []

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(f"{self.name}: a choice has choices, and nothing else has")
        return self


@cache
def _built_in(language: str) -> list[Question]:
    folder = resources.files("heard.guidance") / "data"
    chosen = folder / language / "questions.toml"
    text = (chosen if chosen.is_file() else folder / "en" / "questions.toml").read_text(encoding="utf-8")
    return [Question.model_validate(q) for q in tomllib.loads(text)["question"]]


def questions(policy: "Policy", language: str) -> list[Question]:
    """Return the form's questions in order; a community's own come after the guide's."""
    asked = [*_built_in(language), *policy.questions]
    names = [question.name for question in asked]
    for place, question in enumerate(asked):
        if names.index(question.name) != place:
            raise ValueError(f"{question.name} is asked twice")
        if question.shown_if and question.shown_if.question not in names[:place]:
            raise ValueError(f"{question.name} waits for a question that does not come before it")
    return asked
