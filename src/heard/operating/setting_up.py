"""Making a real installation."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.text import slugify

from heard.accounts.actions import create_user
from heard.accounts.models import User
from heard.community import actions, queries
from heard.community.models import Member, Team
from heard.config import WrongSetting
from heard.operating import serving
from heard.vault import house


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
    user = create_user(email=answers.email, password=answers.password)
    actions.set_up_network(name=answers.network)
    team = actions.make_team(
        kind=Team.Kind.CHAPTER,
        slug=slugify(answers.chapter) or "chapter",
        name=answers.chapter,
        country=answers.country,
        time_zone=answers.time_zone,
        language=answers.language,
        outside_contact=answers.outside_contact,
    )
    actions.add_member(team, user, shown_name=answers.name, role=Member.Role.LEAD)
    if answers.several:
        worldwide = actions.make_team(
            kind=Team.Kind.GLOBAL,
            slug="global",
            name=f"{answers.network}: global team",
            country=answers.country,
            time_zone=answers.time_zone,
            language=answers.language,
            outside_contact=answers.outside_contact,
        )
        actions.add_member(worldwide, user, shown_name=answers.name, role=Member.Role.LEAD)
    return team


def add_member(*, team: str, name: str, email: str, password: str, lead: bool) -> None:
    """Add somebody to a team; an account that exists is used, a new one gets its key. Raises WrongSetting."""
    found = Team.objects.filter(slug=team).first()
    if found is None:
        slugs = ", ".join(Team.objects.values_list("slug", flat=True))
        raise WrongSetting(f"There is no team {team}. There are: {slugs}.")
    user = User.objects.filter(email__iexact=email).first() or create_user(email=email, password=password)
    role = Member.Role.LEAD if lead else Member.Role.MEMBER
    actions.add_member(found, user, shown_name=name, role=role)


def add_chapter(*, name: str, slug: str, country: str, time_zone: str, language: str) -> None:
    """Add a chapter to the network."""
    actions.make_team(
        kind=Team.Kind.CHAPTER, slug=slug, name=name, country=country, time_zone=time_zone, language=language
    )
