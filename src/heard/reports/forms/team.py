"""Forms of those who handle reports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from heard.community.models import Member
from heard.guidance import open_places
from heard.reports.actions.handover import Plan
from heard.reports.forms.public import LONGEST
from heard.reports.models import Report
from heard.sendcheck import LONGEST as LONGEST_LETTER
from heard.vault.recovery import MOST_CARDS


class NoteForm(forms.Form):
    """Something to write down."""

    text = forms.CharField(
        label=_("What to write"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14}),
        error_messages={"required": _("Please write something first.")},
    )
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class LetterForm(NoteForm):
    """A letter to the reporter; a reason where marked words stay."""

    reason = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        """Let no bracket of a prepared letter reach anybody, and nothing that is too long to be checked."""
        text: str = self.cleaned_data["text"]
        if len(text) > LONGEST_LETTER:
            raise forms.ValidationError(_("A letter has %(most)d characters at most.") % {"most": LONGEST_LETTER})
        if open_places(text):
            raise forms.ValidationError(_("Put your own words in place of those in brackets."))
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
