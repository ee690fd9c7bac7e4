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
        from heard.cases.actions import consent, moving
        from heard.cases.queries import letters
        from heard.outbox import jobs
        from heard.reports.actions import checking, following

        following.on_move(moving.follow)
        following.on_visit(moving.pass_on)
        following.on_asked(consent.asked)
        following.on_answer(consent.answered)
        checking.hide_also(letters.hidden_from_reporter, letters.quotable_to_reporter)

        jobs.every("cases.clocks", timedelta(seconds=60), tasks.go_round)
