"""Rows of the audit."""

from django.db import models


class Head(models.Model):
    """The newest entry of a chain; locked while one is added."""

    chain = models.CharField(max_length=60, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")


class Entry(models.Model):
    """One thing that happened. Never changed, never deleted on its own."""

    chain = models.CharField(max_length=60)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    who = models.CharField(max_length=60)
    what = models.CharField(max_length=60)
    thing = models.CharField(max_length=80, blank=True)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="audit_one_place")]


class Root(models.Model):
    """The heads that moved since the root before, signed."""

    at = models.DateTimeField()
    heads = models.JSONField()
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
