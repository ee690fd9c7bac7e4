"""Pages of letters: begun from a template, checked word by word, read by a second person, sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heard import guidance, sendcheck
from heard.cases import queries
from heard.cases.actions import duties
from heard.cases.actions import notices as actions
from heard.cases.forms import NoticeForm
from heard.cases.views.frame import WHY_NOT, again, on_case
from heard.community.views.frame import TeamRequest
from heard.web.pages import render_page
from heard.web.pdf import render

if TYPE_CHECKING:
    from heard.cases.models import Case, Notice, Party
    from heard.reports.models import Report


@require_safe
@on_case
def letters(request: TeamRequest, case: Case) -> HttpResponse:
    """The letters that can be begun."""
    values = {"case": case, "templates": list(guidance.notices(case.team.language).items())}
    return render_page(request, "cases/letters.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@on_case
def write(request: TeamRequest, case: Case, kind: str) -> HttpResponse:
    """Begin a letter from its template."""
    template = guidance.notices(case.team.language).get(kind)
    if template is None:
        raise Http404
    report, party = _recipient(case, template.to, request.POST.get("whom") or request.GET.get("whom", ""))
    choices = _recipients(case, request, template.to)
    if template.to != "attendee" and report is None and party is None and len(choices) == 1:
        report, party = _recipient(case, template.to, choices[0][0])
    employer = template.to == "employer"
    begun = {"text": _filled(case, request, kind, party)}
    form = NoticeForm(
        request.POST if "text" in request.POST else None, to_employer=employer, most=template.most, initial=begun
    )
    if form.is_valid():
        try:
            notice = actions.draft(
                case, request.keyring, by=request.user, kind=kind, report=report, party=party, **form.cleaned_data
            )
        except duties.Blocked as blocked:
            form.add_error("acted_as" if blocked.reason == "acted_as" else None, WHY_NOT[blocked.reason])
        except duties.WrongState:
            form.add_error(None, _("Choose whom it is for."))
        else:
            return redirect("cases:notice", case.pk, notice.pk)
    whom = str(report.pk if report else party.pk if party else "")
    values = {"case": case, "form": form, "template": template, "kind": kind, "choices": choices, "whom": whom}
    return render_page(request, "cases/write_notice.html", values)


def _recipients(case: Case, request: TeamRequest, to: str) -> list[tuple[str, str]]:
    if to == "reporter":
        return [(str(report.pk), report.code_name) for report in queries.reports_of(case)]
    if to in {"reported", "employer"}:
        people = queries.parties(case, request.keyring)
        return [(str(party.pk), party.name) for party in people if party.role == "reported"]
    return []


def _recipient(case: Case, to: str, whom: str) -> tuple[Report | None, Party | None]:
    if to == "reporter":
        return next((r for r in queries.reports_of(case) if str(r.pk) == whom), None), None
    return None, next((p for p in case.parties.all() if str(p.pk) == whom), None)


def _filled(case: Case, request: TeamRequest, kind: str, party: Party | None) -> str:
    """Return the template with what is known filled in."""
    policy = case.policy_version.policy
    measures = [m for m in queries.measures(case, request.keyring) if m.row.state == "in_force"]
    lines = [
        f"- {m.title}" + (f" ({_('until')} {date_format(m.row.ends_on)})" if m.row.ends_on else "") for m in measures
    ]
    until = timezone.localdate() + timedelta(days=policy.clocks.appeal_days)
    appeal = next((a for a in queries.appeals(case, request.keyring) if a.row.outcome), None)
    values = {
        "measures": "\n".join(lines) or _("- nothing"), "team": case.chapter.name, "code": case.chapter.code_of_conduct,
        "contact": case.chapter.name, "appeal_by": date_format(until), "acted_as": _("[how they acted for you]"),
        "appeal_days": str(policy.clocks.appeal_answer_days),
        "outcome": str(appeal.row.get_outcome_display()) if appeal else _("[what was decided]"),
    }  # fmt: skip
    return guidance.notices(case.team.language)[kind].text.strip().format(**values)


def _notice(case: Case, pk: UUID, request: TeamRequest) -> Notice:
    if not queries.can_open_reports(request.keyring, case):
        raise duties.Blocked("not_yours")
    row = queries.notice_for(case, pk)
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@on_case
def notice(request: TeamRequest, case: Case, notice: UUID) -> HttpResponse:
    """One letter: its words with what the check says, who read it, and what comes next."""
    return _page(request, case, _notice(case, notice, request))


def _page(request: TeamRequest, case: Case, row: Notice, problem: str = "", code: str = "") -> HttpResponse:
    view = queries.notice_view(row, request.keyring)
    template = guidance.notices(case.team.language)[row.kind]
    found = queries.checked(case, request.keyring, view.text, to=row.to, report=row.report, party=row.party)
    form = NoticeForm(initial={"text": view.text}, most=template.most)
    values: dict[str, Any] = {
        "case": case, "notice": view, "template": template, "found": found, "marked": sendcheck.pieces(view.text, found),
        "open_places": guidance.open_places(view.text), "form": form, "problem": problem, "code": code,
        "too_long": len(view.text) > template.most, "is_mine": row.by_id == request.user.pk,
        "afraid": actions.wants_reason(case, row),
    }  # fmt: skip
    return render_page(request, "cases/notice.html", values, status=409 if problem else 200)


@require_POST
@on_case
def rewrite(request: TeamRequest, case: Case, notice: UUID) -> HttpResponse:
    """Change a letter."""
    row = _notice(case, notice, request)
    form = NoticeForm(request.POST, most=guidance.notices(case.team.language)[row.kind].most)
    if not form.is_valid():
        return again(request, case, form)
    actions.rewrite(row, request.keyring, by=request.user, text=form.cleaned_data["text"])
    return redirect("cases:notice", case.pk, row.pk)


@require_POST
@on_case
def step(request: TeamRequest, case: Case, notice: UUID) -> HttpResponse:
    """Take the next step with a letter: to a second reader, read, sent, given up."""
    row = _notice(case, notice, request)
    what, code = request.POST.get("do", ""), ""
    try:
        if what == "ready":
            reason = request.POST.get("reason", "")[:2000]
            actions.hand_to_reader(row, request.keyring, by=request.user, reason=reason)
        elif what == "read":
            actions.approve(row, request.keyring, by=request.user, seen=request.POST.get("seen", ""))
        elif what == "send":
            code = actions.send(row, request.keyring, by=request.user)
        elif what == "drop":
            actions.drop(row, request.keyring, by=request.user)
            return redirect("cases:outcome", case.pk)
    except duties.Blocked as blocked:
        return _page(request, case, _notice(case, notice, request), problem=str(WHY_NOT[blocked.reason]))
    if code:
        return _page(request, case, _notice(case, notice, request), code=code)
    return redirect("cases:notice", case.pk, row.pk)


@require_safe
@on_case
def paper(request: TeamRequest, case: Case, notice: UUID) -> HttpResponse:
    """A letter as it goes on paper, as a PDF."""
    row = _notice(case, notice, request)
    if row.state not in {"read", "sent"}:
        raise Http404
    text = actions.on_paper(row, request.keyring, by=request.user)
    sheet = {"from": case.chapter.name, "date": date_format(timezone.localdate()), "text": text}
    answer = HttpResponse(render("letter", sheet), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="letter.pdf"'
    return answer
