"""Making a real installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from heard.accounts.actions import create_user
from heard.accounts.models import User
from heard.community import actions, queries
from heard.community.models import Member, Team
from heard.config import WrongSetting
from heard.operating import serving
from heard.vault import house

GLOBAL = "global"


@dataclass(frozen=True)
class Answers:
    """What the set-up asks."""

    network: str
    chapter: str
    country: str
    time_zone: str
    language: str
    several: bool
    outside_contact: str
    name: str
    email: str
    password: str


def make_keys() -> None:
    """Make the house key and the signing key. Raises WrongSetting where an installation would lose its key."""
    folder = settings.HEARD["HEARD_KEYS"]
    if house.exists(folder):
        return
    serving.prepare()
    if queries.network() is not None:
        raise WrongSetting(
            "There is data here but no house key. A new key would open nothing of it: put the old one back in "
            f"{folder}, or point HEARD_KEYS to it."
        )
    settings.HOUSE = house.create(folder)


def set_up(answers: Answers) -> Team:
    """Begin the network with its first chapter and member. Raises WrongSetting when it was begun already."""
    make_keys()
    serving.prepare()
    if queries.network() is not None:
        raise WrongSetting(
            "This installation is set up already. `heard member` adds members; the rest is on the pages."
        )
    # All or nothing, the slow derivation included: nobody else is here yet who could have to wait.
    with transaction.atomic(), in_words():
        return _begin(answers)


def _begin(answers: Answers) -> Team:
    user = create_user(email=answers.email, password=answers.password)
    actions.set_up_network(name=answers.network)
    place: dict[str, Any] = {"country": answers.country, "time_zone": answers.time_zone, "language": answers.language}
    place["outside_contact"] = answers.outside_contact
    slug = slugify(answers.chapter) or "chapter"
    team = actions.make_team(
        kind=Team.Kind.CHAPTER, slug=f"{slug}-chapter" if slug == GLOBAL else slug, name=answers.chapter, **place
    )
    actions.add_member(team, user, shown_name=answers.name, role=Member.Role.LEAD)
    if answers.several:
        worldwide = actions.make_team(
            kind=Team.Kind.GLOBAL, slug=GLOBAL, name=f"{answers.network[:80]}: global team", **place
        )
        actions.add_member(worldwide, user, shown_name=answers.name, role=Member.Role.LEAD)
    return team


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what the network refuses into a sentence for the terminal."""
    try:
        yield
    except ValidationError as wrong:
        raise WrongSetting(" ".join(wrong.messages)) from None
    except actions.NameTaken:
        raise WrongSetting("Somebody is shown by this name already. Please choose another one.") from None


def find_team(slug: str) -> Team:
    """Return a team. Raises WrongSetting."""
    found = Team.objects.filter(slug=slug).first()
    if found is None:
        slugs = ", ".join(Team.objects.order_by("slug").values_list("slug", flat=True))
        raise WrongSetting(f"There is no team {slug}. There are: {slugs}.")
    return found


def has_account(email: str) -> bool:
    """Tell whether somebody has an account already, and so a password."""
    return User.objects.filter(email__iexact=email).exists()


def add_member(*, team: Team, name: str, email: str, password: str, lead: bool) -> None:
    """Add somebody to a team; an account that exists is used, a new one gets its key. Raises WrongSetting."""
    user = User.objects.filter(email__iexact=email).first() or create_user(email=email, password=password)
    role = Member.Role.LEAD if lead else Member.Role.MEMBER
    with in_words():
        actions.add_member(team, user, shown_name=name, role=role)


def add_chapter(*, name: str, slug: str, country: str, time_zone: str, language: str) -> None:
    """Add a chapter to the network. Raises WrongSetting."""
    with in_words():
        actions.make_team(
            kind=Team.Kind.CHAPTER, slug=slug, name=name, country=country, time_zone=time_zone, language=language
        )
