"""Rows of the outbox."""

import uuid

from django.db import models
from django.utils import timezone

from heard.vault.fields import SealedTextField
from heard.vault.models import HouseRow


class Job(models.Model):
    """Something to do at a time. Its payload holds ids alone."""

    class State(models.TextChoices):
        READY = "ready"
        LEASED = "leased"
        DONE = "done"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=6, choices=State, default=State.READY)
    run_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=80, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["state", "run_at"], name="outbox_due")]


class Letter(HouseRow):
    """A mail that leaves: sealed until sent, wiped afterwards."""

    PURPOSE = "outbox"

    class State(models.TextChoices):
        READY = "ready"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    class Kind(models.TextChoices):
        NUDGE = "nudge"
        NOTE = "note"
        ROOT = "root"
        WHOLE = "whole"

    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    to = SealedTextField(null=True)
    subject = SealedTextField(null=True)
    body = SealedTextField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)


class Pulse(models.Model):
    """When a worker last looked for work; `heard check` reads it."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()


class Pace(models.Model):
    """When somebody was, or will be, nudged last: storms are bundled into one mail."""

    user_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
