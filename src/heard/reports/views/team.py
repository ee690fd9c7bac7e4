"""The team's pages of reports."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heard import guidance, sendcheck
from heard.community import queries as community
from heard.community.views.frame import TeamRequest, member_page
from heard.reports import access, queries
from heard.reports.actions import following, newcomers, recovery, standing
from heard.reports.actions import handling as actions
from heard.reports.forms import AsideForm, LetterForm, NoteForm, SearchForm
from heard.reports.views.downloads import download, picture
from heard.vault import pictures
from heard.vault.keyring import NoGrant
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.reports.models import Report

PAGE = 50
DONE = {
    "acknowledge": gettext_lazy("Acknowledged. You are the contact now."),
    "acknowledge_for": gettext_lazy("Acknowledged."),
    "answer": gettext_lazy("Sent to the reporter's mailbox."),
    "consent": gettext_lazy("Sent. Silence means that you go ahead once the time has passed."),
    "note": gettext_lazy("Noted. The reporter cannot see it."),
}
# Letters to a reporter that need no values of a case.
PREPARED = {"delay", "check_in", "will_tell"}
Reply = HttpResponse | StreamingHttpResponse
OnReport = Callable[..., Reply]


def on_report(view: OnReport) -> Callable[..., Reply]:
    """Find the report among those that exist for this member; what raced with somebody else gets a sentence."""

    @wraps(view)
    def found(request: TeamRequest, pk: UUID, **kwargs: object) -> Reply:
        if request.method != "POST":
            following.visited(request.user, request.keyring)
        standing.renew_due(request.user, request.keyring)
        report = queries.reports_for(request.user).select_related("policy_version", "contact").filter(pk=pk).first()
        if report is None:
            raise Http404
        try:
            return view(request, report, **kwargs)
        except actions.NotHere:
            raise Http404 from None
        except NoGrant:  # their key is new, and nobody opened it to that one yet
            return render_page(request, "reports/shut.html", {"report": report}, status=409)
        except (actions.NotTheContact, actions.WrongState) as refused:
            messages.warning(request, _why_not(refused))
        return redirect(report)

    return member_page(found)


@require_safe
@member_page
def now(request: TeamRequest) -> HttpResponse:
    """What needs me now."""
    following.visited(request.user, request.keyring)
    standing.renew_due(request.user, request.keyring)
    recovery.top_up(request.user, request.keyring)
    newcomers.let_in_as_agreed(request.user, request.keyring)
    apart = queries.listed(request.user, "apart")
    led = list(community.led_by(request.user))
    values = {
        "waiting": list(queries.waiting_for(request.user)[:PAGE]),
        "apart": apart.count(),
        "elsewhere": queries.overdue_elsewhere(request.user),
        "unattended": community.rosters_to_look_at() if community.is_global(request.user) else [],
        "before": access.before(request.user).count() if community.is_new(request.user) else 0,
        "unfinished": [team for team in led if community.launch_gaps(team)],
        "here": "now",
    }
    return render_page(request, "reports/now.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def inbox(request: TeamRequest) -> HttpResponse:
    """All reports; words are looked for by POST, so that they stand in no address."""
    form = SearchForm(request.POST or None)
    values: dict[str, object] = {"search": form, "teams": community.of(request.user), "here": "inbox"}
    if form.is_valid():
        found = queries.search(request.user, request.keyring, form.cleaned_data["words"])
        return render_page(request, "reports/inbox.html", values | {"found": found[: PAGE * 4], "total": len(found)})
    state = request.GET.get("state", "")
    number = _page_number(request)
    # One more than a page holds tells whether there is another; nobody needs all of them counted.
    rows = list(queries.listed(request.user, state)[(number - 1) * PAGE : number * PAGE + 1])
    values |= {"page": rows[:PAGE], "newer": number - 1, "older": number + 1 if len(rows) > PAGE else 0, "state": state}
    return render_page(request, "reports/inbox.html", values)


@require_safe
@on_report
def report(request: TeamRequest, report: Report) -> HttpResponse:
    """The report as it came, and everything since."""
    return _page(request, report)


@require_http_methods(["GET", "HEAD", "POST"])
@on_report
def acknowledge(request: TeamRequest, report: Report) -> HttpResponse:
    """Write the first letter: who handles it, and that it is documented."""
    kind = "acknowledge" if report.contact_id in {None, request.user.pk} else "acknowledge_for"
    return _write(request, report, kind, actions.acknowledge, _acknowledgement(request, report))


@require_http_methods(["GET", "HEAD", "POST"])
@on_report
def answer(request: TeamRequest, report: Report) -> HttpResponse:
    """Write to the reporter; a case's page may ask for one of the prepared letters."""
    chosen = request.GET.get("letter", "")
    text = guidance.letter(chosen, report.team.language, team=report.team.name) if chosen in PREPARED else ""
    return _write(request, report, "answer", actions.answer, text)


@require_http_methods(["GET", "HEAD", "POST"])
@on_report
def consent(request: TeamRequest, report: Report) -> HttpResponse:
    """Say that the team goes ahead unless the reporter objects."""
    by = timezone.localtime(actions.consent_by(report), report.zone)
    text = guidance.letter("consent", report.team.language, by=date(by, "j F, H:i e"))
    return _write(request, report, "consent", actions.ask_consent, text)


@require_http_methods(["GET", "HEAD", "POST"])
@on_report
def note(request: TeamRequest, report: Report) -> HttpResponse:
    """Put a private note."""
    return _write(request, report, "note", actions.note)


