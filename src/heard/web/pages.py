"""How a page is made."""

from typing import Any

from django.conf import settings
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Renderer(TemplatesSetting):
    """Forms in our own markup: label, help, error, field; nothing else."""

    form_template_name = "web/form.html"
    field_template_name = "web/field.html"


def render_page(
    request: HttpRequest, template: str, values: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Return the page. A form that came back with errors answers 422."""
    values = values or {}
    form = values.get("form")
    if status == 200 and form is not None and form.is_bound and form.errors:
        status = 422
    return render(request, template, values, status=status)


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what every template may use."""
    return {"secure": settings.SECURE}
