"""The forms of reports; what is asked comes from guidance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from heard.community.models import Member
from heard.guidance import NAMING, Question
from heard.reports.actions.handover import Plan
from heard.reports.models import Report
from heard.vault.recovery import MOST_CARDS

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


class LetterForm(forms.Form):
    """Something to write."""

    text = forms.CharField(
        label=_("What to write"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14}),
        error_messages={"required": _("Please write something first.")},
    )
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        """Let no bracket of a prepared letter reach anybody."""
        text: str = self.cleaned_data["text"]
        if "(name a day)" in text:
            raise forms.ValidationError(_("Put a day in place of the words in brackets."))
        return text


class AsideForm(forms.Form):
    """Why a report is put aside."""

    why = forms.ChoiceField(
        label=_("Why"),
        choices=Report.Aside.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose why.")},
    )


class StatementForm(forms.Form):
    """What somebody who stands aside saw themselves."""

    statement = forms.CharField(
        label=_("Did you see something yourself? You can leave it here"),
        help_text=_("Not needed. The others read it; you will not see it again."),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class LeaveOutForm(forms.Form):
    """Which colleague is left out, and why."""

    member = forms.ChoiceField(
        label=_("Who"), error_messages={"required": _("Please choose who."), "invalid_choice": _("Please choose who.")}
    )
    reason = forms.CharField(
        label=_("Why"),
        help_text=_(
            "Sealed, for those who handle this. The person who is left out sees it only if they are let back in."
        ),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please say why, in a few words.")},
    )
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, colleagues: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(member.pk), member.shown_name) for member in colleagues]
        self.fields["member"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]


class SearchForm(forms.Form):
    """Words to look for."""

    words = forms.CharField(
        label=_("Words to look for"),
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "aria-label": _("Words to look for")}),
    )


class CardsForm(forms.Form):
    """Who gets a recovery card, and how many of them open together."""

    members = forms.MultipleChoiceField(
        label=_("Members who keep a card"), required=False, widget=forms.CheckboxSelectMultiple
    )
    others = forms.CharField(
        label=_("Others who keep one, a name on each line"),
        help_text=_("Somebody trusted outside the team: a board member, a lawyer, a friend of the chapter."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    needed = forms.IntegerField(
        label=_("So many open together"),
        help_text=_("At least two, so that nobody can alone. With a single card, one is all there is."),
        min_value=1,
        max_value=MOST_CARDS,
        initial=2,
    )

    def __init__(self, *args: Any, people: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(member.pk): member for member in people}
        self.fields["members"].choices = [(pk, member.shown_name) for pk, member in self._people.items()]  # type: ignore[attr-defined]
        self.holders: list[tuple[str, Any]] = []

    def clean(self) -> dict[str, Any]:
        """Put the holders together and compare their number with what is needed."""
        facts = super().clean() or {}
        chosen = [self._people[pk] for pk in facts.get("members", [])]
        others = [line.strip()[:80] for line in facts.get("others", "").splitlines() if line.strip()]
        self.holders = [(m.shown_name, m.user_id) for m in chosen] + [(name, None) for name in others]
        needed = facts.get("needed")
        if not self.holders:
            self.add_error("members", _("Somebody has to keep a card."))
        elif len(self.holders) > MOST_CARDS:
            self.add_error("others", _("There can be at most %(most)d cards.") % {"most": MOST_CARDS})
        elif needed and needed > len(self.holders):
            self.add_error("needed", _("There are fewer cards than that."))
        elif needed == 1 and len(self.holders) > 1:
            self.add_error("needed", _("With more than one card at least two have to open together."))
        return facts


class UseCardsForm(forms.Form):
    """The words of enough cards."""

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, most + 1):
            area = {"rows": 3, "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
            self.fields[f"card{number}"] = forms.CharField(
                label=_("Card %(number)d") % {"number": number},
                required=number == 1,
                max_length=600,
                widget=forms.Textarea(attrs=area),
            )

    @property
    def words(self) -> list[str]:
        """What was typed, card by card."""
        return [text for text in self.cleaned_data.values() if text.strip()]


class HandoverForm(forms.Form):
    """Who leaves, who leads from now on, and who takes over what the leavers had to do."""

    leavers = forms.MultipleChoiceField(label=_("Who leaves"), widget=forms.CheckboxSelectMultiple)
    leads = forms.MultipleChoiceField(
        label=_("Who leads from now on, besides the leads who stay"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    heir = forms.ChoiceField(label=_("Who takes over their conversations with reporters and their shifts"))

    def __init__(self, *args: Any, people: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(member.pk): member for member in people}
        for name in ("leavers", "leads", "heir"):
            choices = [(pk, member.shown_name) for pk, member in self._people.items()]
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def plan(self) -> Plan:
        """What was chosen."""
        facts = self.cleaned_data
        return Plan(
            [self._people[pk] for pk in facts["leavers"]],
            [self._people[pk] for pk in facts["leads"]],
            self._people[facts["heir"]],
        )


class IntakeForm(forms.Form):
    """What somebody said, written down by one of us."""

    how = forms.ChoiceField(
        label=_("How did it reach you?"),
        choices=[("voice", _("In person")), ("phone", _("By phone")), ("mail", _("By mail or a message"))],
        widget=forms.RadioSelect,
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

    @property
    def answers(self) -> dict[str, str]:
        """What was said, by question."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"how", "token"} and value}
