"""Forms of reports: `public` and `team`."""

from heard.reports.forms.public import LONGEST, LONGEST_LINE, IntakeForm, MailForm, ReportForm
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
    "LONGEST_LINE",
    "AsideForm",
    "CardsForm",
    "HandoverForm",
    "IntakeForm",
    "LeaveOutForm",
    "LetterForm",
    "MailForm",
    "NoteForm",
    "ReportForm",
    "SearchForm",
    "StatementForm",
    "UseCardsForm",
]
