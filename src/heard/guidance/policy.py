"""A community's policy as data: clocks, retention and its own questions."""

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from heard.guidance.measures import MeasureText
from heard.guidance.questions import Question

Count = Annotated[int, Field(ge=1, le=1000)]
Hour = Annotated[int, Field(ge=0, le=23)]


class Strict(BaseModel):
    """Data that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Clocks(Strict):
    """How soon things are due."""

    acknowledge_hours: Count
    acknowledge_event_hours: Count
    respond_hours: Count
    respond_event_hours: Count
    nudge_hours: Count
    nudge_event_minutes: Count
    nudge_danger_minutes: Count
    nudges_before_lead: Count
    nudges_before_global: Count
    quiet_from: Hour
    quiet_until: Hour
    consent_hours: Count
    consent_event_hours: Count = 4
    appeal_days: Count = 30
    appeal_answer_days: Count = 14

    def to_object(self, *, at_event: bool) -> int:
        """Return how many hours somebody has to object."""
        return self.consent_event_hours if at_event else self.consent_hours


class Retention(Strict):
    """How long things are kept, in months."""

    report_months: Count
    set_aside_months: Count


class Switches(Strict):
    """Where good teams disagree; off is the guide's way."""

    comment_on_measure: bool = False
    ask_for_apology: bool = False
    mediation: bool = False
    newcomers_read: bool = False


class Policy(Strict):
    """What a community decided about how it works."""

    clocks: Clocks
    retention: Retention
    switches: Switches = Switches()
    questions: list[Question] = []
    measures: list[MeasureText] = []
    measures_left_out: list[str] = []


@cache
def default_policy() -> Policy:
    """Return the guide's way."""
    data = resources.files("heard.guidance") / "data" / "policy.toml"
    return Policy.model_validate(tomllib.loads(data.read_text(encoding="utf-8")))
