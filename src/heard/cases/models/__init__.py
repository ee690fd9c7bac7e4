"""Rows of cases. What was said and who is meant is sealed in the case's safe; states, clocks and owners are in the clear."""

from heard.cases.models.case import (
    Answer,
    Attendance,
    Case,
    Duty,
    Entry,
    GuestCode,
    Meeting,
    Party,
    Slot,
    WrongState,
)
from heard.cases.models.outcome import (
    BEFORE_END,
    Appeal,
    Decision,
    GuestAddress,
    GuestLetter,
    Measure,
    Notice,
    Outcome,
    Vote,
)

__all__ = [
    "BEFORE_END",
    "Answer",
    "Appeal",
    "Attendance",
    "Case",
    "Decision",
    "Duty",
    "Entry",
    "GuestAddress",
    "GuestCode",
    "GuestLetter",
    "Measure",
    "Meeting",
    "Notice",
    "Outcome",
    "Party",
    "Slot",
    "Vote",
    "WrongState",
]
