"""Recovery cards: making them, saying that everybody has one, and coming back in with enough of them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from heard.community import actions as community_actions
from heard.community import queries as community
from heard.community.views.frame import TeamRequest, lead_page, member_page
from heard.reports.actions import recovery
from heard.reports.forms import CardsForm, UseCardsForm
from heard.vault.recovery import Card, WrongCards, belonging
from heard.web import pdf
from heard.web.pages import render_page

if TYPE_CHECKING:
    from heard.community.models import Team


@require_http_methods(["GET", "HEAD", "POST"])
@lead_page
def cards(request: TeamRequest, team: Team) -> HttpResponse:
    """Who keeps the team's recovery cards; make new ones, which are shown once."""
    people = community.readers(team)
    form = CardsForm(request.POST or None, people=people)
    values = {"team": team, "here": team.slug, "form": form, "people": people}
    if form.is_valid():
        made = community_actions.make_cards(team, form.holders, form.cleaned_data["needed"], by=request.user)
        values |= {"cards": made, "needed": form.cleaned_data["needed"], "paper": _paper(team, made, form)}
        return render_page(request, "reports/cards_made.html", values)
    values |= {"state": community.recovery_state(team), "uses": community.recovery_uses(team)}
    return render_page(request, "reports/cards.html", values)


def _paper(team: Team, made: list[Card], form: CardsForm) -> str:
    """Return the cards as PDF in base64: they rest nowhere, so the page itself carries them."""
    needed = form.cleaned_data["needed"]
    lines = [
        _("Keep it at home, on paper, where nobody else reads it. Do not photograph it or type it anywhere."),
        _(
            "With %(n)d of the cards of %(team)s, people who lost every password come back in. Each use is told to everybody."
        )
        % {"n": needed, "team": team.name},
        _(
            "When the team asks for it: sign in, open the team's page “Cards”, and type the words there. Hand the card back when you leave."
        ),
    ]
    data = {
        "title": _("Recovery card of %(team)s") % {"team": team.name},
        "lang": (get_language() or "en")[:2],
        "cards": [
            {
                "holder": card.holder,
                "number": _("Card %(number)d of %(all)d") % {"number": card.number, "all": len(made)},
                "lines": lines,
                "words": card.words,
            }
            for card in made
        ],
    }
    return base64.b64encode(pdf.render("cards", data)).decode()


@require_POST
@lead_page
def confirm(request: TeamRequest, team: Team) -> HttpResponse:
    """Say that everybody has their card: now the key counts."""
    if not community_actions.confirm_cards(team, by=request.user, key=_key(request.POST.get("key", ""))):
        messages.warning(request, _("Somebody made other cards meanwhile. Look whose cards everybody has."))
        return redirect("reports:cards", team.slug)
    recovery.top_up(request.user, request.keyring)
    messages.success(request, _("The cards count now. What others hold gets the new key when they next sign in."))
    return redirect("reports:cards", team.slug)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def use(request: TeamRequest, slug: str) -> HttpResponse:
    """Come back in with enough cards. For members of the team and of the global team."""
    team = community.team_at(slug)
    if team is None or not (
        community.of(request.user).filter(pk=team.pk).exists() or community.is_global(request.user)
    ):
        raise Http404
    keys = community.recovery_keys(team)
    form = UseCardsForm(request.POST or None, most=max((key.needed for key in keys), default=0))
    if keys and form.is_valid():
        try:
            recovery.use(team, belonging(keys, form.words), form.words, by=request.user)
        except WrongCards as wrong:
            form.add_error(None, sentence(wrong))
        else:
            messages.success(request, _("It is open again. Everybody in the team and the global team is told."))
            return redirect("reports:now")
    values = {"team": team, "form": form, "keys": keys, "uses": community.recovery_uses(team)}
    return render_page(request, "reports/use_cards.html", values)


def sentence(wrong: WrongCards) -> str:
    """Return in words why cards do not open."""
    known = {
        "word": _("Card %(card)s: word %(place)s, “%(word)s”, is not one of the list. Is it “%(near)s”?"),
        "length": _("Card %(card)s has %(count)s words; there should be %(wanted)s."),
        "slip": _(
            "Card %(card)s: every word is one of the list, but one is not the one on the card, or two are swapped."
        ),
        "other": _("Card %(card)s is not one of these cards: it is of another team, or of an older set."),
        "twice": _("Card %(card)s is the same as card %(other)s."),
        "few": _("That were %(count)s of the cards; %(needed)s are needed."),
    }
    return known[wrong.reason] % wrong.facts
