"""Forms of cases."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from heard.cases.models import Entry, Party
from heard.community.forms import MomentField, in_zone
from heard.community.models import Member
from heard.guidance import LEVELS, open_places
from heard.reports.forms import MailForm
from heard.sendcheck import LONGEST as LONGEST_LETTER

LONGEST = 100_000
TIMES, TASKS = 5, 6


def words_field(
    label: Any, *, rows: int = 4, required: bool = True, help_text: Any = "", most: int = LONGEST
) -> forms.CharField:
    """Return a box for words; letters, which are checked, take fewer."""
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


class OpenForm(forms.Form):
    """How grave it is, and what has to be known first."""

    level = forms.ChoiceField(label=_("What is it?"), choices=list(LEVELS.items()), widget=forms.RadioSelect)
    safety = forms.ChoiceField(
        label=_("If somebody is or was in danger: is everybody safe right now?"),
        help_text=_("No, or not sure? Call for help first; this page waits."),
        choices=[("yes", _("Yes")), ("no", _("No")), ("unsure", _("Not sure"))],
        required=False,
        widget=forms.RadioSelect,
    )
    harmed = forms.CharField(label=_("Who was harmed, if it was not the reporter"), required=False, max_length=200)
    fears = forms.BooleanField(
        label=_("Somebody fears for their safety should the person reported hear of it"), required=False
    )


class DrillForm(forms.Form):
    """Which level to practise."""

    level = forms.ChoiceField(
        label=_("Which kind?"), choices=list(LEVELS.items()), initial="private", widget=forms.RadioSelect
    )


class EntryForm(forms.Form):
    """A note or a call."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=[(Entry.Kind.NOTE, _("A note")), (Entry.Kind.CALL, _("A call, or a talk"))]
    )
    text = words_field(_("What should be kept"), rows=5)
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class AloneForm(forms.Form):
    """What somebody did alone in an emergency."""

    what = words_field(_("What you did, and why at once"), rows=3)
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class NotFoundForm(forms.Form):
    """Where somebody was looked for."""

    where = words_field(_("Where and when you looked"), rows=2)
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class PartyForm(forms.Form):
    """A person of a case: whatever is known."""

    role = forms.ChoiceField(label=_("Their part"), choices=Party.Role.choices)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    handles = forms.CharField(label=_("Addresses and handles"), max_length=500, required=False)
    description = forms.CharField(label=_("Badge, looks, anything else"), max_length=500, required=False)
    employer = forms.CharField(label=_("Employer, if it matters here"), max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for at least something."""
        facts = super().clean() or {}
        if not any(facts.get(name) for name in ("name", "handles", "description")):
            self.add_error("name", _("A name, an address or a description is needed."))
        return facts

    @property
    def facts(self) -> dict[str, str]:
        """What is known of the person."""
        return {name: value for name, value in self.cleaned_data.items() if name != "role" and value}


class WishesForm(forms.Form):
    """What the person harmed wishes. Their words are kept; only these three decide what may be done."""

    police = forms.BooleanField(label=_("They wish that the police are called"), required=False)
    objects = forms.BooleanField(label=_("They object to going ahead"), required=False)
    fears = forms.BooleanField(
        label=_("They are afraid of what happens when the person reported hears of it"), required=False
    )
    apology = forms.BooleanField(
        label=_("They allow that we pass on, in a line, that the other person apologises"), required=False
    )
    words = words_field(_("In their words"), rows=3, required=False)
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class TimesForm(forms.Form):
    """Times to ask about."""

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone
        for number in range(1, TIMES + 1):
            self.fields[f"time{number}"] = MomentField(
                label=_("A time (%(zone)s)") % {"zone": zone.key}, required=number == 1
            )

    @property
    def times(self) -> list[datetime]:
        """The moments that were given."""
        return [in_zone(value, self._zone) for value in self.cleaned_data.values() if value]


class CallForm(forms.Form):
    """When and where the meeting is."""

    starts_at = MomentField(label=_("When"))
    where = forms.CharField(
        label=_("Where"),
        max_length=300,
        help_text=_("A room or a link. It is sealed; the calendar file shows only the time."),
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone
        self.fields["starts_at"].help_text = zone.key

    @property
    def when(self) -> datetime:
        """The moment."""
        return in_zone(self.cleaned_data["starts_at"], self._zone)


class HoldForm(forms.Form):
    """Who was there and what was said: the four questions."""

    present = forms.MultipleChoiceField(label=_("Who was there"), widget=forms.CheckboxSelectMultiple, required=False)
    note_taker = forms.ChoiceField(label=_("Who took notes"))
    time_keeper = forms.ChoiceField(label=_("Who kept the time"))
    happened = words_field(_("1. What happened"), rows=5)
    act = words_field(_("2. Do we act, and how"), rows=4)
    reason = words_field(_("Only if the program asked for it: why it stands all the same"), rows=2, required=False)

    def __init__(self, *args: Any, able: list[Member], zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._able, self._zone = {str(member.pk): member for member in able}, zone
        people = [(pk, member.shown_name) for pk, member in self._able.items()]
        for name in ("present", "note_taker", "time_keeper"):
            self.fields[name].choices = people  # type: ignore[attr-defined]
        for number in range(1, TASKS + 1):
            self.fields[f"what{number}"] = forms.CharField(
                label=_("3. What has to be done (%(n)d)") % {"n": number}, max_length=300, required=False
            )
            self.fields[f"who{number}"] = forms.ChoiceField(
                label=_("By whom"), choices=[("", "–"), *people], required=False
            )
            self.fields[f"when{number}"] = MomentField(
                label=_("4. By when (%(zone)s)") % {"zone": zone.key}, required=False
            )

    def clean(self) -> dict[str, Any]:
        """Each task needs somebody and a time."""
        facts = super().clean() or {}
        for number in range(1, TASKS + 1):
            if facts.get(f"what{number}"):
                for name in (f"who{number}", f"when{number}"):
                    if not facts.get(name) and name not in self.errors:
                        self.add_error(name, _("Who does it, and by when?"))
        for name in ("note_taker", "time_keeper"):
            if facts.get(name) and facts[name] not in facts.get("present", []):
                self.add_error(name, _("They were not there."))
        return facts

    @property
    def attending(self) -> list[Member]:
        """Who was there."""
        return [self._able[pk] for pk in self.cleaned_data["present"]]

    def member(self, name: str) -> Member:
        """Return one who was chosen."""
        return self._able[self.cleaned_data[name]]

    @property
    def task_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each task."""
        return [[self[f"{part}{n}"] for part in ("what", "who", "when")] for n in range(1, TASKS + 1)]

    @property
    def tasks(self) -> list[tuple[str, Member, datetime]]:
        """What has to be done, by whom and by when."""
        facts = self.cleaned_data
        return [
            (facts[f"what{n}"], self._able[facts[f"who{n}"]], in_zone(facts[f"when{n}"], self._zone))
            for n in range(1, TASKS + 1)
            if facts.get(f"what{n}")
        ]


class NewCodeForm(forms.Form):
    """Whose code was lost."""

    party = forms.ChoiceField(label=_("To whom"))

    def __init__(self, *args: Any, parties: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"].choices = parties  # type: ignore[attr-defined]


class TellForm(NewCodeForm):
    """What somebody without an account reads first; of a person reported, why they are told although somebody is afraid."""

    words = words_field(
        _("What they read"),
        rows=12,
        most=LONGEST_LETTER,
        help_text=_("Nothing that shows who told, and nothing that only one person could know."),
    )
    although = words_field(_("Somebody is afraid of it: why they are told all the same"), rows=2, required=False)
    reason = words_field(_("Only if words are marked: why they stay"), rows=2, required=False)

    def __init__(self, *args: Any, fears: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not fears:
            del self.fields["although"]

    def clean_words(self) -> str:
        """Let no bracket of the template reach anybody."""
        words: str = self.cleaned_data["words"]
        if open_places(words):
            raise forms.ValidationError(_("Put a sentence of your own in place of the one in brackets."))
        return words


class SideForm(forms.Form):
    """The side of the person reported, written down by one of us."""

    text = words_field(_("What they said, as close to their words as you can"), rows=8)
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class GuestForm(forms.Form):
    """The code that somebody was given."""

    code = forms.CharField(
        label=_("The code you were given"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class WithCode(forms.Form):
    """What comes from a page that the code has opened."""

    code = forms.CharField(max_length=60, widget=forms.HiddenInput)


class GuestSideForm(WithCode):
    """What the person reported writes."""

    text = words_field(_("Write what you want us to know"), rows=10, most=LONGEST_LETTER)


class GuestMailForm(MailForm, WithCode):
    """Where whoever holds a code wants whole letters."""


class PartyInviteForm(forms.Form):
    """A party who may come to the meeting, and why."""

    party = forms.CharField(max_length=40, widget=forms.HiddenInput)
    reason = words_field(
        _("Why may they come? The guide allows it only where very many saw it"), rows=2, required=False
    )
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
