"""Forms of the lead's pages: `team` and `policy`."""

from heard.community.forms.policy import LABELS, MeasureForm, PolicyForm, QuestionForm
from heard.community.forms.team import (
    ContactForm,
    EmployerForm,
    EventForm,
    InviteForm,
    KnownAsForm,
    MemberForm,
    MomentField,
    NameForm,
    NumberForm,
    ShiftForm,
    TeamForm,
    callable_number,
    in_zone,
)

__all__ = [
    "LABELS",
    "ContactForm",
    "EmployerForm",
    "EventForm",
    "InviteForm",
    "KnownAsForm",
    "MeasureForm",
    "MemberForm",
    "MomentField",
    "NameForm",
    "NumberForm",
    "PolicyForm",
    "QuestionForm",
    "ShiftForm",
    "TeamForm",
    "callable_number",
    "in_zone",
]
