"""Safes, who may open them, and the keys of the people who do."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from heard.vault.fields import SealedBytesField


class Safe(models.Model):
    """A random key that exists only inside its grants."""

    class Kind(models.TextChoices):
        REPORT = "report"
        NOTES = "notes"
        CASE = "case"
        REFERRAL = "referral"
        ADVICE = "advice"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    version = models.PositiveIntegerField(default=1)
    drop_public = models.BinaryField()
    drop_private = models.BinaryField()
    rekey_due = models.DateTimeField(null=True)
    # A safe that became part of another: whoever is kept out of that one is kept out of this one.
    joined = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)


class Grant(models.Model):
    """A safe's key, wrapped for one holder."""

    class HolderKind(models.TextChoices):
        USER = "user"
        RECEIPT = "receipt"
        GUEST = "guest"
        RECOVERY = "recovery"

    class Wrap(models.TextChoices):
        BOX = "box"  # sealed to the holder's public key
        OWN = "own"  # under the holder's own symmetric key, since first use

    safe = models.ForeignKey(Safe, models.CASCADE, related_name="grants")
    version = models.PositiveIntegerField()
    holder_kind = models.CharField(max_length=10, choices=HolderKind)
    holder = models.CharField(max_length=40)
    generation = models.PositiveIntegerField(default=1)
    wrap = models.CharField(max_length=3, choices=Wrap, default=Wrap.BOX)
    data = models.BinaryField()
    # The public half of a code's key pair: with it the code keeps working when the safe gets a new key.
    public = models.BinaryField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["safe", "holder_kind", "holder"], name="vault_one_grant")]
        indexes = [models.Index(fields=["holder_kind", "holder", "safe"], name="vault_grant_holder")]


class Exclusion(models.Model):
    """Somebody for whom a safe does not exist."""

    class Kind(models.TextChoices):
        BY_REPORTER = "reporter"
        MATCH = "match"  # the name stands in the report; somebody else confirms or lifts it
        RECUSED = "recused"
        EXCLUDED = "excluded"
        PROPOSED = "proposed"  # a lead was left out by one colleague; another confirms or lifts it
        PARTY = "party"
        LEFT = "left"

    safe = models.ForeignKey(Safe, models.CASCADE, related_name="exclusions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["safe", "user"], name="vault_one_exclusion")]


class Drop(models.Model):
    """Something written into a safe by whoever has no key to it, until a holder takes it."""

    safe = models.ForeignKey(Safe, models.CASCADE, related_name="drops")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    data = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)


class MemberKey(models.Model):
    """One generation of a person's key pair; the public half stands here, the private one in its wraps."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="keys")
    generation = models.PositiveIntegerField(default=1)
    public = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "generation"], name="vault_one_generation")]


class KeyWrap(models.Model):
    """A private half, wrapped under one of the things that may unlock it."""

    class Kind(models.TextChoices):
        PASSWORD = "password"
        RECOVERY_CODE = "code"
        PASSKEY = "passkey"

    key = models.ForeignKey(MemberKey, models.CASCADE, related_name="wraps")
    kind = models.CharField(max_length=10, choices=Kind)
    # Which passkey, by the number of its row among the factors; empty for the others.
    passkey = models.CharField(max_length=20, blank=True)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "kind", "passkey"], name="vault_one_wrap")]


class RecoveryKey(models.Model):
    """The public half of a team's recovery key; the private one exists only as words on cards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.UUIDField(db_index=True)
    public = models.BinaryField()
    needed = models.PositiveSmallIntegerField()
    # The number SLIP-39 prints into every card of a set: it tells a card of another team from a mistyped one.
    identifier = models.PositiveIntegerField()
    # Who made the cards saw all their words: where they are kept out, the key does not count.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)


class RecoveryCard(models.Model):
    """Who keeps a card. Its words are nowhere."""

    key = models.ForeignKey(RecoveryKey, models.CASCADE, related_name="cards")
    number = models.PositiveSmallIntegerField()
    holder_name = models.CharField(max_length=80)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["number"]


class SealedRow(models.Model):
    """A row with columns sealed in a safe."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    safe = models.ForeignKey(Safe, models.PROTECT, related_name="+")
    key_version = models.PositiveIntegerField()

    class Meta:
        abstract = True


class HouseRow(models.Model):
    """A row with columns sealed under a random key of its own, which the house key wraps."""

    PURPOSE = ""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    row_key = models.BinaryField(null=True)
    house_version = models.PositiveIntegerField()

    class Meta:
        abstract = True


class SealedFile(SealedRow):
    """A file in the sealed storage: its key, name and type lie in the safe."""

    storage_name = models.CharField(max_length=64, unique=True)
    file_key = SealedBytesField()
    padded_size = models.PositiveBigIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class PendingFile(models.Model):
    """A file that waits for its form to be complete. Only the form has the key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form = models.CharField(max_length=32, db_index=True)
    storage_name = models.CharField(max_length=64, unique=True)
    data = models.BinaryField()
    padded_size = models.PositiveBigIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
