"""Pages of the meeting, and of hearing the person reported."""

from __future__ import annotations

import secrets
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from heard import guidance, sendcheck
from heard.cases import queries
from heard.cases.actions import duties, hearing, people
from heard.cases.actions import meeting as actions
from heard.cases.forms import CallForm, HoldForm, NewCodeForm, PartyInviteForm, SideForm, TellForm, TimesForm
from heard.cases.views.frame import WHY_NOT, on_case
from heard.community.views.frame import TeamRequest
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.cases.models import Case, Party

LENGTH = timedelta(minutes=30)


@require_http_methods(["GET", "HEAD", "POST"])
@on_case
def meeting(request: TeamRequest, case: Case) -> HttpResponse:
    """Look for a time, answer, or call the meeting."""
    zone, what = case.zone, request.POST.get("do", "")
    times = TimesForm(request.POST if what == "ask" else None, zone=zone)
    call = CallForm(request.POST if what == "call" else None, zone=zone)
    current = queries.meeting_of(case)
    if times.is_bound and times.is_valid():
        actions.ask_for_times(case, request.keyring, by=request.user, times=times.times)
        return redirect("cases:meeting", case.pk)
    if call.is_bound and call.is_valid():
        where = call.cleaned_data["where"]
        actions.call(case, request.keyring, by=request.user, starts_at=call.when, where=where)
        messages.success(request, _("Called. Everybody who can come is told that something waits."))
        return redirect(case)
    if what == "answer" and current:
        slots = [int(pk) for pk in request.POST.getlist("slot") if pk.isdecimal() and len(pk) < 18]
        actions.answer(current, request.keyring, by=request.user, slots=slots)
        return redirect("cases:meeting", case.pk)
    values = {
        "case": case,
        "meeting": current,
        "times": times,
        "call": call,
        "form": call if call.is_bound else times,
        "able": queries.able(case),
        "poll": queries.poll(current, request.user) if current else [],
        "where": queries.place_of(current, request.keyring) if current else "",
        "parties": queries.parties(case, request.keyring),
        "party_form": PartyInviteForm(initial={"key": secrets.token_hex(16)}),
    }
    return render_page(request, "cases/meeting.html", values)


@require_POST
@on_case
def invite_party(request: TeamRequest, case: Case) -> HttpResponse:
    """Let a party come to the meeting, where the guide allows it."""
    form = PartyInviteForm(request.POST)
    if not form.is_valid():
        raise Http404
    party = people.require_party(case, form.cleaned_data["party"])
    facts = {"reason": form.cleaned_data["reason"], "key": form.cleaned_data["key"]}
    actions.invite_party(case, party, request.keyring, by=request.user, **facts)
    return redirect("cases:meeting", case.pk)


