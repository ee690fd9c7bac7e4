"""The frame of the team's pages: who is signed in, and what the navigation shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.shortcuts import redirect

from heard.accounts.models import User
from heard.accounts.sessions import GRACE, must_set_up
from heard.community import queries
from heard.vault.keyring import Keyring
from heard.web.errors import stale_form
from heard.web.origin import is_own

if TYPE_CHECKING:
    from heard.community.models import Team

View = Callable[..., Any]


class TeamRequest(HttpRequest):
    """A request of somebody who is signed in, with the key open."""

    user: User
    keyring: Keyring


def member_page(view: View) -> View:
    """Let in who is signed in and whose key is open; ask the others to sign in."""

    @wraps(view)
    def guarded(request: TeamRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and request.keyring:
            if must_set_up(request):
                return redirect("accounts_factor")
            return view(request, *args, **kwargs)
        if request.user.is_authenticated:
            logout(request)  # a session without its cookie opens nothing
        if request.method == "POST" and is_own(request):
            return stale_form(request)  # what was typed comes back
        return redirect_to_login(request.path if request.method == "GET" else settings.LOGIN_REDIRECT_URL)

    return guarded


def lead_page(view: View) -> View:
    """Let in the leads of the team; for everybody else the page does not exist."""

    @wraps(view)
    def guarded(request: TeamRequest, slug: str, **kwargs: Any) -> Any:
        team = queries.led_by(request.user).filter(slug=slug).first()
        if team is None:
            raise Http404
        return view(request, team, **kwargs)

    return member_page(guarded)


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the team's navigation needs, read only where a page asks for it."""

    def led() -> list[Team]:
        user = getattr(request, "user", None)
        return list(queries.led_by(user)) if user is not None and user.is_authenticated else []

    def in_grace() -> bool:
        return bool(request.session.get(GRACE)) if hasattr(request, "session") else False

    return {"led_teams": led, "in_grace": in_grace, "network_name": lambda: getattr(queries.network(), "name", "")}
