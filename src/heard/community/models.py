"""Rows of the network. All of it is public or known to every member; no person in a case stands here."""

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from heard.guidance import EMERGENCY_KINDS, Policy
from heard.vault.fields import SealedJSONField, SealedTextField
from heard.vault.models import HouseRow


class Network(models.Model):
    """The one network of this installation."""

    name = models.CharField(max_length=100)


class Team(models.Model):
    """The people who handle reports: of a chapter, or of the whole network."""

    class Kind(models.TextChoices):
        GLOBAL = "global", _("Global team")
        CHAPTER = "chapter", _("Chapter")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CHAPTER)
    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=60, default="UTC")
    language = models.CharField(max_length=10, default="en")
    outside_contact = models.CharField(max_length=300, blank=True)
    code_of_conduct = models.URLField(blank=True)
    duty_phone = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=models.Q(kind="global"), name="community_one_global")
        ]

    def __str__(self) -> str:
        """Return the name people know."""
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The team's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def is_global(self) -> bool:
        """Whether this is the global team."""
        return self.kind == Team.Kind.GLOBAL

    # When the lead last said that everybody on the list is still there.
    roster_confirmed_at = models.DateTimeField(default=timezone.now)

    def get_absolute_url(self) -> str:
        """Return the address of the report form."""
        return reverse("reports:form", args=[self.slug])


class Event(models.Model):
    """Something a chapter runs, with a beginning and an end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="events")
    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=100)
    venue = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    duty_phone = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the name people know."""
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The event's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def is_on(self) -> bool:
        """Whether it is running right now."""
        return self.starts_at <= timezone.now() <= self.ends_at

    def get_absolute_url(self) -> str:
        """Return the address of the report form."""
        return reverse("reports:event_form", args=[self.slug])


class Member(models.Model):
    """A person in one team."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        LEAD = "lead", _("Lead")
        DESK = "desk", _("Registration desk (sees no reports)")
        HOST = "host", _("Runs the machine (sees no reports)")

    # Whoever has another role gets no key, and sees no report. A role alone shows none to anybody.
    READING = (Role.MEMBER, Role.LEAD)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    shown_name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    # Since when they read what arrives; not since they joined, where they had another role or were away.
    reads_since = models.DateTimeField(default=timezone.now)
    # Since when this member has said which earlier reports they have a stake in; before that nobody lets them in.
    declared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="community_member_once")]

    def __str__(self) -> str:
        """Return the name the member chose."""
        return self.shown_name


class Invitation(models.Model):
    """That somebody may join a team, or begin anew with a new key; the code itself is nowhere."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    email = models.EmailField()
    shown_name = models.CharField(max_length=80)
    role = models.CharField(max_length=8, choices=Member.Role, default=Member.Role.MEMBER)
    lookup = models.CharField(max_length=32, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class RecoveryUse(models.Model):
    """That somebody opened a team's reports with cards; every member can see it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="recovery_uses")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    is_global = models.BooleanField(default=False)


class Profile(HouseRow):
    """How a member may be written in a report: names, addresses, handles; compared at intake, sealed otherwise."""

    PURPOSE = "identity"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    known_as = SealedJSONField()
    # Who pays them: a report about a colleague at work suspends them, and no quorum is a majority of one employer.
    employer = SealedTextField(null=True)


class Proposal(HouseRow):
    """What a case showed that the policy lacks, in words that show nobody."""

    PURPOSE = "proposal"

    class State(models.TextChoices):
        OPEN = "open", _("to be talked about")
        TAKEN = "taken", _("taken up")
        DECLINED = "declined", _("declined")

    team = models.ForeignKey(Team, models.CASCADE, related_name="proposals")
    text = SealedTextField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)


class Handover(models.Model):
    """The signed record of who left and who took over. No report stands in it, only names and counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="handovers")
    at = models.DateTimeField(default=timezone.now)
    record = models.TextField()
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)


class EmergencyNumber(models.Model):
    """A line of the emergency card."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="emergency_numbers")
    event = models.ForeignKey(Event, models.CASCADE, null=True, blank=True, related_name="emergency_numbers")
    kind = models.CharField(max_length=20, choices=list(EMERGENCY_KINDS.items()))
    label = models.CharField(max_length=100, blank=True)
    number = models.CharField(max_length=40)
    checked_on = models.DateField(null=True, blank=True)

    @property
    def title(self) -> str:
        """What the number is for."""
        return self.label or str(EMERGENCY_KINDS[self.kind])


class Contact(models.Model):
    """A human to turn to besides the form."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=80)
    how = models.CharField(max_length=200)


class Shift(models.Model):
    """Somebody's time on duty."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="shifts")
    event = models.ForeignKey(Event, models.CASCADE, null=True, blank=True, related_name="shifts")
    member = models.ForeignKey(Member, models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which it was planned."""
        return self.event.zone if self.event else self.team.zone


class PolicyVersion(models.Model):
    """How a team works, from a moment on. Never changed: a new one is added."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="policy_versions")
    number = models.PositiveIntegerField()
    data = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "number"], name="community_policy_once")]

    @property
    def policy(self) -> Policy:
        """The policy as guidance understands it."""
        return Policy.model_validate(self.data)
