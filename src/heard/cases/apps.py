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
        from heard.outbox import jobs

        jobs.every("cases.clocks", timedelta(seconds=60), tasks.go_round)
