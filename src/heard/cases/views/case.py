"""Pages of a case: opening it, what has to be done next, its people and its timeline."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heard.cases import queries
from heard.cases.actions import duties, hearing, opening, people
from heard.cases.forms import AloneForm, DrillForm, EntryForm, NotFoundForm, OpenForm, PartyForm, ReasonForm, WishesForm
from heard.community import queries as community
from heard.community.views.frame import TeamRequest, member_page
from heard.reports.actions import standing
from heard.reports.views.team import on_report
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.cases.models import Case, Duty
    from heard.reports.models import Report

MOST = 200
WHY_NOT = {
    "after": gettext_lazy("Something else has to be done first; it stands beside the step."),
    "police": gettext_lazy(
        "Everybody is safe, and the person harmed has not wished for the police. It is theirs to decide. If it has to be all the same, say why."
    ),
    "objected": gettext_lazy("The person harmed objects, and it happened in private. Nobody is convened."),
    "not_asked": gettext_lazy("First say that you will go ahead, and leave time to object."),
    "may_object": gettext_lazy("The time to object is not over yet."),
    "fear": gettext_lazy(
        "Somebody fears for their safety should the person reported hear of it. If they are told now, say why."
    ),
    "meeting": gettext_lazy("This is done by writing down the meeting."),
    "unheard": gettext_lazy(
        "The person reported has not been heard. Write down what they said, or leave the step out with a reason."
    ),
    "second_person": gettext_lazy("You did it yourself, so somebody else has to look at it."),
    "reason": gettext_lazy("Please say why it is left out."),
    "safe_now": gettext_lazy("This is never left out. Is everybody safe right now?"),
    "party": gettext_lazy("A party does not come to the meeting: it would silence everybody else."),
    "party_reason": gettext_lazy("Please say why a party may come."),
    "unheard_meeting": gettext_lazy(
        "The person reported has not been heard. Hear them first, or say why it is decided without them."
    ),
    "employer": gettext_lazy(
        "More than half of those there work for one employer. If it stands all the same, say why."
    ),
}


def on_case(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Find the case among those that exist for this member; take what was dropped into it; say what blocks a step."""

    @wraps(view)
    def found(request: TeamRequest, pk: UUID, **kwargs: Any) -> HttpResponse:
        standing.renew_due(request.user, request.keyring)
        case = queries.case_for(request.user, pk)
        if case is None or not queries.can_open(request.keyring, case):
            raise Http404
        hearing.adopt(case, request.keyring, by=request.user)
        try:
            return view(request, case, **kwargs)
        except duties.Blocked as blocked:
            messages.warning(request, WHY_NOT[blocked.reason])
        except duties.WrongState:
            messages.warning(
                request, _("Somebody was faster, or this step is not possible now. This is how it stands.")
            )
        return redirect(case)

    return member_page(found)


@require_http_methods(["GET", "HEAD", "POST"])
@on_report
def open_case(request: TeamRequest, report: Report) -> HttpResponse:
    """Open a case from a report."""
    form = OpenForm(request.POST or None, initial={"level": "danger" if report.danger else None})
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


@require_safe
@on_report
def of_report(request: TeamRequest, report: Report) -> HttpResponse:
    """Go to the case of a report."""
    case = queries.case_with(request.user, report)
    if case is None:
        raise Http404
    return redirect(case)


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
        "loads": [(team, queries.load(team, request.user)) for team in community.led_by(request.user)],
        "here": "board",
    }
    return render_page(request, "cases/board.html", values)


@require_safe
@on_case
def case(request: TeamRequest, case: Case) -> HttpResponse:
    """One case: the next step on top, then everything else."""
    todo = queries.to_do(case, request.user, request.keyring)
    open_ = [duty for duty in todo if duty.row.state == "open"]
    values = {
        "case": case,
        "next": next((duty for duty in open_ if not duty.waits), None),
        "todo": todo,
        "left": len(open_),
        "parties": queries.parties(case, request.keyring),
        "timeline": queries.timeline(case, request.keyring),
        "reports": queries.reports_of(case),
        "free": queries.open_to_link(case, request.user),
        "able": queries.able(case),
        "meeting": queries.meeting_of(case),
        "card": community.emergency_card(case.chapter, case.event),
        "entry": EntryForm(initial={"key": secrets.token_hex(16)}),
        "wishes": WishesForm(
            initial={
                "police": case.police_wished, "objects": case.objected, "fears": case.fears, "key": secrets.token_hex(16),
            }
        ),
        "person": PartyForm(),
        "alone": AloneForm(initial={"key": secrets.token_hex(16)}),
        "not_found": NotFoundForm(initial={"key": secrets.token_hex(16)}),
        "reason": ReasonForm(),
        "here": "cases",
    }  # fmt: skip
    return render_page(request, "cases/case.html", values)


