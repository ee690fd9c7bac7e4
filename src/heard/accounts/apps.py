"""Django's entry for this package."""

from datetime import timedelta

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """See `heard/accounts/__init__.py`."""

    name = "heard.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Have the list of sessions tidied every day."""
        from heard.accounts import sessions
        from heard.outbox import jobs

        jobs.every("accounts.tidy", timedelta(days=1), sessions.tidy)
