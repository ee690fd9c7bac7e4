"""Django's entry for reports."""

from datetime import timedelta

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Registers what the worker does about reports."""

    name = "heard.reports"
    label = "reports"

    def ready(self) -> None:
        """Have alarms looked at often, reports without readers every hour, files without rows every day."""
        from heard.outbox import jobs
        from heard.reports import tasks

        jobs.every("reports.nudge", timedelta(seconds=5), tasks.nudge_round)
        jobs.every("reports.orphans", timedelta(hours=1), tasks.find_orphans)
        jobs.every("reports.sweep", timedelta(days=1), tasks.sweep)
