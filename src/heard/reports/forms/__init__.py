"""Forms of reports: `public` and `team`."""

from heard.reports.forms.public import LONGEST, IntakeForm, ReportForm
from heard.reports.forms.team import (
    AsideForm,
    CardsForm,
    HandoverForm,
    LeaveOutForm,
    LetterForm,
    NoteForm,
    SearchForm,
    StatementForm,
    UseCardsForm,
)

__all__ = [
    "LONGEST",
    "AsideForm",
    "CardsForm",
    "HandoverForm",
    "IntakeForm",
    "LeaveOutForm",
    "LetterForm",
    "NoteForm",
    "ReportForm",
    "SearchForm",
    "StatementForm",
    "UseCardsForm",
]
