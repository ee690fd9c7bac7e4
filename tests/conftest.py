"""The cast everybody knows: Ada leads Berlin, Bo and Cleo handle there; Lara leads Lagos; Gita and Gus are the global
team; Dara reports. Sockets are open to this machine alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_socket import socket_allow_hosts

from heard.accounts import factors
from heard.accounts.actions import create_user
from heard.accounts.hasher import wrapping_key
from heard.accounts.models import User
from heard.community import actions as community
from heard.community import queries
from heard.community.models import Event, Member, Team
from heard.reports import queries as report_queries
from heard.reports.actions.submit import Incoming, submit
from heard.reports.models import Report
from heard.vault import members, receipts
from heard.vault.keyring import Keyring

PASSWORD = "correct horse battery staple"
SECRET = "xylophone-incident-in-the-tower"


@pytest.fixture(autouse=True)
def only_this_machine() -> None:
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def no_limits_left_over() -> None:
    cache.clear()


@dataclass
class Person:
    """Somebody of the cast, with their key at hand."""

    user: User
    member: Member
    keyring_privates: dict[int, bytes] = field(repr=False)

    @property
    def keyring(self) -> Keyring:
        return members.keyring(self.user.pk, self.keyring_privates)

    @cached_property
    def browser(self) -> Client:
        """One browser that stays signed in, for tests that press many buttons."""
        return self.client()

    def client(self) -> Client:
        """Return a new browser that is signed in."""
        client = Client()
        answer = client.post("/account/sign-in/", {"login": self.user.email, "password": PASSWORD})
        assert answer.headers.get("Location", "").startswith("/account/second/"), answer.content
        answer = client.post("/account/second/", {"code": fresh_code(self.user)})
        assert answer.status_code == 302, answer.content
        return client


@dataclass
class World:
    """The network of the tests."""

    berlin: Team
    lagos: Team
    worldwide: Team
    event: Event
    ada: Person
    bo: Person
    cleo: Person
    lara: Person
    lanre: Person
    gita: Person
    gus: Person


def fresh_code(user: User) -> str:
    """Return the digits of now, good for another sign-in within the same half minute."""
    code = factors.code_now(user)
    factors.unuse(user, code)
    return code


def join(team: Team, name: str, role: str = "member", known_as: str = "") -> Person:
    user = create_user(email=f"{name.lower()}@team.example", password=PASSWORD)
    factors.adopt(user, factors.new_secret(user)[0])
    member = community.add_member(team, user, shown_name=name, role=role)
    community.describe(user, names=[known_as or name], emails=[user.email], handles=[f"@{name.lower()}_h"], by=None)
    key = wrapping_key(PASSWORD, user.password)
    assert key
    return Person(user, member, members.unlock(user.pk, key))


def make_world() -> World:
    community.set_up_network(name="Test Network")
    worldwide = community.make_team(
        kind="global", slug="global", name="Global", country="US", outside_contact="Outside Office, 555"
    )
    berlin = community.make_team(
        slug="berlin", name="Berlin", country="DE", time_zone="Europe/Berlin", outside_contact="Outside Berlin, 556"
    )
    lagos = community.make_team(slug="lagos", name="Lagos", country="NG", time_zone="Africa/Lagos")
    now = timezone.now()
    event = community.save_event(
        berlin,
        by=None,
        slug="conf",
        name="Conf",
        time_zone="Europe/Berlin",
        starts_at=now - timedelta(hours=5),
        ends_at=now + timedelta(days=2),
    )
    return World(
        berlin=berlin,
        lagos=lagos,
        worldwide=worldwide,
        event=event,
        ada=join(berlin, "Ada", "lead", "Ada Winterbottom"),
        bo=join(berlin, "Bo", known_as="Bo Lindqvist"),
        cleo=join(berlin, "Cleo", known_as="Cleo Marchetti"),
        lara=join(lagos, "Lara", "lead", "Lara Adeyemi"),
        lanre=join(lagos, "Lanre", known_as="Lanre Okoro"),
        gita=join(worldwide, "Gita", "lead", "Gita Raman"),
        gus=join(worldwide, "Gus", known_as="Gus Halloran"),
    )


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def outbox(settings: Any) -> Iterator[list[Any]]:
    from django.core import mail

    mail.outbox = []
    yield mail.outbox


def report_to(
    team: Team,
    text: str = SECRET,
    *,
    event: Event | None = None,
    out: list[Person] | None = None,
    token: receipts.FormToken | None = None,
    **more: Any,
) -> Report:
    """Report something, as Dara would."""
    options = {name: more.pop(name) for name in ("about_organiser", "danger", "suspected", "attached") if name in more}
    return submit(
        Incoming(
            team=team,
            event=event,
            token=token or receipts.new_form(),
            version=queries.policy(team),
            readers=report_queries.readers(team),
            answers={"what_happened": text, **more},
            out=frozenset(p.user.pk for p in out or []),
            **options,
        )
    )


def letter_key() -> str:
    return receipts.new().code
