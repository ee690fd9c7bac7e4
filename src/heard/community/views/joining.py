"""Inviting, joining, and letting a colleague begin anew."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from heard.accounts.adapter import Adapter
from heard.accounts.forms import JoinForm
from heard.community import actions, joining
from heard.community.forms import InviteForm
from heard.community.views.frame import TeamRequest, lead_page
from heard.vault import members as keys
from heard.vault import safes
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.community.models import Team


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def invite(request: TeamRequest, team: Team) -> HttpResponse:
    """Invite somebody: a code for one address, to be handed over in person or by phone."""
    form, code = InviteForm(request.POST or None), ""
    if form.is_valid():
        try:
            code = joining.invite(team, by=request.user, **form.cleaned_data)
        except actions.NameTaken:
            form.add_error("shown_name", _("A colleague is shown by this name. Add something to tell you apart."))
    values = {"team": team, "form": form, "code": code, "here": team.slug}
    return render_page(request, "community/invite.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def anew(request: TeamRequest, team: Team, member: UUID) -> HttpResponse:
    """A member who lost the key: a code to begin anew, and afterwards what was theirs opened to the new key."""
    chosen = get_object_or_404(team.members.select_related("user", "team"), pk=member, is_active=True)
    code = ""
    if request.method == "POST" and request.POST.get("do") == "code":
        code = joining.let_begin_anew(chosen, by=request.user)
    elif request.method == "POST" and request.POST.get("compared"):
        opened = joining.grant_anew(chosen, request.keyring, by=request.user)
        messages.success(
            request, _("Opened to their new key: %(n)d. A colleague who holds others can do the same.") % {"n": opened}
        )
        return redirect("community:member", team.slug, chosen.pk)
    values = {
        "team": team,
        "chosen": chosen,
        "code": code,
        "fingerprint": keys.fingerprint(chosen.user_id),
        "waits": bool(safes.stale_for(chosen.user_id)),
        "here": team.slug,
    }
    return render_page(request, "community/anew.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Use an invitation; guesses are slowed down like wrong passwords."""
    form = JoinForm(request.POST or None)
    if form.is_valid():
        if not ratelimit.consume(request, action="login_failed", key=form.cleaned_data["email"].lower()):
            form.add_error(None, Adapter.error_messages["too_many_login_attempts"])
        else:
            try:
                joining.join(**form.cleaned_data)
            except joining.NotInvited:
                form.add_error(
                    "code", _("Code and address do not belong together, or the code was used or is older than a week.")
                )
            except joining.NotTheirPassword:
                form.add_error(
                    "password", _("You have an account with this address already. Please type its password.")
                )
            else:
                messages.success(request, _("Welcome. Please sign in with your address and password."))
                return redirect("account_login")
    return render_page(request, "community/join.html", {"form": form})


@require_POST
@lead_page
def withdraw_invitation(request: TeamRequest, team: Team) -> HttpResponse:
    """Take back the invitations of a team that nobody used yet."""
    joining.withdraw(team, by=request.user)
    messages.success(request, _("No invitation is open any more."))
    return redirect("community:members", team.slug)
