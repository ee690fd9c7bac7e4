"""What every page of a case needs: the case as far as it exists for this member, and why a step is blocked."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from heard.cases import queries
from heard.cases.actions import duties, hearing
from heard.community.views.frame import TeamRequest, member_page
from heard.reports.actions import following, standing
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.cases.models import Case

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
    "page": gettext_lazy("This is done on a page of its own; the button at the step leads there."),
    "not_met": gettext_lazy("First the meeting is held and written down."),
    "panel": gettext_lazy("An appeal is answered by people who had no part in the first decision."),
    "measure_without_breach": gettext_lazy("A measure needs the finding that the code of conduct was broken."),
    "unweighed": gettext_lazy("Please say what it did to people, and how likely it happens again."),
    "no_safety": gettext_lazy("Please say what safety it gives. If it gives none, leave it."),
    "condition": gettext_lazy("This may only be taken where its condition is met. Tick it if it is so."),
    "quorum": gettext_lazy("Too few have voted yet."),
    "voted": gettext_lazy("This was voted on. Decide anew to change it before its end."),
    "nobody_to_lend": gettext_lazy("Nobody of the global team could look at it without a conflict."),
    "undecided": gettext_lazy("First decide, or answer the appeal."),
    "not_done": gettext_lazy("Some steps are neither done nor left out with a reason."),
    "unsent": gettext_lazy("A letter is begun that has not left. Send it, or give it up."),
    "acted_as": gettext_lazy("An employer is told only if they acted for that employer. Which of these was it?"),
    "no_apology": gettext_lazy("An apology is passed on only if the person harmed allows it. Ask them first."),
    "open_places": gettext_lazy("Something in square brackets is not filled in yet."),
    "too_long": gettext_lazy("It is too long. Say less."),
    "shows_somebody": gettext_lazy(
        "It names or shows somebody whom this reader must not see. It does not leave like this."
    ),
    "marked": gettext_lazy("Some words are marked. Change them, or say why they stay."),
    "second_reader": gettext_lazy("You wrote it, so somebody else has to read it."),
    "not_yours": gettext_lazy("You were lent to the appeal. Letters are written by those who read the reports."),
    "changed": gettext_lazy("It was changed since you opened it. Please read it once more."),
    "stale": gettext_lazy(
        "Something else was decided since it was written. Change it, so that it tells what stands now."
    ),
    "untold": gettext_lazy("Somebody who reported has not been told the outcome. Write to them first."),
    "measure_waits": gettext_lazy("A measure waits for a second person. Approve it, or decide anew."),
    "letter": gettext_lazy("It is decided. What they read from now on is a letter that a second person reads first."),
    "unread": gettext_lazy("First a second person reads it."),
    "contact": gettext_lazy(
        "Only their contact writes to a reporter. Take over on the report's page if the contact is away."
    ),
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
        if request.method != "POST":  # what is being sent still finds the case where it was
            following.visited(request.user, request.keyring)
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


def again(request: TeamRequest, case: Case, form: Any) -> HttpResponse:
    """Show a form that came back, on a page of its own, with what was typed."""
    return render_page(request, "cases/again.html", {"case": case, "form": form})