@require_safe
@on_case
def calendar(request: TeamRequest, case: Case) -> HttpResponse:
    """The time of the meeting as a calendar file; nothing of the case stands in it."""
    current = queries.meeting_of(case)
    if current is None or current.starts_at is None:
        raise Http404
    begins, ends = (
        f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}" for when in (current.starts_at, current.starts_at + LENGTH)
    )
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Heard//EN", "BEGIN:VEVENT", f"UID:{current.pk}@heard",
        f"DTSTAMP:{timezone.now().astimezone(UTC):%Y%m%dT%H%M%SZ}", f"DTSTART:{begins}", f"DTEND:{ends}",
        f"SUMMARY:{_('Team meeting')}", "CLASS:PRIVATE", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    answer = HttpResponse("\r\n".join(lines), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@on_case
def hold(request: TeamRequest, case: Case) -> HttpResponse:
    """Write down the meeting: who was there, and the four questions."""
    current = queries.meeting_of(case)
    if current is None or current.state == current.State.HELD:
        messages.warning(request, _("First call a meeting."))
        return redirect("cases:meeting", case.pk)
    form = HoldForm(request.POST or None, able=queries.able(case), zone=case.zone)
    if form.is_valid():
        minutes = actions.Minutes(form.cleaned_data["happened"], form.cleaned_data["act"], form.tasks)
        try:
            actions.hold(
                current, request.keyring, by=request.user, present=form.attending, note_taker=form.member("note_taker"),
                time_keeper=form.member("time_keeper"), minutes=minutes, reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except actions.TooFew as few:
            if few.moved:
                messages.warning(request, _("Too few were there. The global team takes it over; it is theirs now."))
                return redirect("cases:cases")
            form.add_error(
                "present", _("Too few were there, and there is no global team to take it over. Nothing was decided.")
            )
        except duties.Blocked as blocked:
            form.add_error("reason", WHY_NOT[blocked.reason])
        else:
            messages.success(request, _("Written down. Each task stands among the duties now."))
            return redirect(case)
    values = {"case": case, "form": form, "tasks": form.task_rows, "experienced": queries.has_met_before(case)}
    return render_page(request, "cases/hold.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@on_case
def tell(request: TeamRequest, case: Case) -> HttpResponse:
    """Tell the person reported, with a code by which they can give their side; once decided, only a lost code is renewed."""
    reported = [(str(p.pk), p.name) for p in queries.parties(case, request.keyring) if p.role == "reported"]
    if queries.standing(case):
        return _renew(request, case, reported)
    text = guidance.letter("tell_reported", case.team.language, team=case.team.name)
    form = TellForm(request.POST or None, parties=reported, fears=case.fears, initial={"words": text})
    values = {
        "reported": reported, "reports": queries.reports_of(case), "worries": queries.worries(case, request.keyring),
    }  # fmt: skip
    return _give_code(request, case, form, "cases/tell.html", values, "reported")


@require_http_methods(["GET", "HEAD", "POST"])
@on_case
def ask_harmed(request: TeamRequest, case: Case) -> HttpResponse:
    """A code of their own for the person harmed, where that is not the reporter: their wishes are theirs alone."""
    harmed = [(str(p.pk), p.name) for p in queries.parties(case, request.keyring) if p.role == "harmed"]
    text = guidance.letter("ask_harmed", case.team.language, team=case.team.name)
    form = TellForm(request.POST or None, parties=harmed, initial={"words": text})
    return _give_code(request, case, form, "cases/ask_harmed.html", {"harmed": harmed}, "reporter")


def _give_code(
    request: TeamRequest, case: Case, form: TellForm, template: str, values: dict[str, object], to: str
) -> HttpResponse:
    """Make the code that a form asks for and show it, or the form with what blocks it."""
    values = {"case": case, "form": form, **values}
    if form.is_valid():
        facts = dict(form.cleaned_data)
        party = people.require_party(case, facts.pop("party"))
        try:
            code = hearing.make_code(case, party, request.keyring, by=request.user, **facts)
            return render_page(request, "cases/told.html", {"case": case, "code": code, "words": facts["words"]})
        except duties.Blocked as blocked:
            form.add_error(_PLACES.get(blocked.reason, "words"), WHY_NOT[blocked.reason])
            values |= _marks(case, request, facts["words"], to, party)
    return render_page(request, template, values)


# Where a sentence that blocks a letter stands: at the field that can answer it.
_PLACES = {"fear": "although", "marked": "reason"}


def _renew(request: TeamRequest, case: Case, reported: list[tuple[str, str]]) -> HttpResponse:
    """Show the form for a lost code, or the new code."""
    # A page from before the decision tells something: that is not sent, and costs nobody their code.
    form = NewCodeForm(request.POST if "renew" in request.POST else None, parties=reported)
    if form.is_valid():
        party = people.require_party(case, form.cleaned_data["party"])
        code = hearing.renew_code(case, party, request.keyring, by=request.user)
        return render_page(request, "cases/told.html", {"case": case, "code": code})
    values = {
        "case": case,
        "form": form,
        "reported": reported,
        "decided": True,
        "unsent": request.POST.get("words", ""),
    }
    return render_page(request, "cases/tell.html", values, status=409 if values["unsent"] else 200)


def _marks(case: Case, request: TeamRequest, words: str, to: str, party: Party) -> dict[str, object]:
    """Return what the check marked in a letter, to show it."""
    found = queries.checked(case, request.keyring, words, to=to, party=party)
    return {"found": found, "marked": sendcheck.pieces(words, found)} if found.findings else {}


@require_http_methods(["GET", "HEAD", "POST"])
@on_case
def side(request: TeamRequest, case: Case) -> HttpResponse:
    """Write down what the person reported said in person."""
    form = SideForm(request.POST or None, initial={"key": secrets.token_hex(16)})
    if form.is_valid():
        hearing.write_down(case, request.keyring, by=request.user, **form.cleaned_data)
        return redirect(case)
    return render_page(request, "cases/side.html", {"case": case, "form": form})
