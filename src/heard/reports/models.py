"""Rows of reports. What people wrote is sealed in the report's safe."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from heard.community.models import Event, PolicyVersion, Team
from heard.vault import safes
from heard.vault.fields import SealedJSONField, SealedTextField
from heard.vault.keyring import Keyring, SafeKey
from heard.vault.models import HouseRow, Safe, SealedFile, SealedRow


class WrongState(Exception):
    """The step is not possible from here, or somebody was faster."""


class Report(SealedRow):
    """What somebody told us."""

    class State(models.TextChoices):
        NEW = "new", _("Nobody has acknowledged it yet")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        ASIDE = "aside", _("Put aside")

    class Aside(models.TextChoices):
        SPAM = "spam", _("Spam")
        DOUBLE = "double", _("The same report twice")

    MOVES = {
        State.NEW: {State.ACKNOWLEDGED, State.ASIDE},
        State.ACKNOWLEDGED: {State.ASIDE, State.NEW},
        State.ASIDE: {State.NEW, State.ACKNOWLEDGED},
    }
    team = models.ForeignKey(Team, models.PROTECT, related_name="reports")
    chapter = models.ForeignKey(Team, models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    code_name = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    aside_as = models.CharField(max_length=6, choices=Aside, blank=True)
    form = models.CharField(max_length=32, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    danger = models.BooleanField(default=False)
    # One of us wrote it down; whose words they are confirms or corrects them with the code (R20).
    taken_down = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True)
    suspected = models.BooleanField(default=False)
    answers = SealedJSONField()
    contact = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    next_word_at = models.DateTimeField(null=True)
    consent_asked_at = models.DateTimeField(null=True)
    consent_by = models.DateTimeField(null=True)
    notes_safe = models.ForeignKey(Safe, models.PROTECT, null=True, related_name="+")
    # The safe of the case it belongs to; reports of one case share it.
    case_safe = models.ForeignKey(Safe, models.PROTECT, null=True, related_name="+")
    news_for_team = models.BooleanField(default=False)
    news_for_reporter = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["team", "-made_at"], name="reports_newest")]

    def get_absolute_url(self) -> str:
        """Return the address of the report's page for the team."""
        return reverse("reports:report", args=[self.pk])

    @property
    def is_late(self) -> bool:
        """Whether the time to acknowledge it has passed."""
        return self.state == Report.State.NEW and self.due_at < timezone.now()

    @property
    def safes(self) -> list[UUID]:
        """Every safe that belongs to it: its own, its notes', its case's with what joined it, and the other reports' of the case.

        Who is kept out of one of them is kept out of all.
        """
        own = [safe_id for safe_id in (self.safe_id, self.notes_safe_id) if safe_id]
        if self.case_safe_id is None:
            return own
        own += safes.with_joined(self.case_safe_id)
        others = Report.objects.filter(case_safe=self.case_safe_id).exclude(pk=self.pk)
        return own + [safe_id for pair in others.values_list("safe_id", "notes_safe_id") for safe_id in pair if safe_id]

    def keys(self, keyring: Keyring) -> list[SafeKey]:
        """Return the keys to it and to what belongs to it, as far as they are held: its case may wait for somebody else's.

        Raises NoGrant where the report itself is shut.
        """
        return [keyring.sealer(self.safe_id), *keyring.sealers(set(self.safes) - {self.safe_id})]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of where it happened: the event's, or the chapter's."""
        return self.event.zone if self.event else self.chapter.zone

    @property
    def goes_around(self) -> bool:
        """Whether it was filed with a chapter that has no key to it."""
        return self.team_id != self.chapter_id

    @property
    def is_open_for_answer(self) -> bool:
        """Whether the reporter was asked if going ahead is OK."""
        return self.consent_asked_at is not None and self.state == Report.State.ACKNOWLEDGED

    @property
    def may_go_ahead(self) -> bool:
        """Whether the time to object has passed."""
        return self.consent_by is not None and self.consent_by < timezone.now()

    def move_to(self, new: "Report.State") -> None:
        """Take one step. Raises WrongState: not allowed from here, or somebody was faster."""
        old = self.State(self.state)
        rows = Report.objects.filter(pk=self.pk, state=old)
        if new not in self.MOVES[old] or not rows.update(state=new):
            raise WrongState(old, new)
        self.state = new


class Receipt(models.Model):
    """That a code opens a mailbox; the code itself is nowhere."""

    lookup = models.CharField(max_length=32, primary_key=True)
    report = models.ForeignKey(Report, models.CASCADE, related_name="receipts")
    made_at = models.DateTimeField(default=timezone.now)
    kept_at = models.DateTimeField(null=True)


class ReporterAddress(HouseRow):
    """Where a reporter wants a note when something waits; or, where they chose so, whole letters."""

    PURPOSE = "contact"

    report = models.OneToOneField(Report, models.CASCADE, related_name="address")
    email = SealedTextField()
    whole = models.BooleanField(default=False)


class Message(SealedRow):
    """Something written about a report after it arrived."""

    class Kind(models.TextChoices):
        FROM_REPORTER = "in", _("From the reporter")
        TO_REPORTER = "out", _("To the reporter")
        CONSENT = "consent", _("The reporter's answer")
        NOTE = "note", _("Note among the team")

    report = models.ForeignKey(Report, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=8, choices=Kind)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    body = SealedTextField()
    key = models.CharField(max_length=100, unique=True)
    made_at = models.DateTimeField(default=timezone.now)


class Attachment(SealedFile):
    """A file that came with a report or with a message."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="attachments")
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="attachments")


class Alarm(models.Model):
    """Something that nags until it is looked after."""

    class Kind(models.TextChoices):
        NEW = "new"
        NEWS = "news"
        WORD = "word"

    report = models.ForeignKey(Report, models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=4, choices=Kind)
    raised_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField()
    nudges = models.PositiveIntegerField(default=0)
    level = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["settled_at", "next_at"], name="reports_alarm_due")]
