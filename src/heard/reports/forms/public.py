"""The form of a report, by a reporter or written down for somebody; what is asked comes from guidance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from heard.community.models import Event, Member
from heard.guidance import NAMING, Question

LONGEST = 100_000
LONGEST_LINE = 500
GROUP_TITLES = {
    "people": _("Who was involved"),
    "circumstances": _("When and where"),
    "safety": _("Your safety"),
    "names": _("Your name, and who may know it"),
    "contact": _("How we may reach you"),
    "own": _("More questions of this community"),
}


class MailForm(forms.Form):
    """Where somebody without an account wants whole letters."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Please write your address first."),
            "invalid": _("Please check this address: it does not look like one."),
        },
    )


@dataclass(frozen=True)
class Group:
    """A folded part of the form."""

    name: str
    title: str
    fields: list[forms.BoundField]
    opened: bool


def field_for(question: Question) -> forms.Field:
    """Return the form field of a question."""
    common: dict[str, Any] = {"label": question.label, "help_text": question.help, "required": question.required}
    common["error_messages"] = {
        "required": _("Please write at least a few words."),
        "max_length": _("This is longer than %(limit_value)d characters. Please shorten it, or send the rest later."),
    }
    field: forms.Field
    if question.kind in {"choice", "naming"}:
        choices = question.choices or NAMING
        field = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    elif question.kind == "date":
        day = forms.DateInput(attrs={"type": "date"})
        field = forms.CharField(max_length=LONGEST_LINE, widget=day, **common)
    elif question.kind == "email":
        mail = forms.EmailInput(attrs={"autocomplete": "off"})
        common["error_messages"] |= {"invalid": _("Please check this address, or leave it empty.")}
        field = forms.EmailField(max_length=LONGEST_LINE, widget=mail, **common)
    elif question.kind == "long":
        area = forms.Textarea(attrs={"rows": question.rows, "autocomplete": "off"})
        field = forms.CharField(max_length=LONGEST, widget=area, **common)
    else:
        line = forms.TextInput(attrs={"autocomplete": "off"})
        field = forms.CharField(max_length=LONGEST_LINE, widget=line, **common)
    condition = question.shown_if
    # The template reads it; Django gives fields no room of their own.
    setattr(field, "shown_if", f"{condition.question}={condition.answer}" if condition else "")  # noqa: B010
    return field


class ReportForm(forms.Form):
    """What somebody tells us. Only what happened is required."""

    use_required_attribute = False

    danger = forms.BooleanField(
        label=_("Somebody is not safe right now: call the people on duty as soon as I send this"), required=False
    )
    about_organiser = forms.ChoiceField(
        label=_("Is it about somebody who organises here?"),
        help_text=_("Then it goes to the global team, and nobody of this chapter learns that it exists."),
        choices=[("no", _("No")), ("yes", _("Yes")), ("unsure", _("I am not sure"))],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(
        self, *args: Any, asked: list[Question], members: list[Member], goes_around: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked, self.members, self.asks_about_organisers = asked, members, goes_around
        if not goes_around:  # there is no other team it could go to
            del self.fields["about_organiser"]
        for question in asked:
            self.fields[question.name] = field_for(question)
        self.fields["what_happened"].widget.attrs |= {"aria-required": "true"}

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered, by question."""
        return {question.name: self.cleaned_data.get(question.name, "") for question in self.asked}

    @property
    def out(self) -> set[str]:
        """The ids of the members who should not read it."""
        known = {str(member.pk) for member in self.members}
        return {name.removeprefix("not_") for name in self.data if name.startswith("not_")} & known

    @property
    def is_about_organiser(self) -> bool:
        """Whether it goes around the chapter: yes, or perhaps."""
        return self.cleaned_data.get("about_organiser") in {"yes", "unsure"}

    def groups(self) -> Iterator[Group]:
        """Yield the folded parts in order; one with an error or an answer is open."""
        for name, title in GROUP_TITLES.items():
            fields = [self[question.name] for question in self.asked if question.group == name]
            if fields:
                opened = any(field.errors or (self.is_bound and field.value()) for field in fields)
                yield Group(name, str(title), fields, opened)


class IntakeForm(forms.Form):
    """What somebody said, written down by one of us."""

    how = forms.ChoiceField(
        label=_("How did it reach you?"),
        choices=[("voice", _("In person")), ("phone", _("By phone")), ("mail", _("By mail or a message"))],
        widget=forms.RadioSelect,
    )
    event = forms.ChoiceField(label=_("At which event?"), required=False)
    happened_to = forms.ChoiceField(
        label=_("To whom did it happen?"),
        choices=[("me", _("To the one who tells it")), ("other", _("To somebody else"))],
        widget=forms.RadioSelect,
        required=False,
    )
    what_happened = forms.CharField(
        label=_("What they say happened, in their words"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
        error_messages={"required": _("Please write at least a few words.")},
    )
    who = forms.CharField(label=_("Who did it, as far as it is known"), required=False, max_length=LONGEST_LINE)
    when_words = forms.CharField(label=_("When, roughly"), required=False, max_length=LONGEST_LINE)
    where = forms.CharField(label=_("Where"), required=False, max_length=LONGEST_LINE)
    circumstances = forms.CharField(
        label=_("Anything else that matters"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    token = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, events: Sequence[Event] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event"].choices = [*((event.slug, event.name) for event in events), ("", _("At none of them"))]  # type: ignore[attr-defined]
        if not events:
            del self.fields["event"]

    @property
    def answers(self) -> dict[str, str]:
        """What was said, by question."""
        about = {"how", "token", "event"}
        return {name: value for name, value in self.cleaned_data.items() if name not in about and value}
