"""The report page: without account, without JavaScript, without cookies."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from heard import guidance
from heard.community import queries as community
from heard.reports import queries, rules
from heard.reports.actions.submit import Incoming, NobodyLeft, Replaced, submit
from heard.reports.forms import ReportForm
from heard.reports.views.parcels import Parcels
from heard.vault import files, receipts
from heard.vault.receipts import FormToken
from heard.vault.uploads import takes_files
from heard.web.origin import as_if_read
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.community.models import Event, Member, Team
    from heard.reports.models import Report

logger = logging.getLogger(__name__)
Found = TypeVar("Found")
KEPT_GROUPS = 500
_empty_groups: dict[tuple[int, str], str] = {}

# No credential comes with a cookie here that a forged request could use; a form that a stranger's page planted is
# answered with a fresh one (`as_if_read`).


@csrf_exempt
@takes_files
@as_if_read
@require_http_methods(["GET", "HEAD", "POST"])
def chapter_form(request: HttpRequest, slug: str) -> HttpResponse:
    """Report to a chapter, or to the global team."""
    return _even_without_database(request, lambda: _form(request, _or_404(community.team_at(slug)), None))


@csrf_exempt
@takes_files
@as_if_read
@require_http_methods(["GET", "HEAD", "POST"])
def event_form(request: HttpRequest, slug: str) -> HttpResponse:
    """Report at an event."""

    def form() -> HttpResponse:
        event = _or_404(community.event_at(slug))
        return _form(request, event.team, event)

    return _even_without_database(request, form)


def _even_without_database(request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer; where not even reading works, give back what was typed on a page that needs nothing."""
    try:
        return answer()
    except (DatabaseError, OSError) as error:
        logger.error("the report page could not be made: %s", type(error).__name__)
        typed = [(name, value) for name in request.POST for value in request.POST.getlist(name) if value]
        return private(render(request, "reports/full.html", {"typed": typed, "path": request.path}, status=507))


def _or_404(found: Found | None) -> Found:
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, team: Team, event: Event | None) -> HttpResponse:
    if request.method == "POST":
        return private(_receive(request, team, event))
    page = Page(request, team, event)
    return private(gzip_page(lambda _request: page.show(receipts.new_form(), page.blank()))(request))


def private(response: HttpResponse) -> HttpResponse:
    """Tell no other site where the reader came from, and this one neither."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


class Page:
    """The report page of a team or an event."""

    def __init__(self, request: HttpRequest, team: Team, event: Event | None) -> None:
        self.request, self.team, self.event = request, team, event
        self.language = get_language() or "en"
        self.version = community.policy(team)
        self.policy = self.version.policy
        self.readers = queries.readers(team)

    def blank(self) -> ReportForm:
        """Return an empty form."""
        return ReportForm(**self._shape)

    def filled(self) -> ReportForm:
        """Return the form as it was sent."""
        return ReportForm(self.request.POST, **self._shape)

    def show(
        self,
        token: FormToken,
        form: ReportForm,
        *,
        problem: str = "",
        refused: list[str] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Return the page, or the one that says that nobody could read a report."""
        if not self.readers.chapter and not self.readers.worldwide:
            return render_page(self.request, "reports/nobody.html", frame(self.team, self.event), status=503)
        values = frame(self.team, self.event) | {
            "form": form,
            "groups": self._groups(form),
            "token": token,
            "out": form.out if form.is_bound else set(),
            "waiting": files.waiting(token) if form.is_bound else {},
            "problem": problem,
            "refused": refused or [],
            "readers": self.readers,
            "few": 0 < len(self.readers.chapter) < rules.ENOUGH_READERS and bool(self.readers.worldwide),
            "privacy": self._privacy(),
            "work_bits": rules.WORK_BITS,
        }
        return render_page(self.request, "reports/form.html", values, status=status)

    def _groups(self, form: ReportForm) -> str:
        """Return the folded questions. Empty ones are the same for everybody under one policy: they are kept."""
        key = (self.version.pk, self.language)
        if form.is_bound or key not in _empty_groups:
            html = render_to_string("reports/_groups.html", {"form": form}, self.request)
            if form.is_bound:
                return html
            if len(_empty_groups) >= KEPT_GROUPS:
                _empty_groups.clear()
            _empty_groups[key] = html
        return _empty_groups[key]

    def users_out(self, form: ReportForm) -> frozenset[UUID]:
        """Return the users behind the members whom the reporter excluded."""
        return frozenset(member.user_id for member in self._members if str(member.pk) in form.out)

    @property
    def _shape(self) -> dict[str, Any]:
        return {"asked": self._asked, "members": self._members, "goes_around": bool(self.readers.worldwide)}

    @property
    def _asked(self) -> list[guidance.Question]:
        return guidance.questions(self.policy, self.language)

    @property
    def _members(self) -> list[Member]:
        return [*self.readers.chapter, *self.readers.worldwide]

    def _privacy(self) -> str:
        text = guidance.page(
            "privacy",
            self.language,
            report_months=str(self.policy.retention.report_months),
            set_aside_months=str(self.policy.retention.set_aside_months),
            host=settings.HEARD["HEARD_HOST_NAME"] or _("The people who host this site"),
            host_contact=settings.HEARD["HEARD_HOST_CONTACT"],
        )
        return mark_safe(guidance.as_html(text))  # noqa: S308 (cleaned by nh3)


