"""Django's entry for the outbox."""

from datetime import timedelta

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Registers what the outbox itself does."""

    name = "heard.outbox"
    label = "outbox"

    def ready(self) -> None:
        """Say who sends, and what happens at night."""
        from heard.outbox import jobs, letters, nightly

        jobs.handles("outbox.send", letters.send, given_up=letters.give_up)
        jobs.every("outbox.sign_root", timedelta(days=1), nightly.sign_root)
        jobs.every("outbox.tidy", timedelta(days=1), nightly.tidy)
