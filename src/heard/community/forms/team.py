"""Forms of the lead's pages."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from heard.community import rules
from heard.community.models import Contact, EmergencyNumber, Event, Member, Team

ZONES = [(name, name) for name in rules.zones()]


class MomentField(forms.DateTimeField):
    """A wall-clock time; the form says in which zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def in_zone(value: datetime, zone: ZoneInfo) -> datetime:
    """Return the wall-clock time of a form as a moment in a zone."""
    return timezone.make_naive(value).replace(tzinfo=zone)


def callable_number(given: str) -> str:
    """Return a number that a phone can call. Raises ValidationError."""
    number = given.strip()
    if number and not re.fullmatch(r"\+?[\d /().-]{2,40}", number):
        raise forms.ValidationError(_("Only digits, spaces and + can be called."))
    return number


class TeamForm(forms.ModelForm):
    """What is public about a chapter."""

    country = forms.CharField(label=_("Country (two letters, such as DE)"), max_length=60)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONES)
    code_of_conduct = forms.URLField(label=_("Address of the code of conduct"), assume_scheme="https", required=False)

    class Meta:
        model = Team
        fields = ["name", "country", "time_zone", "outside_contact", "code_of_conduct", "duty_phone"]
        labels = {
            "name": _("Name"),
            "outside_contact": _("Outside contact, for when nobody here may read a report"),
            "duty_phone": _("Phone of whoever is on duty"),
        }
        help_texts = {"duty_phone": _("A phone that belongs to the rota, not to a person.")}

    def clean_country(self) -> str:
        """Return two capital letters."""
        country: str = self.cleaned_data["country"].strip().upper()
        if not re.fullmatch("[A-Z]{2}", country):
            raise forms.ValidationError(_("Two letters, please, such as DE or NG."))
        return country

    def clean_duty_phone(self) -> str:
        """Return a number that a phone can call, or nothing."""
        return callable_number(self.cleaned_data["duty_phone"])


class EventForm(forms.ModelForm):
    """An event."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONES)
    starts_at = MomentField(label=_("Begins"), help_text=_("In the event's time zone."))
    ends_at = MomentField(label=_("Ends"))

    class Meta:
        model = Event
        fields = ["name", "slug", "venue", "duty_phone", "time_zone", "starts_at", "ends_at"]
        labels = {
            "name": _("Name"),
            "slug": _("Short word for its address, such as winter-meetup"),
            "venue": _("Where it is"),
            "duty_phone": _("Phone of whoever is on duty there"),
        }
        error_messages = {
            "slug": {
                "invalid": _("Only letters, digits and dashes, please."),
                "unique": _("Another event has this word already."),
            }
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.starts_at:
            for name in ("starts_at", "ends_at"):
                self.initial[name] = timezone.make_naive(getattr(self.instance, name), self.instance.zone)

    def clean_duty_phone(self) -> str:
        """Return a number that a phone can call, or nothing."""
        return callable_number(self.cleaned_data["duty_phone"])

    def clean(self) -> dict[str, Any]:
        """Put the times into the zone."""
        data = super().clean() or {}
        if zone := data.get("time_zone"):
            for name in ("starts_at", "ends_at"):
                if data.get(name):
                    data[name] = in_zone(data[name], ZoneInfo(zone))
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("It ends before it begins."))
        return data


class NumberForm(forms.ModelForm):
    """A line of the emergency card."""

    class Meta:
        model = EmergencyNumber
        fields = ["kind", "label", "number", "event", "checked_on"]
        labels = {
            "kind": _("What for"),
            "label": _("In your own words, if you like"),
            "number": _("Number"),
            "event": _("Only for this event"),
            "checked_on": _("Last checked on"),
        }
        widgets = {
            "checked_on": forms.DateInput(attrs={"type": "date"}),
            "number": forms.TextInput(attrs={"type": "tel"}),
        }

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event"].queryset = team.events.order_by("-starts_at")  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        """Return a number that a phone can call."""
        return callable_number(self.cleaned_data["number"])


class ContactForm(forms.ModelForm):
    """A human to turn to."""

    class Meta:
        model = Contact
        fields = ["name", "how"]
        labels = {"name": _("Name"), "how": _("How to reach them")}


class ShiftForm(forms.Form):
    """Somebody's time on duty."""

    member = forms.ModelChoiceField(label=_("Who"), queryset=Member.objects.none())
    event = forms.ModelChoiceField(label=_("At this event"), queryset=Event.objects.none(), required=False)
    starts_at = MomentField(label=_("From"), help_text=_("In the time zone of the event, or else of the chapter."))
    ends_at = MomentField(label=_("Until"))

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        self.fields["member"].queryset = team.members.filter(is_active=True).order_by("shown_name")  # type: ignore[attr-defined]
        self.fields["event"].queryset = team.events.order_by("-starts_at")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Put the times into the zone."""
        data = super().clean() or {}
        zone = data["event"].zone if data.get("event") else self.team.zone
        if data.get("starts_at") and data.get("ends_at"):
            data["starts_at"], data["ends_at"] = in_zone(data["starts_at"], zone), in_zone(data["ends_at"], zone)
            if data["ends_at"] <= data["starts_at"]:
                self.add_error("ends_at", _("It ends before it begins."))
        return data


class MemberForm(forms.ModelForm):
    """A member's role and standing."""

    class Meta:
        model = Member
        fields = ["role", "is_active"]
        labels = {"role": _("Role"), "is_active": _("Is in the team")}


class InviteForm(forms.Form):
    """Whom to invite."""

    email = forms.EmailField(
        label=_("Their e-mail address"), help_text=_("They sign in with it, and are told there that something waits.")
    )
    shown_name = forms.CharField(label=_("Name that reporters see"), max_length=80)
    role = forms.ChoiceField(label=_("Role"), choices=Member.Role.choices, initial=Member.Role.MEMBER)


class EmployerForm(forms.Form):
    """Who pays a member."""

    employer = forms.CharField(label=_("Employer"), max_length=100, required=False)


class NameForm(forms.Form):
    """The name that reporters see."""

    shown_name = forms.CharField(label=_("Name that reporters see"), max_length=80)


def _few_lines() -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 3})


class KnownAsForm(forms.Form):
    """How somebody may be written in a report."""

    names = forms.CharField(
        label=_("Names, also former ones and nicknames"),
        help_text=_("One a line."),
        required=False,
        widget=_few_lines(),
    )
    emails = forms.CharField(
        label=_("E-mail addresses"), help_text=_("One a line."), required=False, widget=_few_lines()
    )
    handles = forms.CharField(
        label=_("Handles"), help_text=_("One a line, such as @ada."), required=False, widget=_few_lines()
    )

    def clean(self) -> dict[str, list[str]]:
        """Return the lines without empty ones."""
        data = super().clean() or {}
        return {
            name: [line.strip()[:200] for line in str(text).splitlines() if line.strip()][:30]
            for name, text in data.items()
        }
