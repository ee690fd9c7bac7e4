"""The lead's pages: the chapter, its events, card, contacts, rota, members and how it is made known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import segno
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from heard import guidance
from heard.accounts import sessions
from heard.community import actions, queries
from heard.community.forms import (
    ContactForm,
    EmployerForm,
    EventForm,
    KnownAsForm,
    MemberForm,
    NameForm,
    NumberForm,
    ShiftForm,
    TeamForm,
)
from heard.community.views.frame import TeamRequest, lead_page, member_page
from heard.vault import members as keys
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.community.models import Team

GAPS = {
    "number_emergency": (gettext_lazy("An emergency number"), "community:emergency"),
    "number_non_emergency": (
        gettext_lazy("The number of the police for when nobody is in danger"),
        "community:emergency",
    ),
    "number_mental_health": (gettext_lazy("Somebody to talk to: a mental-health service"), "community:emergency"),
    "number_assault": (gettext_lazy("A hotline for sexual assault"), "community:emergency"),
    "contact": (gettext_lazy("A human to turn to besides the form"), "community:contacts"),
    "readers": (gettext_lazy("At least two people who can read reports"), "community:members"),
    "outside": (gettext_lazy("An outside contact, for when nobody here may read a report"), "community:chapter"),
    "code": (gettext_lazy("The address of the code of conduct"), "community:chapter"),
    "cards": (gettext_lazy("Recovery cards, all with people who are still there"), "reports:cards"),
    "roster": (gettext_lazy("A look at the list of members: is everybody still there?"), "community:members"),
}


@require_safe
@lead_page
def overview(request: TeamRequest, team: Team) -> HttpResponse:
    """What is still missing, and the way to every setting."""
    gaps = [GAPS[name] for name in queries.launch_gaps(team)]
    return render_page(request, "community/overview.html", {"team": team, "gaps": gaps, "here": team.slug})


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def chapter(request: TeamRequest, team: Team) -> HttpResponse:
    """What is public about the chapter."""
    form = TeamForm(request.POST or None, instance=team)
    if form.is_valid():
        actions.change_team(team, by=request.user, **form.cleaned_data)
        return saved(request, team, "chapter")
    return render_page(request, "community/chapter.html", {"team": team, "form": form, "here": team.slug})


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def events(request: TeamRequest, team: Team, event: str = "") -> HttpResponse:
    """The events, and one to add or change."""
    chosen = get_object_or_404(team.events, slug=event) if event else None
    form = EventForm(request.POST or None, instance=chosen, initial={} if chosen else {"time_zone": team.time_zone})
    if form.is_valid():
        actions.save_event(team, by=request.user, event=chosen, **form.cleaned_data)
        return saved(request, team, "events")
    values = {
        "team": team,
        "form": form,
        "events": team.events.order_by("-starts_at"),
        "chosen": chosen,
        "here": team.slug,
    }
    return render_page(request, "community/events.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def emergency(request: TeamRequest, team: Team) -> HttpResponse:
    """The emergency card."""
    if "checked" in request.POST:
        actions.check_numbers(
            team, team.emergency_numbers.all(), by=request.user, today=timezone.localdate(timezone=team.zone)
        )
        return saved(request, team, "emergency")
    rows = team.emergency_numbers.select_related("event").order_by("pk")
    form = NumberForm(None if "remove" in request.POST else request.POST or None, team=team)
    return _list_page(
        request, team, "emergency", form, rows, lambda facts: actions.add_number(team, by=request.user, **facts)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def contacts(request: TeamRequest, team: Team) -> HttpResponse:
    """Humans to turn to besides the form."""
    form = ContactForm(None if "remove" in request.POST else request.POST or None)
    rows = team.contacts.order_by("pk")
    return _list_page(
        request, team, "contacts", form, rows, lambda facts: actions.add_contact(team, by=request.user, **facts)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def rota(request: TeamRequest, team: Team) -> HttpResponse:
    """Who is on duty when."""
    form = ShiftForm(None if "remove" in request.POST else request.POST or None, team=team)
    rows = team.shifts.filter(ends_at__gte=timezone.now()).select_related("member", "event").order_by("starts_at")
    return _list_page(
        request, team, "rota", form, rows, lambda facts: actions.add_shift(team, by=request.user, **facts)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def members(request: TeamRequest, team: Team, member: Any = None) -> HttpResponse:
    """Who is in the team, and what reporters see of them."""
    chosen = get_object_or_404(team.members.select_related("user", "team"), pk=member) if member else None
    adding = "names" in request.POST
    form = MemberForm(None if adding else request.POST or None, instance=chosen) if chosen else None
    known = KnownAsForm(request.POST if adding else None)
    if chosen and known.is_valid():
        actions.describe(chosen.user, by=request.user, **known.cleaned_data)
        return saved(request, team, "members")
    if chosen and form and form.is_valid():
        try:
            chosen.refresh_from_db()
            actions.change_member(chosen, by=request.user, **form.cleaned_data)
            return saved(request, team, "members")
        except actions.LastLead:
            form.add_error("role", _("A team needs at least one lead. Make somebody else a lead first."))
    if request.method == "POST" and "everybody" in request.POST and not chosen:
        actions.confirm_roster(team, by=request.user)
        return saved(request, team, "members")
    everybody = team.members.order_by("-is_active", "shown_name")
    values = {"team": team, "form": form, "known": known, "chosen": chosen, "members": everybody, "here": team.slug}
    return render_page(request, "community/members.html", values)


@require_safe
@lead_page
def publish(request: TeamRequest, team: Team) -> HttpResponse:
    """The link, a poster and a text to announce it with (R5)."""
    posters = []
    for event in (None, *team.events.filter(ends_at__gte=timezone.now()).order_by("starts_at")):
        place = event or team
        link = request.build_absolute_uri(place.get_absolute_url())
        code = segno.make(link, error="m").svg_inline(scale=6, dark="#000", light="#fff")
        contacts = "; ".join(f"{c.name} ({c.how})" for c in team.contacts.all()) or _("see the page")
        text = guidance.page("announcement", team.language, team=str(place), link=link, contacts=contacts)
        numbers = [n.number for n in queries.emergency_card(team, event) if n.kind in {"emergency", "venue"}]
        poster = {"place": place, "link": link, "text": text, "numbers": numbers}
        posters.append(poster | {"code": mark_safe(code)})  # noqa: S308 (made by segno)
    values = {"team": team, "posters": posters, "gaps": queries.launch_gaps(team), "here": team.slug}
    return render_page(request, "community/publish.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def me(request: TeamRequest) -> HttpResponse:
    """My name in each team, and how I may be written, so that a report about me does not reach me."""
    known = KnownAsForm(request.POST if "names" in request.POST else None)
    if known.is_valid():
        actions.describe(request.user, by=request.user, **known.cleaned_data)
        return _mine(request)
    if "employer" in request.POST:
        employed = EmployerForm(request.POST)
        if employed.is_valid():
            actions.set_employer(request.user, employed.cleaned_data["employer"].strip())
            return _mine(request)
    teams = queries.memberships(request.user)
    renamed = next((m for m in teams if str(m.pk) == request.POST.get("member")), None)
    naming = NameForm(request.POST) if renamed else None
    if renamed and naming and naming.is_valid():
        try:
            actions.rename(renamed, shown_name=naming.cleaned_data["shown_name"].strip())
            return _mine(request)
        except actions.NameTaken:
            naming.add_error("shown_name", _("A colleague is shown by this name. Please choose another one."))
    forms_by_team = [
        (m, naming if m is renamed else NameForm(initial={"shown_name": m.shown_name}, auto_id=f"{m.pk}_%s"))
        for m in teams
    ]
    values = {"form": naming or known, "known": known, "person": queries.known_as(request.user), "teams": forms_by_team}
    more = {
        "fingerprint": keys.fingerprint(request.user.pk),
        "employed": EmployerForm(initial={"employer": queries.employer_of(request.user)}),
        "signed_in": sessions.of(request),
        "here": "me",
    }
    return render_page(request, "community/me.html", values | more)


def _mine(request: TeamRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("community:me")


def _list_page(
    request: TeamRequest,
    team: Team,
    name: str,
    form: forms.BaseForm,
    rows: Any,
    add: Callable[[dict[str, Any]], object],
) -> HttpResponse:
    """Show a list whose lines can be added and removed."""
    if "remove" in request.POST:
        row = rows.filter(pk=request.POST["remove"]).first() if request.POST["remove"].isdecimal() else None
        if row is None:
            raise Http404
        actions.remove(row, by=request.user)
        messages.success(request, _("Removed."))
        return redirect(f"community:{name}", team.slug)
    if form.is_valid():
        add(form.cleaned_data)
        return saved(request, team, name)
    return render_page(request, f"community/{name}.html", {"team": team, "form": form, "rows": rows, "here": team.slug})


def saved(request: TeamRequest, team: Team, name: str) -> HttpResponse:
    """Say that it is saved, and show the page again."""
    messages.success(request, _("Saved."))
    return redirect(f"community:{name}", team.slug)
