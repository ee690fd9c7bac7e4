"""Django's entry for this package."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """See `heard/community/__init__.py`."""

    name = "heard.community"
    label = "community"
