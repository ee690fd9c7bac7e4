"""Pages for standing aside, for leaving somebody out, and for who can and who did read a report."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heard.community.views.frame import TeamRequest, lead_page, member_page
from heard.reports import access as record
from heard.reports import queries
from heard.reports.actions import newcomers
from heard.reports.actions import standing as actions
from heard.reports.forms import LeaveOutForm, StatementForm
from heard.reports.views.team import on_report
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.community.models import Team
    from heard.reports.models import Report


MOST_BEFORE = 1000


@require_http_methods(["GET", "HEAD", "POST"])
@on_report
def stand_aside(request: TeamRequest, report: Report) -> HttpResponse:
    """Leave it to the others; no reason is asked."""
    problem = ""
    form = StatementForm(request.POST if request.method == "POST" else None, initial={"key": secrets.token_hex(16)})
    if form.is_valid():
        try:
            actions.recuse(report, request.keyring, by=request.user, **form.cleaned_data)
        except actions.NobodyElse:
            problem = _nobody_else()
        else:
            messages.success(request, _("The others have it now. For you it does not exist any more."))
            return redirect("reports:now")
    values = {
        "report": report,
        "form": form,
        "problem": problem,
        "few": len(queries.handlers(report)) <= actions.ENOUGH,
    }
    return render_page(request, "reports/stand_aside.html", values, status=409 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_report
def leave_out(request: TeamRequest, report: Report) -> HttpResponse:
    """Leave a colleague out, with a reason."""
    colleagues = [member for member in queries.handlers(report) if member.user_id != request.user.pk]
    form = LeaveOutForm(request.POST or None, colleagues=colleagues, initial={"key": secrets.token_hex(16)})
    problem = ""
    if form.is_valid():
        member = next(member for member in colleagues if str(member.pk) == form.cleaned_data["member"])
        facts = {"reason": form.cleaned_data["reason"], "key": form.cleaned_data["key"]}
        try:
            actions.leave_out(report, request.keyring, by=request.user, member=member, **facts)
        except actions.NobodyElse:
            problem = _nobody_else()
        else:
            messages.success(request, _("They are out. It has a new key, and they are not told."))
            return redirect(
                "reports:now" if queries.reports_for(request.user).filter(pk=report.pk).first() is None else report
            )
    values = {"report": report, "form": form, "problem": problem}
    return render_page(request, "reports/leave_out.html", values, status=409 if problem else 200)


@require_POST
@on_report
def judge_proposal(request: TeamRequest, report: Report) -> HttpResponse:
    """Say as a second person whether a lead stays out."""
    member = next((m for m, _by in actions.proposed(report) if str(m.pk) == request.POST.get("member")), None)
    if member is None:
        raise Http404
    stays = request.POST.get("is") == "out"
    actions.confirm_or_lift(report, request.keyring, by=request.user, member=member, stays_out=stays)
    messages.success(request, _("They stay out.") if stays else _("They can read it now."))
    return redirect(report)


@require_POST
@on_report
def let_in(request: TeamRequest, report: Report) -> HttpResponse:
    """Open it to a colleague who has declared their conflicts."""
    member = next((m for m in record.could_let_in(report) if str(m.pk) == request.POST.get("member")), None)
    if member is None:
        raise Http404
    newcomers.let_in(report, request.keyring, by=request.user, member=member)
    messages.success(request, _("They can read it now."))
    return redirect(report)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def declare(request: TeamRequest) -> HttpResponse:
    """A newcomer says, by code name, which earlier reports they have a stake in."""
    if request.method == "POST":
        given = set(request.POST.getlist("conflict"))
        newcomers.declare(request.user, [r.pk for r in record.before(request.user) if str(r.pk) in given])
        messages.success(request, _("Thank you. A colleague can let you in now, one by one."))
        return redirect("reports:now")
    return render_page(request, "reports/declare.html", {"reports": record.before(request.user)[:MOST_BEFORE]})


@require_safe
@on_report
def access(request: TeamRequest, report: Report) -> HttpResponse:
    """Who can, who could, who did."""
    values = {
        "report": report,
        "handlers": queries.handlers(report),
        "outs": record.outs(report),
        "steps": record.steps(report),
    }
    return render_page(request, "reports/access.html", values)


@require_safe
@lead_page
def member_access(request: TeamRequest, team: Team, member: UUID) -> HttpResponse:
    """What one member can, could and did read, among the reports that exist for whoever looks."""
    chosen = get_object_or_404(team.members.select_related("user", "team"), pk=member)
    found = record.of_member(chosen, asked_by=request.user)
    values = {"team": team, "here": team.slug, "chosen": chosen, "found": found, "most": record.MOST}
    return render_page(request, "reports/member_access.html", values)


def _nobody_else() -> str:
    return _(
        "Without this person nobody could read it, and there is no global team that could take it over. Please add somebody to the team first."
    )
