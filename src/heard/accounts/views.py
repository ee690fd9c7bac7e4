"""Account pages."""

from allauth.account.views import LoginView, LogoutView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from heard.accounts import actions
from heard.accounts.forms import PasswordForm
from heard.web.pages import render_page

sign_in = LoginView.as_view()
sign_out = LogoutView.as_view()


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
