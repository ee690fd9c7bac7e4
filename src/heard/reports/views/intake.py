"""Taking down what somebody says, by voice, phone or mail (R20)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from heard.community import queries as community
from heard.community.views.frame import TeamRequest, member_page
from heard.reports import queries
from heard.reports.actions import intake as actions
from heard.reports.forms import IntakeForm
from heard.vault import receipts
from heard.web.pages import render_page


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def intake(request: TeamRequest, slug: str) -> HttpResponse:
    """Write a report down for somebody; their code is for them, to confirm or correct it."""
    team = community.of(request.user).filter(slug=slug).first()
    if team is None:
        raise Http404
    events = community.events_on(team)
    begun = {"token": str(receipts.new_form()), "event": events[0].slug if events else ""}
    form = IntakeForm(request.POST or None, initial=begun, events=events)
    if form.is_valid():
        try:
            token = receipts.read_form(form.cleaned_data["token"])
            event = next((event for event in events if event.slug == form.cleaned_data.get("event")), None)
            report = actions.take_down(
                team, token, form.answers, by=request.user, how=form.cleaned_data["how"], event=event
            )
        except receipts.Forged:
            form.add_error(None, _("This page was open for very long. Please copy what you typed into a new one."))
        except actions.NobodyLeft:
            form.add_error(None, _("With everybody named in it out, nobody could read this. Call the outside contact."))
        else:
            mine = queries.reports_for(request.user).filter(pk=report.pk).first()
            values = {"team": team, "code": token.receipt.spelled, "report": mine}
            return render_page(request, "reports/taken_down.html", values)
    return render_page(request, "reports/intake.html", {"team": team, "form": form, "here": "inbox"})
