"""Pages for what went wrong; each says what to do."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from heard.web.origin import is_own

NEVER_BACK = {"csrfmiddlewaretoken", "login", "password", "old", "new", "prf", "credential", "secret"}
NEVER_BACK |= {f"card{number}" for number in range(1, 17)}
HIDDEN = {"key"}


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404, the same whether a thing is missing or not for this person."""
    return render(request, "web/not_found.html", status=404)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400: the request was too large or not one of ours."""
    return render(request, "web/refused.html", status=400)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching the database."""
    return HttpResponseServerError(render_to_string("web/failed.html"))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose protection ran out; what was typed comes back to be sent again.

    Only to our own pages: another site's form would get a valid token for what it planted.
    """
    names = [name for name in request.POST if name not in NEVER_BACK] if is_own(request) else []
    typed = [(name, value, name in HIDDEN) for name in names for value in request.POST.getlist(name) if value]
    return render(request, "web/stale_form.html", {"typed": typed, "path": request.path}, status=403)
