"""A case with its people, duties, timeline and meetings, and the codes for people without an account."""

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from heard.community.models import Event, PolicyVersion, Team
from heard.guidance import LEVELS
from heard.reports.models import Report
from heard.vault.fields import SealedJSONField, SealedTextField
from heard.vault.models import SealedRow


class WrongState(Exception):
    """The step is not possible from here, or somebody was faster."""


class Case(SealedRow):
    """What a team does about one or several reports, or about a practice story."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        MET = "met", _("The meeting was held")
        DECIDED = "decided", _("Decided")
        APPEALED = "appealed", _("Decided, and under appeal")
        MERGED = "merged", _("Part of another case")
        CLOSED = "closed", _("Closed")
        LOST = "lost", _("Nobody can open it any more")

    class Safety(models.TextChoices):
        UNKNOWN = "", _("not asked yet")
        YES = "yes", _("yes, everybody is safe")
        NO = "no", _("no")
        UNSURE = "unsure", _("not sure")

    RUNNING = (State.OPEN, State.MET, State.DECIDED, State.APPEALED)
    team = models.ForeignKey(Team, models.PROTECT, related_name="cases")
    chapter = models.ForeignKey(Team, models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    code_name = models.CharField(max_length=40, unique=True)
    level = models.CharField(max_length=10, choices=list(LEVELS.items()))
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    small = models.BooleanField(default=False)
    is_drill = models.BooleanField(default=False)
    at_event = models.BooleanField(default=False)
    safety = models.CharField(max_length=6, choices=Safety, blank=True)
    # What the person harmed wishes, where it decides what may be done; everything else they said is sealed.
    police_wished = models.BooleanField(default=False)
    objected = models.BooleanField(default=False)
    object_until = models.DateTimeField(null=True)
    fears = models.BooleanField(default=False)
    takes_apology = models.BooleanField(default=False)
    # A case that grew out of this one: somebody presses an apology, or lets others speak for them.
    follows = models.ForeignKey("self", models.SET_NULL, null=True, related_name="followed_by")
    # Members of the global team who were lent to it, to answer an appeal.
    lent = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    # While it is part of another case: which one, and the reports that came with it.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    merged_reports = models.JSONField(default=list)
    # Reports that belonged to it once: letters of the case still keep back who told.
    split_reports = models.ManyToManyField(Report, related_name="+")
    summary = SealedTextField(null=True)

    class Meta:
        indexes = [models.Index(fields=["team", "-opened_at"], name="cases_newest")]

    def get_absolute_url(self) -> str:
        """Return the address of the case's page."""
        return reverse("cases:case", args=[self.pk])

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of where it happened: the event's, or the chapter's."""
        return self.event.zone if self.event else self.chapter.zone

    @property
    def may_go_ahead(self) -> bool:
        """Whether the time to object has passed, or nobody needs it any more."""
        return self.object_until is not None and self.object_until <= timezone.now() and not self.objected

    @property
    def unsafe(self) -> bool:
        """Whether it is not known that everybody is safe."""
        return self.level in {"danger", "minor"} and self.safety != Case.Safety.YES


class Party(SealedRow):
    """A person in a case, with their role."""

    class Role(models.TextChoices):
        HARMED = "harmed", _("Harmed")
        REPORTED = "reported", _("Reported")
        REPORTER = "reporter", _("Reporter")
        WITNESS = "witness", _("Saw it")

    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    role = models.CharField(max_length=10, choices=Role)
    facts = SealedJSONField()
    came_with = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)


class Duty(SealedRow):
    """Something that somebody has to do, by a moment."""

    class State(models.TextChoices):
        OPEN = "open", _("to do")
        DONE = "done", _("done")
        WAIVED = "waived", _("left out, with a reason")

    case = models.ForeignKey(Case, models.CASCADE, related_name="duties")
    # Whoever may not do it: what somebody did alone is reviewed by somebody else.
    not_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # A duty of the playbook; empty for one that a meeting made, whose words are sealed.
    name = models.CharField(max_length=30, blank=True)
    title = SealedTextField(null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    order = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = SealedTextField(null=True)
    # What it enforces, looks at again, or tells of.
    measure = models.ForeignKey("Measure", models.CASCADE, null=True, related_name="duties")
    report = models.ForeignKey(Report, models.SET_NULL, null=True, related_name="+")
    party = models.ForeignKey(Party, models.SET_NULL, null=True, related_name="+")
    nudged_at = models.DateTimeField(null=True)
    nudges = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "due_at", "pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="cases_duties_due")]

    @property
    def is_late(self) -> bool:
        """Whether its time has passed."""
        return self.state == Duty.State.OPEN and self.due_at < timezone.now()


class Entry(SealedRow):
    """A line of the case's timeline."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        CALL = "call", _("Call")
        STEP = "step", _("Step")
        MINUTES = "minutes", _("Minutes")
        SIDE = "side", _("The side of the person reported")
        HARMED = "harmed", _("From the person harmed")
        LETTER = "letter", _("Letter")

    case = models.ForeignKey(Case, models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=8, choices=Kind)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    body = SealedTextField()
    key = models.CharField(max_length=100, unique=True)
    made_at = models.DateTimeField(default=timezone.now)


class Meeting(SealedRow):
    """A meeting about a case: asked about, called, held, or failed for lack of a quorum."""

    class State(models.TextChoices):
        POLL = "poll", _("Looking for a time")
        CALLED = "called", _("Called")
        HELD = "held", _("Held")
        FAILED = "failed", _("Too few came")

    case = models.ForeignKey(Case, models.CASCADE, related_name="meetings")
    state = models.CharField(max_length=6, choices=State, default=State.POLL)
    starts_at = models.DateTimeField(null=True)
    where = SealedTextField(null=True)
    note_taker = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    time_keeper = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)


class Slot(models.Model):
    """A time that is asked about."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField()


class Answer(models.Model):
    """That somebody can come at a time."""

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="answers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slot", "user"], name="cases_answer_once")]


class Attendance(models.Model):
    """Who was there."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="cases_there_once")]


class GuestCode(models.Model):
    """That somebody without an account reads what is for them, and answers, with a code; the code itself is nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="guest_codes")
    # How many characters were written with it: there is an end to that.
    written = models.PositiveIntegerField(default=0)
    party = models.ForeignKey(Party, models.CASCADE, related_name="guest_codes")
    lookup = models.CharField(max_length=32, unique=True)
    # Letters are sealed to this; empty for a code from before letters came one by one.
    public = models.BinaryField(default=bytes)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
