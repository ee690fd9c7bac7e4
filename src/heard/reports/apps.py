"""Django's entry for reports."""

from datetime import timedelta

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Registers what the worker does about reports."""

    name = "heard.reports"
    label = "reports"

    def ready(self) -> None:
        """Have alarms looked at often, reports without readers every hour, files without rows every day."""
        from heard.community import actions as community
        from heard.outbox import jobs
        from heard.reports import tasks
        from heard.reports.actions import leaving

        community.when_somebody_leaves(leaving.give_up)

        jobs.every("reports.nudge", timedelta(seconds=5), tasks.nudge_round)
        jobs.every("reports.orphans", timedelta(hours=1), tasks.find_orphans)
        jobs.every("reports.keys_due", timedelta(hours=1), tasks.find_keys_due)
        jobs.every("reports.sweep", timedelta(days=1), tasks.sweep)
