"""Pages of what is decided: the weighing, the vote, measures, appeals, closing and looking back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from heard import guidance
from heard.cases import queries
from heard.cases.actions import appeals, closing, deciding, duties
from heard.cases.actions import measures as measuring
from heard.cases.forms import (
    AppealForm,
    AtOnceForm,
    DecideForm,
    FollowingForm,
    LookBackForm,
    ReasonForm,
    VoteForm,
    WeighForm,
)
from heard.cases.views.frame import WHY_NOT, again, on_case
from heard.community.views.frame import TeamRequest
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.cases.models import Case, Measure


@require_http_methods(["GET", "HEAD", "POST"])
@on_case
def decide(request: TeamRequest, case: Case) -> HttpResponse:
    """Propose a decision, with what fits the weighing and what was decided before beside it."""
    policy, language = case.policy_version.policy, case.team.language
    weigh = WeighForm(request.POST or request.GET)
    weighed = weigh.cleaned_data if weigh.is_valid() else {}
    suggested = guidance.suggested(policy, weighed.get("impact", ""), weighed.get("risk", ""))
    only_weighed = "weigh" in request.POST
    form = DecideForm(
        request.POST or None, policy=policy, language=language, suggested=suggested, initial=_as_it_was(case)
    )
    if only_weighed:
        form.errors.clear()
    elif form.is_valid():
        try:
            deciding.propose(
                case, request.keyring, by=request.user, proposal=form.proposal, unheard=form.cleaned_data["unheard"]
            )
        except duties.Blocked as blocked:
            form.add_error("unheard" if blocked.reason == "unheard_meeting" else None, WHY_NOT[blocked.reason])
        else:
            messages.success(request, _("Proposed. It counts once enough of you have voted for it."))
            return redirect("cases:outcome", case.pk)
    own, elsewhere = queries.comparable(case, request.user, weighed.get("category") or "")
    values = {
        "case": case, "form": form, "appeal": queries.open_appeal(case), "heard": queries.is_heard(case),
        "own": [(outcome, [guidance.measure_title(policy, name, language) for name in outcome.measures]) for outcome in own],
        "elsewhere": [(guidance.measure_title(policy, name, language), n) for name, n in elsewhere.most_common()],
        "weighed": weighed, "proposal": queries.proposal(case),
    }  # fmt: skip
    return render_page(request, "cases/decide.html", values)


def _as_it_was(case: Case) -> dict[str, object]:
    """Return what stands now, to begin a change from."""
    decision = queries.standing(case)
    if decision is None:
        return {}
    facts: dict[str, object] = {name: getattr(decision, name) for name in ("finding", "category", "impact", "risk")}
    for measure in decision.measures.filter(state__in=["in_force", "waits"]):
        facts |= {
            f"take_{measure.kind}": True, f"scope_{measure.kind}": measure.scope, f"ends_{measure.kind}": measure.ends_on,
        }  # fmt: skip
    return facts


@require_http_methods(["GET", "HEAD"])
@on_case
def outcome(request: TeamRequest, case: Case) -> HttpResponse:
    """What is proposed, decided, in force, appealed; and closing."""
    policy, language = case.policy_version.policy, case.team.language
    appeal = queries.open_appeal(case)
    values = {
        "case": case,
        "decisions": queries.decisions(case, request.user, request.keyring),
        "measures": queries.measures(case, request.keyring),
        "appeals": queries.appeals(case, request.keyring),
        "notices": queries.notices(case, request.keyring),
        "appeal": appeal,
        "panel": queries.panel(case, appeal) if appeal else [],
        "panel_enough": appeals.is_enough(case, appeal) if appeal else True,
        "can_lend": bool(appeal and not case.team.is_global and queries.can_be_lent(case, appeal)),
        "may_appeal": appeals.may_be_appealed(case),
        "keeps_open": len(queries.keeps_open(case)),
        "vote": VoteForm(),
        "at_once": AtOnceForm(policy=policy, language=language),
        "appeal_form": AppealForm(),
        "reason": ReasonForm(),
        "following": FollowingForm(),
    }
    return render_page(request, "cases/outcome.html", values)


@require_POST
@on_case
def vote(request: TeamRequest, case: Case) -> HttpResponse:
    """Vote on what is proposed."""
    decision, form = queries.proposal(case), VoteForm(request.POST)
    if decision is None:
        raise duties.WrongState
    if not form.is_valid():
        return again(request, case, form)
    deciding.vote(decision, request.keyring, by=request.user, **form.cleaned_data)
    return _after_vote(request, case)


def _after_vote(request: TeamRequest, case: Case) -> HttpResponse:
    """Whoever was lent to an appeal gives the case back with its answer."""
    if queries.case_for(request.user, case.pk) is None:
        messages.success(request, _("The appeal is answered. Thank you; the case is theirs again."))
        return redirect("cases:cases")
    return redirect("cases:outcome", case.pk)


@require_POST
@on_case
def count(request: TeamRequest, case: Case) -> HttpResponse:
    """Count the votes, once enough have voted."""
    decision = queries.proposal(case)
    if decision is None:
        raise duties.WrongState
    stands = deciding.count(decision, request.keyring, by=request.user)
    messages.success(request, _("It stands.") if stands else _("It was voted down. Propose something else."))
    return _after_vote(request, case)


@require_POST
@on_case
def at_once(request: TeamRequest, case: Case) -> HttpResponse:
    """Take a measure alone, at once."""
    form = AtOnceForm(request.POST, policy=case.policy_version.policy, language=case.team.language)
    if not form.is_valid():
        return again(request, case, form)
    measuring.at_once(case, request.keyring, by=request.user, **form.cleaned_data)
    messages.success(request, _("It is in force. Somebody else looks at it within a day."))
    return redirect("cases:outcome", case.pk)


def _measure(case: Case, pk: UUID) -> Measure:
    measure = case.measures.filter(pk=pk).first()
    if measure is None:
        raise Http404
    return measure


@require_POST
@on_case
def approve(request: TeamRequest, case: Case, measure: UUID) -> HttpResponse:
    """Approve as a second person what needs one."""
    measuring.approve(_measure(case, measure), request.keyring, by=request.user)
    return redirect("cases:outcome", case.pk)


@require_POST
@on_case
def lift(request: TeamRequest, case: Case, measure: UUID) -> HttpResponse:
    """Lift a measure, with a reason."""
    reason = request.POST.get("reason", "")[:2000]
    measuring.lift(_measure(case, measure), request.keyring, by=request.user, reason=reason)
    return redirect("cases:outcome", case.pk)


@require_POST
@on_case
def appeal(request: TeamRequest, case: Case) -> HttpResponse:
    """Write down an appeal that came by voice or on paper."""
    form = AppealForm(request.POST)
    if not form.is_valid():
        return again(request, case, form)
    appeals.write_down(case, request.keyring, by=request.user, **form.cleaned_data)
    return redirect("cases:outcome", case.pk)


@require_POST
@on_case
def lend(request: TeamRequest, case: Case) -> HttpResponse:
    """Let members of the global team answer the appeal."""
    many = appeals.lend(case, request.keyring, by=request.user)
    messages.success(request, _("Opened to %(n)d of the global team, for this appeal.") % {"n": many})
    return redirect("cases:outcome", case.pk)


@require_POST
@on_case
def close(request: TeamRequest, case: Case) -> HttpResponse:
    """Close the case."""
    closing.close(case, request.keyring, by=request.user)
    messages.success(request, _("Closed. Thank you for seeing it through."))
    if case.level in {"danger", "minor"}:
        messages.info(
            request, _("That was a hard one. Take a pause before the next; the lead gives it to somebody else.")
        )
    return redirect(case)


@require_POST
@on_case
def reopen(request: TeamRequest, case: Case) -> HttpResponse:
    """Open a closed case again."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return again(request, case, form)
    closing.reopen(case, request.keyring, by=request.user, **form.cleaned_data)
    return redirect(case)


@require_http_methods(["GET", "HEAD", "POST"])
@on_case
def look_back(request: TeamRequest, case: Case) -> HttpResponse:
    """Look back: what the case taught, and what the policy lacked."""
    form = LookBackForm(request.POST or None)
    if form.is_valid():
        try:
            closing.look_back(case, request.keyring, by=request.user, **form.cleaned_data)
        except duties.Blocked as blocked:
            form.add_error("lacked", WHY_NOT[blocked.reason])
        else:
            messages.success(request, _("Kept. What the policy lacked is with the lead now, without names."))
            return redirect(case)
    return render_page(request, "cases/look_back.html", {"case": case, "form": form})


@require_POST
@on_case
def following(request: TeamRequest, case: Case) -> HttpResponse:
    """Open a case of its own for what happened since."""
    form = FollowingForm(request.POST)
    if not form.is_valid():
        return again(request, case, form)
    new = closing.open_following(case, request.keyring, by=request.user, **form.cleaned_data)
    messages.success(request, _("This is the new case; it is tied to the first."))
    return redirect(new)