@require_POST
@on_report
def take_over(request: TeamRequest, report: Report) -> HttpResponse:
    """Become the contact."""
    actions.take_over(report, by=request.user)
    messages.success(request, _("You are the contact now. The others can see that."))
    return redirect(report)


@require_POST
@on_report
def assign(request: TeamRequest, report: Report) -> HttpResponse:
    """Make somebody the contact."""
    try:
        actions.assign(report, by=request.user, to=UUID(request.POST.get("to", "")))
    except ValueError:
        raise Http404 from None
    messages.success(request, _("The contact is changed."))
    return redirect(report)


@require_POST
@on_report
def put_aside(request: TeamRequest, report: Report) -> HttpResponse:
    """Put spam or a double aside."""
    form = AsideForm(request.POST)
    if not form.is_valid():
        return _page(request, report, aside=form, status=422)
    actions.put_aside(report, by=request.user, why=form.cleaned_data["why"])
    messages.success(request, _("Put aside. You can bring it back."))
    return redirect(report)


@require_POST
@on_report
def bring_back(request: TeamRequest, report: Report) -> HttpResponse:
    """Bring back what was put aside."""
    actions.bring_back(report, by=request.user)
    messages.success(request, _("It is back."))
    return redirect(report)


@require_POST
@on_report
def judge_match(request: TeamRequest, report: Report) -> HttpResponse:
    """Confirm that a member is meant, or let them in."""
    member = next((m for m in queries.set_aside_members(report) if str(m.pk) == request.POST.get("member")), None)
    if member is None:
        raise Http404
    party = request.POST.get("is") == "party"
    actions.judge_match(report, request.keyring, by=request.user, member=member, is_party=party)
    messages.success(request, _("They stay out.") if party else _("They can read it now."))
    return redirect(report)


@require_safe
@on_report
def file(request: TeamRequest, report: Report, file: UUID) -> Reply:
    """Download the original."""
    found = queries.file_of(report, request.keyring, file)
    if found is None:
        raise Http404
    actions.note_reading(report, by=request.user)
    return download(found.kept)


@require_safe
@on_report
def view_picture(request: TeamRequest, report: Report, file: UUID) -> Reply:
    """Show a picture, drawn anew."""
    found = queries.file_of(report, request.keyring, file)
    if found is None or not found.is_picture:
        raise Http404
    actions.note_reading(report, by=request.user)
    try:
        return picture(found.kept)
    except pictures.NotAPicture:
        raise Http404 from None


def _page_number(request: TeamRequest) -> int:
    given = request.GET.get("page", "")
    return max(1, int(given)) if given.isdecimal() and len(given) < 6 else 1


def _write(
    request: TeamRequest, report: Report, kind: str, action: Callable[..., None], text: str = ""
) -> HttpResponse:
    """Write something, on a page of its own: two half-written texts on one page would cost one of them."""
    form = (NoteForm if kind == "note" else LetterForm)(
        request.POST or None, initial={"text": text, "key": secrets.token_hex(16)}
    )
    problem, found = "", None
    if form.is_valid():
        try:
            action(report, request.keyring, by=request.user, **form.cleaned_data)
        except (actions.NotTheContact, actions.WrongState) as refused:
            problem = _("This was not sent; your text is still here.") + f" {_why_not(refused)}"
        except actions.Marked as marked:
            found = marked.found
            problem = _("This was not sent yet. Please look at the marked words.")
        else:
            messages.success(request, DONE[kind])
            return redirect(report)
    values = {"report": report, "form": form, "kind": kind, "problem": problem, "found": found}
    if found:
        values["marked"] = sendcheck.pieces(form.cleaned_data["text"], found)
    return render_page(request, "reports/write.html", values, status=409 if problem else 200)


def _why_not(refused: Exception) -> str:
    if isinstance(refused, actions.NotTheContact):
        return _("Only the contact person writes to the reporter. You can take over.")
    return _("Somebody was faster, or this step is not possible now. This is how it stands.")


def _page(request: TeamRequest, report: Report, *, aside: AsideForm | None = None, status: int = 200) -> HttpResponse:
    actions.note_reading(report, by=request.user)
    handlers = queries.handlers(report)
    conversation = queries.conversation(report, request.keyring, notes=True)
    values = {
        "report": report,
        "answers": queries.answers(report, request.keyring, get_language() or "en"),
        "files": queries.report_files(report, request.keyring),
        "conversation": conversation,
        "consent": next((note.body for note in reversed(conversation) if note.is_consent), ""),
        "handlers": handlers,
        "contact": next((m for m in handlers if m.user_id == report.contact_id), None),
        "is_contact": report.contact_id == request.user.pk,
        "matched": queries.set_aside_members(report),
        "left_out": queries.left_out(report),
        "could_let_in": access.could_let_in(report),
        "proposed": [(member, by == request.user.pk) for member, by in standing.proposed(report)],
        "card": community.emergency_card(report.chapter, report.event),
        "aside_form": aside or AsideForm(),
    }
    return render_page(request, "reports/report.html", values, status=status)


def _acknowledgement(request: TeamRequest, report: Report) -> str:
    names = queries.shown_names(report)
    given = queries.original(report, request.keyring)
    name = "acknowledgement_other" if given.get("happened_to") == "other" else "acknowledgement"
    return guidance.letter(
        name,
        report.team.language,
        handlers=", ".join(member.shown_name for member in queries.handlers(report)),
        contact=names.get(report.contact_id or request.user.pk, ""),
        by=date(timezone.localtime(actions.next_word(report), report.zone), "j F, H:i e"),
    )
