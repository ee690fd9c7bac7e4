"""Django's entry for this package."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See `heard/audit/__init__.py`."""

    name = "heard.audit"
    label = "audit"
