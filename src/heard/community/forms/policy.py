"""Forms of a community's policy: clocks, switches, its own measures and questions."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from heard.guidance import Clocks, MeasureText, Question, Retention, Switches

LABELS = {
    "acknowledge_hours": _("Hours until a report is acknowledged"),
    "acknowledge_event_hours": _("Hours until a report is acknowledged during an event"),
    "respond_hours": _("Hours until the reporter hears what comes next"),
    "respond_event_hours": _("Hours until they hear it during an event"),
    "nudge_hours": _("Hours between two nudges"),
    "nudge_event_minutes": _("Minutes between two nudges during an event"),
    "nudge_danger_minutes": _("Minutes between two nudges when somebody is in danger"),
    "nudges_before_lead": _("Unanswered nudges before the lead is nudged too"),
    "nudges_before_global": _("Unanswered nudges before the global team is told"),
    "quiet_from": _("No nudges from this hour on (not in danger, not at an event)"),
    "quiet_until": _("Until this hour"),
    "consent_hours": _("Hours somebody has to object before you go ahead"),
    "consent_event_hours": _("Hours they have to object during an event"),
    "appeal_days": _("Days in which an outcome can be appealed"),
    "appeal_answer_days": _("Days until an appeal is answered"),
    "report_months": _("Months a report is kept after its last entry"),
    "set_aside_months": _("Months that spam is kept"),
}


SWITCHES = {
    "comment_on_measure": _("The reporter may comment on a planned measure"),
    "ask_for_apology": _("An apology may be asked for"),
    "mediation": _("The two may be brought together, if both wish it"),
    "newcomers_read": _(
        "New members read earlier reports once they declared their conflicts, without being let in one by one"
    ),
}
MOST_ENFORCED = 10


class PolicyForm(forms.Form):
    """Clocks, retention, and where good teams disagree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in [*Clocks.model_fields, *Retention.model_fields]:
            hour = name.startswith("quiet")
            self.fields[name] = forms.IntegerField(
                label=LABELS[name], min_value=0 if hour else 1, max_value=23 if hour else 1000
            )
        for name in Switches.model_fields:
            self.fields[name] = forms.BooleanField(label=SWITCHES[name], required=False)

    def changes(self) -> dict[str, Any]:
        """Return what changes in the policy."""
        parts: dict[str, type[Clocks | Retention | Switches]] = {
            "clocks": Clocks, "retention": Retention, "switches": Switches,
        }  # fmt: skip
        return {
            part: model(**{name: self.cleaned_data[name] for name in model.model_fields})
            for part, model in parts.items()
        }


class MeasureForm(forms.Form):
    """A measure of the community's own."""

    title = forms.CharField(label=_("What is done"), max_length=200)
    safety = forms.CharField(label=_("What safety it gives"), max_length=500)
    enforced = forms.CharField(
        label=_("What somebody has to do for it"),
        help_text=_("One a line, each in one place: take them out of the chat, tell the door."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    has_term = forms.BooleanField(label=_("It can have an end"), required=False)
    second = forms.BooleanField(label=_("A second person has to approve it"), required=False)

    def measure(self, known: list[MeasureText]) -> MeasureText:
        """Return the measure."""
        data = self.cleaned_data
        numbers = [int(m.name.removeprefix("own_")) for m in known if re.fullmatch(r"own_\d+", m.name)]
        lines = [line.strip()[:200] for line in data["enforced"].splitlines() if line.strip()][:MOST_ENFORCED]
        enforced = [{"where": "own", "title": line} for line in lines]
        return MeasureText.model_validate(
            {
                "name": f"own_{max(numbers, default=0) + 1}", "title": data["title"], "safety": data["safety"],
                "enforced": enforced, "has_term": data["has_term"], "second": data["second"],
            }
        )  # fmt: skip


class QuestionForm(forms.Form):
    """A question of the community's own."""

    label = forms.CharField(label=_("The question"), max_length=200)
    help = forms.CharField(label=_("A word of help"), max_length=500, required=False)
    choices = forms.CharField(
        label=_("Answers to choose from"),
        help_text=_("One a line. Leave it empty for a question that is answered in words."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    after = forms.ChoiceField(label=_("Show it only after a certain answer"), required=False)

    def __init__(self, *args: Any, asked: list[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        conditions = [
            (f"{q.name}={value}", f"{q.label} – {words}")
            for q in asked
            if q.kind == "choice"
            for value, words in q.choices
        ]
        self.fields["after"].choices = [("", _("Always show it")), *conditions]  # type: ignore[attr-defined]

    def question(self) -> Question:
        """Return the question."""
        data = self.cleaned_data
        numbers = [int(q.name.removeprefix("own_")) for q in self.asked if re.fullmatch(r"own_\d+", q.name)]
        choices = [line.strip()[:100] for line in data["choices"].splitlines() if line.strip()]
        name, _equals, answer = data["after"].partition("=")
        return Question.model_validate(
            {
                "name": f"own_{max(numbers, default=0) + 1}",
                "kind": "choice" if choices else "short",
                "group": "own",
                "label": data["label"],
                "help": data["help"],
                "choices": [(f"a{place}", words) for place, words in enumerate(choices, 1)],
                "shown_if": {"question": name, "is": answer} if name else None,
            }
        )
