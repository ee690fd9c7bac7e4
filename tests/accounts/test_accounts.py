"""Signing in, keys and passwords."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from heard.accounts import actions
from heard.accounts.adapter import Adapter
from heard.accounts.hasher import SplitArgon2, wrapping_key
from heard.vault import crypto, members
from tests.conftest import PASSWORD, World, fresh_code, report_to


def test_one_derivation_gives_a_verifier_and_another_key() -> None:
    encoded = SplitArgon2().encode("a long password", SplitArgon2().salt())
    key = wrapping_key("a long password", encoded)

    assert key
    assert key.hex() not in encoded
    assert wrapping_key("another password", encoded) is None
    assert wrapping_key("x", "argon2$old") is None


def test_the_real_cost_is_what_the_design_asks_for() -> None:
    assert tuple(crypto.Cost()) == (3, 64 * 1024 * 1024)


def without_token(text: str) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text)


def test_a_wrong_password_signs_nobody_in_and_says_nothing_about_the_address(world: World, client: Client) -> None:
    known = client.post("/account/sign-in/", {"login": world.bo.user.email, "password": "wrong"})
    unknown = client.post("/account/sign-in/", {"login": "nobody@team.example", "password": "wrong"})

    assert known.status_code == unknown.status_code
    same = [
        page.text.replace(world.bo.user.email, "X").replace("nobody@team.example", "X") for page in (known, unknown)
    ]
    assert without_token(same[0]) == without_token(same[1])
    assert "wrong" not in [c.value for c in client.cookies.values()]
    assert client.get("/team/").status_code == 302


def test_neither_session_nor_database_holds_the_password_or_the_key(world: World) -> None:
    client = world.bo.client()
    private = world.bo.keyring_privates[1]
    session = Session.objects.get().get_decoded()
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names()
        everything = ""
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            everything += repr(cursor.fetchall())

    assert PASSWORD not in everything + repr(session)
    assert private.hex() not in everything + repr(session)
    assert client.cookies[django_settings.KEY_COOKIE_NAME].value not in everything + repr(session)
    assert client.cookies[django_settings.KEY_COOKIE_NAME]["httponly"]


def test_a_stolen_session_row_without_the_cookie_opens_nothing(world: World) -> None:
    world.bo.client()
    sealed = Session.objects.get().get_decoded()["sealed_key"]

    for cookie in ("", "00", members.new_cookie()):
        with pytest.raises(crypto.CannotOpen):
            members.from_session(world.bo.user.pk, sealed, cookie)


def test_changing_the_password_keeps_the_key_and_signs_out_elsewhere(world: World) -> None:
    report = report_to(world.berlin)
    here, elsewhere = world.bo.client(), world.bo.client()
    wrong = here.post("/account/password/", {"old": "nope", "new": "a new long password here"})
    assert "This is not your password" in wrong.text
    done = here.post("/account/password/", {"old": PASSWORD, "new": "a new long password here"})
    assert done.status_code == 302

    assert here.get(f"/team/reports/{report.pk}/").status_code == 200
    assert elsewhere.get("/team/").status_code == 302
    fresh = Client()
    assert fresh.post("/account/sign-in/", {"login": world.bo.user.email, "password": PASSWORD}).status_code == 200
    fresh.post("/account/sign-in/", {"login": world.bo.user.email, "password": "a new long password here"})
    fresh.post("/account/second/", {"code": fresh_code(world.bo.user)})
    assert fresh.get(f"/team/reports/{report.pk}/").status_code == 200


def test_a_weak_password_is_refused_in_words(world: World) -> None:
    page = world.bo.client().post("/account/password/", {"old": PASSWORD, "new": "short"})

    assert "at least 12 characters" in page.text


def test_limits_see_a_keyed_hash_instead_of_an_address(rf: object) -> None:
    request = rf.get("/", REMOTE_ADDR="203.0.113.9")  # type: ignore[attr-defined]
    seen = Adapter().get_client_ip(request)

    assert seen != "203.0.113.9"
    assert len(seen) == 32
    assert seen == Adapter().get_client_ip(request)


def test_guessing_is_slowed_down(world: World, client: Client) -> None:
    bodies = [{"login": world.bo.user.email, "password": f"wrong{n}"} for n in range(6)]
    pages = [client.post("/account/sign-in/", body) for body in bodies]

    assert ["Too many" in page.text for page in pages] == [False] * 5 + [True]


def test_a_session_ends_twelve_hours_after_signing_in_however_busy(world: World) -> None:
    client = world.bo.client()
    begun = timezone.now()
    for minutes in range(10, 12 * 60, 10):
        with time_machine.travel(begun + timedelta(minutes=minutes)):
            assert client.get("/team/me/").status_code == 200
    with time_machine.travel(begun + timedelta(hours=12, minutes=1)):
        assert client.get("/team/").status_code == 302


def test_after_a_quarter_of_an_hour_without_anybody_the_key_is_locked_and_what_was_typed_comes_back(
    world: World,
) -> None:
    client = world.bo.client()
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert client.get("/team/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        page = client.post("/team/me/", {"names": "typed with care"}, headers={"Sec-Fetch-Site": "same-origin"})
        assert page.status_code == 403
        assert "typed with care" in page.text
        assert client.get("/team/").status_code == 302


def test_what_was_typed_when_the_session_ended_comes_back(world: World) -> None:
    page = Client().post("/team/me/", {"names": "typed with care"}, headers={"Sec-Fetch-Site": "same-origin"})

    assert page.status_code == 403
    assert "typed with care" in page.text


def test_the_page_for_a_failure_needs_no_database(rf: object) -> None:
    from heard.web.errors import failed

    page = failed(rf.get("/"))  # type: ignore[attr-defined]

    assert page.status_code == 500
    assert "That did not work" in page.content.decode()


def test_nobody_signs_up_by_themselves(client: Client) -> None:
    page = client.get("/account/join/")

    assert "Ask the lead of your chapter" in page.text
    assert client.post("/account/join/").status_code == 405


@pytest.mark.django_db
def test_an_account_knows_no_plain_key() -> None:
    user = actions.create_user(email="New@Team.example", password=PASSWORD)

    assert user.email == "New@team.example"
    assert str(user) == f"user {user.pk}"
    assert "key" not in repr(user)
