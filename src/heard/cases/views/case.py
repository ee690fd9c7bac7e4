"""Pages of a case: opening it, what has to be done next, its people and its timeline."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heard.cases import access as record
from heard.cases import queries
from heard.cases.actions import duties, opening
from heard.cases.forms import AloneForm, DrillForm, EntryForm, NotFoundForm, OpenForm, PartyForm, WishesForm
from heard.cases.views.frame import on_case
from heard.community import queries as community
from heard.community.views.frame import TeamRequest, member_page
from heard.reports import queries as reports
from heard.reports.promises import promises
from heard.reports.views.team import on_report
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.cases.models import Case
    from heard.reports.models import Report

MOST = 200


@require_http_methods(["GET", "HEAD", "POST"])
@on_report
def open_case(request: TeamRequest, report: Report) -> HttpResponse:
    """Open a case from a report."""
    form = OpenForm(request.POST or None, initial={"level": _likely(report, request)})
    problem = ""
    if form.is_valid():
        try:
            case = opening.open_case(report, request.keyring, by=request.user, **form.cleaned_data)
        except duties.WrongState:
            problem = _("It has a case already, or nobody has acknowledged it yet.")
        else:
            messages.success(request, _("The case is open. What has to be done next stands on top."))
            return redirect(case)
    values = {"report": report, "form": form, "problem": problem}
    return render_page(request, "cases/open.html", values, status=409 if problem else 200)


def _likely(report: Report, request: TeamRequest) -> str | None:
    """Return the level that the report itself points to; people choose."""
    if reports.original(report, request.keyring).get("under_18") == "yes":
        return "minor"
    return "danger" if report.danger else None


@require_safe
@on_report
def of_report(request: TeamRequest, report: Report) -> HttpResponse:
    """Go to the case of a report, or say what it waits for where the report went up without it."""
    case = queries.case_with(request.user, report)
    if case is not None:
        return redirect(case)
    if queries.waiting_case(report) is None:
        raise Http404
    values = {"report": report, "lost": queries.lost_case(report)}
    return render_page(request, "cases/left_behind.html", values, status=409)


@require_safe
@member_page
def cases(request: TeamRequest) -> HttpResponse:
    """The cases I may open, and a practice case to try one."""
    values = {
        "cases": queries.cases_for(request.user).order_by("state", "-opened_at")[:MOST],
        "teams": community.of(request.user),
        "drill": DrillForm(),
        "here": "cases",
    }
    return render_page(request, "cases/cases.html", values)


@require_POST
@member_page
def drill(request: TeamRequest, slug: str) -> HttpResponse:
    """Open a practice case."""
    team = community.of(request.user).filter(slug=slug).first()
    form = DrillForm(request.POST)
    if team is None or not form.is_valid():
        raise Http404
    return redirect(opening.open_drill(team, by=request.user, level=form.cleaned_data["level"]))


@require_safe
@member_page
def board(request: TeamRequest) -> HttpResponse:
    """All clocks that run in cases I may open, and how much everybody has to do."""
    values = {
        "duties": queries.board(request.user, request.keyring, MOST),
        "promises": promises(request.user, MOST),
        "most": MOST,
        "loads": [(team, queries.load(team, request.user)) for team in community.led_by(request.user)],
        "here": "board",
    }
    return render_page(request, "cases/board.html", values)


@require_safe
@on_case
def case(request: TeamRequest, case: Case) -> HttpResponse:
    """One case: the next step on top, then everything else."""
    duties.note_reading(case, by=request.user)
    todo = queries.to_do(case, request.user, request.keyring)
    open_ = [duty for duty in todo if duty.row.state == "open"]
    values = {
        "case": case,
        "next": next((duty for duty in open_ if not duty.waits), None) if case.state in case.RUNNING else None,
        "todo": todo,
        "left": len(open_),
        "parties": queries.parties(case, request.keyring),
        "timeline": queries.timeline(case, request.keyring),
        "reports": queries.reports_of(case),
        "free": queries.open_to_link(case, request.user),
        "same": queries.open_to_merge(case, request.user),
        "merged": queries.merged(case, request.user),
        "able": queries.able(case),
        "meeting": queries.meeting_of(case),
        "card": community.emergency_card(case.chapter, case.event),
        "entry": EntryForm(initial={"key": secrets.token_hex(16)}),
        "wishes": WishesForm(
            initial={
                "police": case.police_wished, "objects": case.objected, "fears": case.fears,
                "apology": case.takes_apology, "key": secrets.token_hex(16),
            }
        ),
        "person": PartyForm(),
        "alone": AloneForm(initial={"key": secrets.token_hex(16)}),
        "not_found": NotFoundForm(initial={"key": secrets.token_hex(16)}),
        "here": "cases",
    }  # fmt: skip
    return render_page(request, "cases/case.html", values)


@require_safe
@on_case
def access(request: TeamRequest, case: Case) -> HttpResponse:
    """Who can read it, and who did what."""
    values = {"case": case, "able": queries.able(case), "steps": record.steps(case)}
    return render_page(request, "cases/access.html", values)


@require_safe
@on_case
def earlier(request: TeamRequest, case: Case) -> HttpResponse:
    """Was the person reported here meant before, in a case I can open?"""
    values = {"case": case, "found": queries.earlier(case, request.user, request.keyring), "most": queries.MOST_EARLIER}
    return render_page(request, "cases/earlier.html", values)
