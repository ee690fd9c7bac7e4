"""The policy's pages: clocks and switches, measures and questions of the community's own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from heard import guidance
from heard.community import actions, queries
from heard.community.forms import MeasureForm, PolicyForm, QuestionForm
from heard.community.views.frame import TeamRequest, lead_page
from heard.community.views.lead import saved
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.community.models import Team


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def policy(request: TeamRequest, team: Team) -> HttpResponse:
    """How this team works: clocks, retention, and where good teams disagree."""
    version = queries.policy(team)
    current = version.policy
    initial = current.clocks.model_dump() | current.retention.model_dump() | current.switches.model_dump()
    form = PolicyForm(request.POST or None, initial=initial)
    if form.is_valid():
        actions.adopt(team, current.model_copy(update=form.changes()), by=request.user)
        return saved(request, team, "policy")
    values = {"team": team, "form": form, "version": version, "here": team.slug, "proposals": queries.proposals(team)}
    return render_page(request, "community/policy.html", values)


@require_POST
@lead_page
def proposal(request: TeamRequest, team: Team, pk: UUID) -> HttpResponse:
    """Take up or decline what a case showed that the policy lacks."""
    row = next((row for row, _text in queries.proposals(team) if row.pk == pk), None)
    if row is None:
        raise Http404
    actions.settle_proposal(row, state=request.POST.get("state", ""), by=request.user)
    return saved(request, team, "policy")


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def measures(request: TeamRequest, team: Team) -> HttpResponse:
    """What can be decided here: the guide's measures, less those taken out, and the community's own."""
    current = queries.policy(team).policy
    own, out = list(current.measures), list(current.measures_left_out)
    titles = guidance.built_in_measures(team.language)
    form = MeasureForm(request.POST if "title" in request.POST else None)
    changed: dict[str, object] = {}
    if name := request.POST.get("remove"):
        changed = {
            "measures": [m for m in own if m.name != name],
            "measures_left_out": sorted({*out, name} & set(titles)),
        }
    elif name := request.POST.get("take_back"):
        changed = {"measures_left_out": [left for left in out if left != name]}
    elif form.is_valid():
        changed = {"measures": [*own, form.measure(own)]}
    if changed:
        actions.adopt(team, current.model_copy(update=changed), by=request.user)
        return saved(request, team, "measures")
    values = {
        "team": team, "form": form, "measures": guidance.measures(current, team.language).values(), "here": team.slug,
        "left_out": [(name, titles[name]) for name in out if name in titles],
    }  # fmt: skip
    return render_page(request, "community/measures.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def questions(request: TeamRequest, team: Team) -> HttpResponse:
    """Questions of the community's own."""
    current = queries.policy(team).policy
    if "remove" in request.POST:
        left = [q for q in current.questions if q.name != request.POST["remove"]]
        waiting = {q.shown_if.question for q in left if q.shown_if}
        if request.POST["remove"] in waiting:
            messages.warning(request, _("Another question waits for this one. Remove that one first."))
            return redirect("community:questions", team.slug)
        actions.adopt(team, current.model_copy(update={"questions": left}), by=request.user)
        return saved(request, team, "questions")
    form = QuestionForm(request.POST or None, asked=guidance.questions(current, "en"))
    if form.is_valid():
        added = [*current.questions, form.question()]
        actions.adopt(team, current.model_copy(update={"questions": added}), by=request.user)
        return saved(request, team, "questions")
    values = {"team": team, "form": form, "own": current.questions, "here": team.slug}
    return render_page(request, "community/questions.html", values)
