"""Django's entry for this package."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """See `heard/accounts/__init__.py`."""

    name = "heard.accounts"
    label = "accounts"
