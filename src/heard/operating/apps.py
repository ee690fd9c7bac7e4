"""Django's entry for the commands."""

from django.apps import AppConfig


class OperatingConfig(AppConfig):
    """Holds the commands of `heard`."""

    name = "heard.operating"
    label = "operating"
