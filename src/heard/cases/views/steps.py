"""Steps of a case: duties, notes, people, wishes, and the reports that belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from heard.cases import queries
from heard.cases.actions import duties, joining, people
from heard.cases.forms import AloneForm, EntryForm, NotFoundForm, PartyForm, WishesForm
from heard.cases.views.frame import again, on_case
from heard.community.views.frame import TeamRequest
from heard.reports.actions import standing

if TYPE_CHECKING:
    from heard.cases.models import Case, Duty


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
        return again(request, case, form)
    duties.note(case, request.keyring, by=request.user, **form.cleaned_data)
    return redirect(case)


@require_POST
@on_case
def alone(request: TeamRequest, case: Case) -> HttpResponse:
    """Note what I did alone in an emergency."""
    form = AloneForm(request.POST)
    if not form.is_valid():
        return again(request, case, form)
    duties.act_alone(case, request.keyring, by=request.user, **form.cleaned_data)
    messages.success(request, _("Noted. Somebody else looks at it within a day."))
    return redirect(case)


@require_POST
@on_case
def not_found(request: TeamRequest, case: Case) -> HttpResponse:
    """Note that the person reported could not be found."""
    form = NotFoundForm(request.POST)
    if not form.is_valid():
        return again(request, case, form)
    duties.not_found(case, request.keyring, by=request.user, **form.cleaned_data)
    return redirect(case)


@require_POST
@on_case
def person(request: TeamRequest, case: Case) -> HttpResponse:
    """Put down a person."""
    form = PartyForm(request.POST)
    if not form.is_valid():
        return again(request, case, form)
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
        return again(request, case, form)
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
    joining.link(case, report, request.keyring, by=request.user)
    return redirect(case)


@require_POST
@on_case
def split(request: TeamRequest, case: Case) -> HttpResponse:
    """Split a report off; it can be linked again."""
    report = next((r for r in queries.reports_of(case) if str(r.pk) == request.POST.get("report")), None)
    if report is None:
        raise Http404
    joining.split_off(case, report, by=request.user)
    return redirect(case)


@require_POST
@on_case
def merge(request: TeamRequest, case: Case) -> HttpResponse:
    """Make another case part of this one."""
    other = next((c for c in queries.open_to_merge(case, request.user) if str(c.pk) == request.POST.get("case")), None)
    if other is None:
        raise Http404
    joining.merge(case, other, request.keyring, by=request.user)
    messages.success(request, _("They are one case now. It can be undone."))
    return redirect(case)


@require_POST
@on_case
def unmerge(request: TeamRequest, case: Case) -> HttpResponse:
    """Take a case out of this one again."""
    other = next((c for c in queries.merged(case, request.user) if str(c.pk) == request.POST.get("case")), None)
    if other is None:
        raise Http404
    joining.unmerge(other, request.keyring, by=request.user)
    return redirect(other)
