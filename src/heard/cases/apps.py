"""Django's entry for cases."""

from datetime import timedelta

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers what the worker does about cases."""

    name = "heard.cases"
    label = "cases"

    def ready(self) -> None:
        """Have the clocks of duties looked at often."""
        from heard.cases import tasks
        from heard.cases.actions import opening
        from heard.outbox import jobs
        from heard.reports.actions import readers

        readers.when_handed_up(opening.follow)

        jobs.every("cases.clocks", timedelta(seconds=60), tasks.go_round)
