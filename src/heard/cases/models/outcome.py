"""What was decided and what follows: decisions with their votes, measures, letters, appeals, and the figures that stay."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from heard.cases.models.case import Case, GuestCode, Party
from heard.community.models import Event, Team
from heard.reports.models import Report
from heard.vault.fields import SealedTextField
from heard.vault.models import HouseRow, SealedRow

WHO = settings.AUTH_USER_MODEL
# How long before its end a measure is looked at again.
BEFORE_END = timedelta(days=14)


class Decision(SealedRow):
    """What the team found and does, from its proposal to the last vote; the newest one that stands counts."""

    class Finding(models.TextChoices):
        BREACH = "breach", _("The code of conduct was broken")
        NO_BREACH = "no_breach", _("It was not broken")
        OUT_OF_SCOPE = "out_of_scope", _("It is not ours to decide")
        UNKNOWN = "unknown", _("We do not know enough")

    class Weight(models.TextChoices):
        LOW = "low", _("low")
        HIGH = "high", _("high")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("being voted on")
        STANDS = "stands", _("stands")
        REJECTED = "rejected", _("was voted down")
        REPLACED = "replaced", _("was replaced by a later one")

    case = models.ForeignKey(Case, models.CASCADE, related_name="decisions")
    appeal = models.ForeignKey("Appeal", models.PROTECT, null=True, related_name="decisions")
    finding = models.CharField(max_length=12, choices=Finding)
    category = models.CharField(max_length=30)
    impact = models.CharField(max_length=4, choices=Weight, blank=True)
    risk = models.CharField(max_length=4, choices=Weight, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    reasons = SealedTextField()
    by = models.ForeignKey(WHO, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    stood_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="proposed"), name="cases_one_proposal_at_a_time"
            )
        ]


class Vote(SealedRow):
    """What one person without a conflict says to a decision, and their dissent in their own words."""

    class Choice(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        ABSTAIN = "abstain", _("I abstain")

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="votes")
    user = models.ForeignKey(WHO, models.CASCADE, related_name="+")
    choice = models.CharField(max_length=7, choices=Choice)
    words = SealedTextField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "user"], name="cases_vote_once")]


class Measure(SealedRow):
    """Something that is done about a person, with its scope and term, and the safety it gives."""

    class Scope(models.TextChoices):
        EVENT = "event", _("this event")
        CHAPTER = "chapter", _("everything of this chapter")
        NETWORK = "network", _("everything of the whole network")
        ONLINE = "online", _("our places online")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        WAITS = "waits", _("waits for a second person")
        IN_FORCE = "in_force", _("in force")
        LIFTED = "lifted", _("lifted")
        ENDED = "ended", _("replaced by what was decided later")
        RUN_OUT = "run_out", _("over: its last day has passed")
        DROPPED = "dropped", _("not taken")

    case = models.ForeignKey(Case, models.CASCADE, related_name="measures")
    decision = models.ForeignKey(Decision, models.CASCADE, null=True, related_name="measures")
    kind = models.CharField(max_length=30)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.CHAPTER)
    ends_on = models.DateField(null=True)
    is_emergency = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    safety = SealedTextField()
    details = SealedTextField(null=True)
    by = models.ForeignKey(WHO, models.SET_NULL, null=True, related_name="+")
    approved_by = models.ForeignKey(WHO, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    @property
    def may_be_lifted(self) -> bool:
        """Whether one person may lift it: it was not voted on, or its end is near; else a new decision changes it."""
        if self.decision_id is None or self.ends_on is None:
            return self.decision_id is None
        was_long = self.ends_on - timezone.localdate(self.made_at) > BEFORE_END
        return was_long and self.ends_on <= timezone.localdate() + BEFORE_END


class Notice(SealedRow):
    """A letter about a case, from its draft to the moment it left."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        READY = "ready", _("waits for a second reader")
        READ = "read", _("read by a second person")
        SENT = "sent", _("left")
        DROPPED = "dropped", _("given up")

    NOT_GONE = (State.DRAFT, State.READY, State.READ)

    class To(models.TextChoices):
        REPORTER = "reporter", _("the reporter")
        REPORTED = "reported", _("the person reported")
        EMPLOYER = "employer", _("their employer")
        ATTENDEE = "attendee", _("staff, attendees, others")

    case = models.ForeignKey(Case, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30)
    to = models.CharField(max_length=8, choices=To)
    report = models.ForeignKey(Report, models.CASCADE, null=True, related_name="+")
    party = models.ForeignKey(Party, models.SET_NULL, null=True, related_name="+")
    decision = models.ForeignKey(Decision, models.SET_NULL, null=True, related_name="notices")
    acted_as = models.CharField(max_length=12, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    text = SealedTextField()
    # Why words that the check marked stay all the same.
    reason = SealedTextField(null=True)
    by = models.ForeignKey(WHO, models.SET_NULL, null=True, related_name="+")
    read_by = models.ForeignKey(WHO, models.SET_NULL, null=True, related_name="+")
    sent_by = models.ForeignKey(WHO, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)


class GuestAddress(HouseRow):
    """Where somebody with a code wants whole letters, because they chose e-mail; it goes with the code."""

    PURPOSE = "contact"

    code = models.OneToOneField(GuestCode, models.CASCADE, related_name="address")
    email = SealedTextField()


class GuestLetter(models.Model):
    """Words for somebody with a guest code, sealed to that code alone."""

    code = models.ForeignKey(GuestCode, models.CASCADE, related_name="letters")
    notice = models.ForeignKey(Notice, models.SET_NULL, null=True, related_name="+")
    words = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)


class Appeal(SealedRow):
    """That somebody asks other people to look at a decision again. What was decided stays in force meanwhile."""

    class Grounds(models.TextChoices):
        PROCESS = "process", _("How it was decided was not fair")
        FACTS = "facts", _("There is something new that you did not know")
        MEASURE = "measure", _("What was decided goes too far")

    class Outcome(models.TextChoices):
        OPEN = "", _("not decided yet")
        UPHELD = "upheld", _("It stays as it was")
        CHANGED = "changed", _("It was changed")
        LIFTED = "lifted", _("It was lifted")

    case = models.ForeignKey(Case, models.CASCADE, related_name="appeals")
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="appeals")
    # Whose it is; empty where a member wrote it down.
    party = models.ForeignKey(Party, models.SET_NULL, null=True, related_name="appeals")
    grounds = models.CharField(max_length=8, choices=Grounds)
    # Empty until somebody with a key to the case takes what was dropped into it.
    words = SealedTextField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OPEN, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)


class Outcome(models.Model):
    """What stays for comparison and statistics, apart from everything that was said: no words, no names."""

    case = models.OneToOneField(Case, models.SET_NULL, null=True, related_name="outcome")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, models.SET_NULL, null=True, related_name="+")
    level = models.CharField(max_length=10)
    category = models.CharField(max_length=30)
    # Empty where deciding was left out.
    finding = models.CharField(max_length=12, choices=Decision.Finding, blank=True)
    impact = models.CharField(max_length=4, blank=True)
    risk = models.CharField(max_length=4, blank=True)
    measures = models.JSONField(default=list)
    appealed = models.CharField(max_length=8, blank=True)
    month = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["category", "finding"], name="cases_comparable")]