def frame(team: Team, event: Event | None, report: Report | None = None) -> dict[str, object]:
    """Return what every reporter's page shows: whom to call, who is there.

    Beside a report nobody is named: one of them may be left out of it, and whose name is missing would tell somebody
    who only poses as a reporter how members may be written.
    """
    return {
        "team": team,
        "event": event,
        "place": event or team,
        "exit_url": settings.HEARD["HEARD_EXIT_URL"],
        "card": community.emergency_card(team, event),
        "on_duty": [] if report else community.on_duty(team, event),
        "duty_phone": "" if report else (event.duty_phone if event else "") or team.duty_phone,
        "contacts": [] if report else list(team.contacts.order_by("pk")),
        "left_out": queries.taken_out(report) if report else [],
        "outside_contact": community.outside_contact(team),
    }


def _receive(request: HttpRequest, team: Team, event: Event | None) -> HttpResponse:
    page = Page(request, team, event)
    form, parcels = page.filled(), Parcels(request, "files")
    try:
        token = receipts.read_form(request.POST.get("token", ""))
    except receipts.Expired as expired:
        # Whoever had it open for a day is no machine: sent again at once, it is not suspected.
        fresh = receipts.new_form(age=rules.QUICKEST_SECONDS)
        files.hand_over(expired.token, fresh)
        parcels.put_off(fresh)
        return page.show(
            fresh, form, problem=_("This page was open for very long. Please press Send once more."), status=422
        )
    except receipts.Forged:
        fresh = receipts.new_form()
        parcels.put_off(fresh)
        return page.show(
            fresh, form, problem=_("This page was open for very long. Please press Send once more."), status=422
        )
    parcels.fetch_earlier(token)
    if not form.is_valid() or parcels.problems():
        parcels.put_off(token)
        return page.show(token, form, refused=parcels.refused, status=422)
    try:
        report = submit(_incoming(page, form, token, parcels))
    except NobodyLeft:
        parcels.put_off(token)
        text = _(
            "With these choices nobody would be left to read this. Please let at least one person read it, or use the outside contact below."
        )
        return page.show(token, form, problem=text, status=422)
    except Replaced:
        parcels.discard()
        return render_page(request, "reports/arrived_before.html", frame(team, event))
    except (DatabaseError, OSError):
        parcels.discard()
        text = _(
            "We could not store this, because the server is full or busy. Your text is still here; files have to be chosen again. Please try again in a minute, or use one of the other ways below."
        )
        return page.show(token, form, problem=text, status=507)
    return _arrived(request, report, token)


def _incoming(page: Page, form: ReportForm, token: FormToken, parcels: Parcels) -> Incoming:
    post = page.request.POST
    suspected = rules.looks_like_junk(
        honeypot=bool(post.get("website")),
        age=token.age,
        worked=rules.has_worked(str(token), post.get("work", "")),
        recent=queries.recent_reports(page.team),
    )
    return Incoming(
        team=page.team,
        event=page.event,
        token=token,
        version=page.version,
        readers=page.readers,
        answers=form.answers,
        attached=parcels.all(),
        out=page.users_out(form),
        about_organiser=form.is_about_organiser,
        danger=form.cleaned_data["danger"],
        suspected=suspected,
    )


def _arrived(request: HttpRequest, report: Report, token: FormToken) -> HttpResponse:
    """Show the code; a form that is sent again shows it again, until somebody said that they have it."""
    row = report.receipts.filter(lookup=token.receipt.lookup).first()
    values = frame(report.chapter, report.event, report) | {"report": report}
    if row is None or row.kept_at or timezone.now() - row.made_at > rules.SHOW_AGAIN:
        return render_page(request, "reports/arrived_before.html", values)
    values |= {"code": token.receipt.spelled, "pass": receipts.make_pass(token.receipt)}
    return render_page(request, "reports/receipt.html", values)
