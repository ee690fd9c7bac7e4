"""Account pages."""

from typing import TYPE_CHECKING, cast

from allauth.account.views import LoginView, LogoutView
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from heard.accounts import actions, factors, sessions
from heard.accounts.adapter import Adapter
from heard.accounts.forms import FactorForm, PasswordForm, RecoverForm
from heard.vault import crypto
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.accounts.models import User

sign_in = LoginView.as_view()
sign_out = LogoutView.as_view()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def factor(request: HttpRequest) -> HttpResponse:
    """Set up the second factor: a picture for the app, the password once more, and six digits."""
    user = cast("User", request.user)
    form = FactorForm(request.POST or None)
    secret = ""
    if form.is_valid():
        try:
            secret = factors.opened_secret(user, form.cleaned_data["secret"])
            if not actions.is_password(user, form.cleaned_data["password"]):
                form.add_error("password", _("This is not your password."))
            else:
                codes = factors.set_up(user, secret=secret, code=form.cleaned_data["code"])
                sessions.factor_is_set_up(request)
                return render_page(request, "accounts/codes.html", {"codes": codes})
        except factors.WrongCode:
            form.add_error(
                "code", _("These digits do not fit. Wait for the next ones, and check the clock of your phone.")
            )
        except crypto.CannotOpen:
            secret = ""
    if not secret:
        secret, sealed = factors.new_secret(user)
    else:
        sealed = form.cleaned_data["secret"]
    values = {
        "form": form,
        "sealed": sealed,
        "secret": factors.as_groups(secret),
        "picture": factors.picture_of(user, secret),
        "has_factor": factors.has_factor(user),
        "codes_left": factors.codes_left(user),
        "must": sessions.must_set_up(request),
    }
    return render_page(request, "accounts/factor.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: HttpRequest) -> HttpResponse:
    """Come back in with the personal recovery code; guesses are slowed down like wrong passwords."""
    form = RecoverForm(request.POST or None)
    if form.is_valid():
        if not ratelimit.consume(request, action="login_failed", key=form.cleaned_data["email"].lower()):
            form.add_error(None, Adapter.error_messages["too_many_login_attempts"])
        else:
            try:
                actions.recover(**form.cleaned_data)
            except actions.WrongCode:
                form.add_error("code", _("Address and code do not belong together. Please compare what you typed."))
            else:
                messages.success(request, _("Your password is changed, and every key is kept. Please sign in."))
                return redirect("account_login")
    return render_page(request, "accounts/recover.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_code(request: HttpRequest) -> HttpResponse:
    """Make the personal recovery code."""
    keyring = request.keyring  # type: ignore[attr-defined]
    if not keyring or sessions.must_set_up(request):
        return redirect("reports:now")
    user = cast("User", request.user)
    code = actions.make_recovery_code(user, keyring) if request.method == "POST" else ""
    values = {"code": code, "has_code": factors.has_recovery_code(user)}
    return render_page(request, "accounts/recovery_code.html", values)


@login_required
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End the sessions on other devices."""
    user = cast("User", request.user)
    actions.sign_out_elsewhere(user)
    update_session_auth_hash(request, user)
    messages.success(request, _("Everybody else who was signed in as you is signed out."))
    return redirect("/team/me/")


@login_required
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """End one other session of mine."""
    number = request.POST.get("session", "")
    if number.isdecimal() and len(number) < 18 and sessions.end_one(cast("User", request.user), int(number)):
        messages.success(request, _("It is signed out."))
    return redirect("/team/me/")


@require_http_methods(["GET"])
def no_sign_up(request: HttpRequest) -> HttpResponse:
    """Say how one joins."""
    return render_page(request, "accounts/no_sign_up.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Choose another password."""
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        assert request.user.is_authenticated
        try:
            actions.change_password(request.user, **form.cleaned_data)
        except actions.WrongPassword:
            form.add_error("old", _("This is not your password."))
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password is changed."))
            return redirect("/team/")
    return render_page(request, "accounts/password.html", {"form": form})