@require_POST
@on_case
def safety(request: TeamRequest, case: Case) -> HttpResponse:
    """Answer whether everybody is safe."""
    duties.answer_safety(case, request.keyring, by=request.user, safety=request.POST.get("safety", ""))
    return redirect(case)


def _duty(case: Case, pk: UUID) -> Duty:
    duty = case.duties.filter(pk=pk).first()
    if duty is None:
        raise Http404
    return duty


@require_POST
@on_case
def done(request: TeamRequest, case: Case, duty: UUID) -> HttpResponse:
    """One tap: it is done."""
    reason = request.POST.get("reason", "")[:2000]
    duties.tick(_duty(case, duty), request.keyring, by=request.user, reason=reason)
    return redirect(case)


@require_POST
@on_case
def waive(request: TeamRequest, case: Case, duty: UUID) -> HttpResponse:
    """Leave it out, with a reason."""
    reason = request.POST.get("reason", "")[:2000]
    duties.waive(_duty(case, duty), request.keyring, by=request.user, reason=reason)
    return redirect(case)


@require_POST
@on_case
def assign(request: TeamRequest, case: Case, duty: UUID) -> HttpResponse:
    """Hand it to somebody else."""
    to = next((m for m in queries.able(case) if str(m.pk) == request.POST.get("to")), None)
    if to is None:
        raise Http404
    duties.assign(_duty(case, duty), request.keyring, by=request.user, to=to)
    return redirect(case)


@require_POST
@on_case
def note(request: TeamRequest, case: Case) -> HttpResponse:
    """Put a note or a call into the timeline."""
    form = EntryForm(request.POST)
    if not form.is_valid():
        return _again(request, case, form)
    duties.note(case, request.keyring, by=request.user, **form.cleaned_data)
    return redirect(case)


@require_POST
@on_case
def alone(request: TeamRequest, case: Case) -> HttpResponse:
    """Note what I did alone in an emergency."""
    form = AloneForm(request.POST)
    if not form.is_valid():
        return _again(request, case, form)
    duties.act_alone(case, request.keyring, by=request.user, **form.cleaned_data)
    messages.success(request, _("Noted. Somebody else looks at it within a day."))
    return redirect(case)


@require_POST
@on_case
def not_found(request: TeamRequest, case: Case) -> HttpResponse:
    """Note that the person reported could not be found."""
    form = NotFoundForm(request.POST)
    if not form.is_valid():
        return _again(request, case, form)
    duties.not_found(case, request.keyring, by=request.user, **form.cleaned_data)
    return redirect(case)


@require_POST
@on_case
def person(request: TeamRequest, case: Case) -> HttpResponse:
    """Put down a person."""
    form = PartyForm(request.POST)
    if not form.is_valid():
        return _again(request, case, form)
    try:
        people.add(case, request.keyring, by=request.user, role=form.cleaned_data["role"], facts=form.facts)
    except standing.NobodyElse:
        messages.warning(
            request, _("A colleague is meant, and without them nobody could read this. Add somebody to the team first.")
        )
        return redirect(case)
    if queries.case_for(request.user, case.pk) is None:
        messages.success(request, _("You seem to be meant yourself. Others have it now."))
        return redirect("cases:cases")
    return redirect(case)


@require_POST
@on_case
def wishes(request: TeamRequest, case: Case) -> HttpResponse:
    """Note what the person harmed wishes."""
    form = WishesForm(request.POST)
    if not form.is_valid():
        return _again(request, case, form)
    people.note_wishes(case, request.keyring, by=request.user, **form.cleaned_data)
    return redirect(case)


@require_POST
@on_case
def link(request: TeamRequest, case: Case) -> HttpResponse:
    """Let another report belong to it."""
    report = next(
        (r for r in queries.open_to_link(case, request.user) if str(r.pk) == request.POST.get("report")), None
    )
    if report is None:
        raise Http404
    opening.link(case, report, request.keyring, by=request.user)
    return redirect(case)


@require_POST
@on_case
def split(request: TeamRequest, case: Case) -> HttpResponse:
    """Split a report off; it can be linked again."""
    report = next((r for r in queries.reports_of(case) if str(r.pk) == request.POST.get("report")), None)
    if report is None:
        raise Http404
    opening.split_off(case, report, by=request.user)
    return redirect(case)


def _again(request: TeamRequest, case: Case, form: Any) -> HttpResponse:
    """Show a form that came back, on a page of its own, with what was typed."""
    return render_page(request, "cases/again.html", {"case": case, "form": form})
