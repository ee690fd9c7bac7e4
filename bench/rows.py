"""A line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, and what it should be."""

    what: str
    figure: str
    goal: str
