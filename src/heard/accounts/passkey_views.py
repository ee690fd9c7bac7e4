"""Pages for passkeys. They need scripts: only a browser's own dialogue can speak with the device."""

import json
import time
from typing import TYPE_CHECKING, Any, cast

from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.internal import flows
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from heard.accounts import actions, passkeys, queries, sessions
from heard.accounts.adapter import Adapter
from heard.accounts.forms import PasskeyForm, PasskeySignInForm, UnlockForm
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.accounts.models import User

WAITS = "passkey_waits"
WAIT_SECONDS = 300


class Second(AuthenticateView):  # type: ignore[misc]
    """The second step; a passkey that somebody has may take the place of the digits."""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add what the browser is asked, as text for its script."""
        values: dict[str, object] = super().get_context_data(**kwargs)
        asked = cast("dict[str, object]", values.get("js_data") or {})
        return values | {"options": json.dumps(asked.get("request_options") or {})}


second = Second.as_view()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """My passkeys, and another one."""
    user, keyring = cast("User", request.user), request.keyring  # type: ignore[attr-defined]
    if not keyring:
        return redirect("reports:now")
    form = PasskeyForm(request.POST or None)
    if form.is_valid():
        facts = form.cleaned_data
        prf = passkeys.read_prf(facts["prf"])
        try:
            if not actions.is_password(user, facts["password"]):
                form.add_error("password", _("This is not your password."))
            else:
                codes = passkeys.add(user, keyring, name=facts["name"], credential=facts["credential"], prf=prf)
                sessions.factor_is_set_up(request)
                if codes:
                    return render_page(request, "accounts/codes.html", {"codes": codes})
                messages.success(request, _("Saved."))
                return redirect("accounts_passkeys")
        except passkeys.Refused:
            form.add_error(None, _("The device's answer does not fit. Please try once more."))
        except passkeys.TooMany:
            form.add_error(None, _("Ten passkeys are enough. Remove one first."))
    values = {
        "form": form,
        "mine": passkeys.of(user),
        "options": json.dumps(passkeys.begin_adding(user)),
        "must": sessions.must_set_up(request),
    }
    return render_page(request, "accounts/passkeys.html", values)


@login_required
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Remove one of my passkeys."""
    number = request.POST.get("passkey", "")
    if not request.keyring or not number.isdecimal() or len(number) > 18:  # type: ignore[attr-defined]
        raise BadRequest
    if passkeys.remove(cast("User", request.user), int(number)):
        messages.success(request, _("Removed."))
    else:
        messages.warning(request, _("This is the last second step you have. Set up another one first."))
    return redirect("accounts_passkeys")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey; with a PRF it opens the key, without one the password does."""
    form = PasskeySignInForm(request.POST or None)
    if form.is_valid():
        try:
            user, passkey = passkeys.complete_sign_in(form.cleaned_data["credential"])
        except passkeys.Refused:
            form.add_error(
                None, _("This passkey is not known here, or its answer came too late. Please try once more.")
            )
        else:
            privates = passkeys.unlock(user, passkey, passkeys.read_prf(form.cleaned_data["prf"]))
            if privates:
                request.privates = privates  # type: ignore[attr-defined]
                return _begin(request, passkey, user)
            request.session[WAITS] = [str(user.pk), passkey.pk, time.time()]
            return redirect("accounts_unlock")
    values = {"form": form, "options": json.dumps(passkeys.begin_sign_in())}
    return render_page(request, "accounts/passkey.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """After a passkey without PRF: the password opens the key."""
    pk, number, since = request.session.get(WAITS) or ["", 0, 0]
    passkey = queries.passkey(pk, number) if time.time() < since + WAIT_SECONDS else None
    if passkey is None:
        return redirect("accounts_passkey")
    form = UnlockForm(request.POST or None)
    if form.is_valid():
        if not ratelimit.consume(request, action="login_failed", key=passkey.user.email.lower()):
            form.add_error(None, Adapter.error_messages["too_many_login_attempts"])
        elif not (privates := actions.unlock(passkey.user, form.cleaned_data["password"])):
            form.add_error("password", _("This is not your password."))
        else:
            del request.session[WAITS]
            request.privates = privates  # type: ignore[attr-defined]
            return _begin(request, passkey, passkey.user)
    return render_page(request, "accounts/unlock.html", {"form": form})


def _begin(request: HttpRequest, passkey: Any, user: "User") -> HttpResponse:
    """Begin the session; the passkey stood for both steps."""
    return cast("HttpResponse", flows.perform_passwordless_login(request, passkey, Login(user=user)))
