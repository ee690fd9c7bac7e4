"""Forms of what is decided and what follows: decision, vote, measures, letters, appeal, closing."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from heard import guidance
from heard.cases.actions.deciding import Proposal, Wanted
from heard.cases.forms.case import WithCode, words_field
from heard.cases.models import Appeal, Decision, Measure, Vote
from heard.sendcheck import LONGEST

FURTHEST_YEARS = 50


class DayField(forms.DateField):
    """A day."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    input_formats = ["%Y-%m-%d"]


class DecideForm(forms.Form):
    """What was found, how it weighs, and what is done."""

    finding = forms.ChoiceField(
        label=_("What did you find?"), choices=Decision.Finding.choices, widget=forms.RadioSelect
    )
    category = forms.ChoiceField(label=_("What kind of conduct was it about?"))
    impact = forms.ChoiceField(
        label=_("What it did to people"), choices=Decision.Weight.choices, required=False, widget=forms.RadioSelect
    )
    risk = forms.ChoiceField(
        label=_("How likely it happens again"),
        choices=Decision.Weight.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    reasons = words_field(_("Why. It is sealed, and never mailed"), rows=6)
    unheard = words_field(
        _("Only if the person reported was not heard: why it is decided without them"), rows=2, required=False
    )

    def __init__(self, *args: Any, policy: guidance.Policy, language: str, suggested: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._catalogue = guidance.measures(policy, language)
        self._suggested = suggested
        self.fields["category"].choices = list(guidance.categories(language).items())  # type: ignore[attr-defined]
        for name, measure in self._catalogue.items():
            self._add(name, measure)

    def _add(self, name: str, measure: guidance.MeasureText) -> None:
        self.fields[f"take_{name}"] = forms.BooleanField(label=measure.title, required=False)
        self.fields[f"scope_{name}"] = forms.ChoiceField(
            label=_("Where"), choices=Measure.Scope.choices, required=False, initial=Measure.Scope.CHAPTER
        )
        if measure.has_term:
            self.fields[f"ends_{name}"] = DayField(label=_("Until (empty: without an end)"), required=False)
        if measure.condition:
            self.fields[f"condition_{name}"] = forms.BooleanField(label=measure.condition, required=False)
        self.fields[f"safety_{name}"] = forms.CharField(
            label=_("What safety it gives"), required=False, max_length=500, initial=measure.safety
        )
        self.fields[f"details_{name}"] = forms.CharField(label=_("What exactly"), required=False, max_length=500)

    def clean(self) -> dict[str, Any]:
        """An end lies ahead, and a measure says what safety it gives."""
        facts = super().clean() or {}
        today = timezone.localdate()
        for name in self._catalogue:
            ends = facts.get(f"ends_{name}")
            if facts.get(f"take_{name}") and ends and not today < ends < _later(today):
                self.add_error(f"ends_{name}", _("Please give a day that lies ahead."))
        return facts

    @property
    def proposal(self) -> Proposal:
        """What is proposed."""
        facts = self.cleaned_data
        wanted = [
            Wanted(
                kind=name, scope=facts.get(f"scope_{name}") or Measure.Scope.CHAPTER, ends_on=facts.get(f"ends_{name}"),
                safety=facts.get(f"safety_{name}", ""), details=facts.get(f"details_{name}", ""),
                condition_met=bool(facts.get(f"condition_{name}")),
            )
            for name in self._catalogue
            if facts.get(f"take_{name}")
        ]  # fmt: skip
        plain = {name: facts[name] for name in ("finding", "category", "impact", "risk", "reasons")}
        return Proposal(**plain, measures=wanted)

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """The fields above the measures."""
        return [self[name] for name in ("finding", "category", "impact", "risk")]

    @property
    def measure_rows(self) -> list[tuple[forms.BoundField, list[forms.BoundField], bool]]:
        """Each measure: its tick, its details, and whether the weighing suggests it; suggested ones first."""
        rows = []
        for name in self._catalogue:
            parts = [f"{part}_{name}" for part in ("scope", "ends", "condition", "safety", "details")]
            rows.append((self[f"take_{name}"], [self[p] for p in parts if p in self.fields], name in self._suggested))
        return sorted(rows, key=lambda row: not row[2])


def _later(today: date) -> date:
    return today.replace(year=today.year + FURTHEST_YEARS, day=1)


class WeighForm(forms.Form):
    """The two questions of the weighing, answered before the rest to see what fits."""

    category = forms.CharField(max_length=30, required=False)
    impact = forms.CharField(max_length=4, required=False)
    risk = forms.CharField(max_length=4, required=False)


class VoteForm(forms.Form):
    """A vote, and dissent in one's own words."""

    choice = forms.ChoiceField(label=_("Your vote"), choices=Vote.Choice.choices, widget=forms.RadioSelect)
    words = words_field(_("If you disagree: why. It stays with the decision"), rows=2, required=False)


class AtOnceForm(forms.Form):
    """A measure that one person takes at once."""

    kind = forms.ChoiceField(label=_("What you do"))
    scope = forms.ChoiceField(label=_("Where"), choices=Measure.Scope.choices)
    safety = forms.CharField(label=_("What safety it gives, right now"), max_length=500)
    details = forms.CharField(label=_("What exactly"), max_length=500, required=False)

    def __init__(self, *args: Any, policy: guidance.Policy, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fit = [m for m in guidance.measures(policy, language).values() if not m.second and not m.condition]
        self.fields["kind"].choices = [(m.name, m.title) for m in fit]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why."""

    reason = words_field(_("Why"), rows=2)


class NoticeForm(forms.Form):
    """A letter: its words, and for an employer how the person acted for them."""

    text = words_field(_("The letter"), rows=16, most=LONGEST)
    acted_as = forms.ChoiceField(
        label=_("How they acted for their employer. If nothing fits, the employer is not told"),
        choices=[("", "–"), *guidance.ACTED_AS.items()],
        required=False,
    )

    def __init__(self, *args: Any, to_employer: bool = False, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = _("%(most)d characters at most.") % {"most": most}
        if not to_employer:
            del self.fields["acted_as"]


class AppealForm(forms.Form):
    """An appeal: on what grounds, and in one's own words."""

    grounds = forms.ChoiceField(label=_("Why"), choices=Appeal.Grounds.choices, widget=forms.RadioSelect)
    text = words_field(_("In your own words"), rows=8, most=LONGEST)


class GuestAppealForm(AppealForm, WithCode):
    """An appeal with a guest code."""


class LookBackForm(forms.Form):
    """What a case taught."""

    went_well = words_field(_("What went well?"), rows=3, required=False)
    was_hard = words_field(_("What was hard?"), rows=3, required=False)
    lacked = words_field(
        _("What did the policy lack? Without names: it goes to the lead as a proposal"),
        rows=3,
        required=False,
        most=LONGEST,
    )


class FollowingForm(forms.Form):
    """What happened since, which is a case of its own."""

    what = words_field(_("What happened"), rows=4)
