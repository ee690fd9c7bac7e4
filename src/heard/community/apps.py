"""Django's entry for this package."""

from datetime import timedelta

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """Registers what the worker does for teams."""

    name = "heard.community"
    label = "community"

    def ready(self) -> None:
        """Have the rosters looked at every day."""
        from heard.community import tasks
        from heard.outbox import jobs

        jobs.every("community.rosters", timedelta(days=1), tasks.look_at_rosters)
