"""The look and the plumbing of pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Base templates, static files, headers; no domain."""

    name = "heard.web"
