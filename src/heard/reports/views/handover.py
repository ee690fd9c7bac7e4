"""Handing over when somebody leaves, or a whole committee."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from heard.community import actions as community_actions
from heard.community import queries as community
from heard.community.views.frame import TeamRequest, lead_page
from heard.reports import access
from heard.reports.actions import handover
from heard.reports.forms import HandoverForm
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.community.models import Team


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def hand_over(request: TeamRequest, team: Team) -> HttpResponse:
    """Who leaves, who takes over; the record is shown at the end, also to somebody who just left."""
    people = community.readers(team)
    form = HandoverForm(request.POST or None, people=people)
    if form.is_valid():
        try:
            done = handover.hand_over(team, form.plan, request.keyring, by=request.user)
        except (handover.NobodyStays, community_actions.LastLead):
            form.add_error(None, _("Somebody has to stay: one who takes over, and one who leads."))
        except handover.NotReady:
            form.add_error(None, _("Not everybody who stays has said yet which earlier reports they have a stake in."))
        else:
            return render_page(request, "reports/handover_record.html", {"team": team, "done": done, "fresh": True})
    values = {
        "team": team,
        "here": team.slug,
        "form": form,
        "unready": access.undeclared(people, asked_by=request.user),
        "earlier": team.handovers.order_by("-at")[:50],
    }
    return render_page(request, "reports/handover.html", values)


@require_safe
@lead_page
def record(request: TeamRequest, team: Team, pk: UUID) -> HttpResponse:
    """The signed record of a handover."""
    done = get_object_or_404(team.handovers, pk=pk)
    return render_page(request, "reports/handover_record.html", {"team": team, "done": done})
