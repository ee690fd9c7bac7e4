"""The second factor: what it is asked for, where its secret lies, and what each half of a sign-in is worth alone."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from heard.accounts import factors, passkeys
from heard.accounts.models import User
from tests.conftest import PASSWORD, World, fresh_code, report_to

pytestmark = pytest.mark.requirement("R68")
SIGN_IN, SECOND, FACTOR = "/account/sign-in/", "/account/second/", "/account/factor/"


def half_way(world: World) -> Client:
    """A browser in which Bo's password was typed, and nothing else."""
    client = Client()
    client.post(SIGN_IN, {"login": world.bo.user.email, "password": PASSWORD})
    return client


def test_a_password_alone_opens_nothing(world: World) -> None:
    report = report_to(world.berlin)
    client = half_way(world)

    for path in ("/team/", f"/team/reports/{report.pk}/", "/account/password/", FACTOR):
        page = client.get(path)
        assert page.status_code == 302 and page.headers["Location"].startswith(SIGN_IN), path


def test_wrong_digits_are_said_and_the_right_ones_open(world: World) -> None:
    client = half_way(world)
    wrong = client.post(SECOND, {"code": "000000"})
    assert wrong.status_code == 200 and "Incorrect code" in wrong.text

    client.post(SECOND, {"code": fresh_code(world.bo.user)})
    assert client.get("/team/").status_code == 200


def test_digits_are_good_once(world: World) -> None:
    code = fresh_code(world.bo.user)
    first, thief = half_way(world), half_way(world)
    first.post(SECOND, {"code": code})

    assert "Incorrect code" in thief.post(SECOND, {"code": code}).text
    assert thief.get("/team/").status_code == 302


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_digits_count_half_a_minute_early_and_late_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch, steps: int, opens: bool
) -> None:
    now = time.time()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(time, "time", lambda: now + steps * factors.STEP)
        code = factors.code_now(world.bo.user)
        elsewhere.setattr(time, "time", lambda: now)
        first = half_way(world)
        first.post(SECOND, {"code": code})
    assert (first.get("/team/").status_code == 200) == opens


def test_digits_stay_used_for_as_long_as_they_count(world: World) -> None:
    code = fresh_code(world.bo.user)
    first, thief = half_way(world), half_way(world)
    first.post(SECOND, {"code": code})
    # What the library remembers is over after half a minute.
    cache.delete(f"allauth.mfa.totp.used?user={world.bo.user.pk}&code={code}")

    thief.post(SECOND, {"code": f"{code[:3]} {code[3:]}"})
    assert thief.get("/team/").status_code == 302


def test_a_code_on_paper_opens_once(world: World) -> None:
    row = Authenticator.objects.get(user=world.bo.user, type="recovery_codes")
    paper = row.wrap().get_unused_codes()[0]
    client, thief = half_way(world), half_way(world)
    client.post(SECOND, {"code": paper})
    assert client.get("/team/").status_code == 200

    assert "Incorrect code" in thief.post(SECOND, {"code": paper}).text
    assert factors.codes_left(world.bo.user) == 9


def test_no_secret_and_no_key_rests_in_the_database(world: World) -> None:
    user = world.bo.user
    secret, sealed = factors.new_secret(user)
    client = world.bo.client()
    client.get(FACTOR)
    half_way(world)
    stored = json.dumps(
        [list(Authenticator.objects.values_list("data", flat=True)), [s.get_decoded() for s in Session.objects.all()]]
    )
    adopted = factors.FactorAdapter().decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    for words in (secret, adopted, world.bo.keyring_privates[1].hex(), PASSWORD):
        assert words not in stored
    assert factors.opened_secret(user, sealed) == secret
    with pytest.raises(factors.crypto.CannotOpen):
        factors.opened_secret(world.ada.user, sealed)


def test_one_sign_in_is_free_then_it_has_to_be_set_up(world: World) -> None:
    Authenticator.objects.filter(user=world.bo.user).delete()
    credentials = {"login": world.bo.user.email, "password": PASSWORD}
    first = Client()
    first.post(SIGN_IN, credentials)
    page = first.get("/team/")
    assert page.status_code == 200 and "set it up now" in page.text

    second = Client()
    second.post(SIGN_IN, credentials)
    for path in ("/team/", "/team/reports/", "/team/me/"):
        assert second.get(path).headers["Location"] == FACTOR
    page = second.get(FACTOR)
    assert "Please set it up now" in page.text

    sealed = re.search(r'name="secret" value="(\w+)"', page.text)[1]  # type: ignore[index]
    secret = factors.opened_secret(world.bo.user, sealed)
    wrong = second.post(FACTOR, {"secret": sealed, "code": "000000", "password": PASSWORD})
    assert "do not fit" in wrong.text and sealed in wrong.text
    assert "not your password" in second.post(FACTOR, {"secret": sealed, "code": digits(secret), "password": "x"}).text
    done = second.post(FACTOR, {"secret": sealed, "code": digits(secret), "password": PASSWORD})
    assert len(re.findall(r"<li>\d{8}</li>", done.text)) == 10
    assert second.get("/team/").status_code == 200
    assert factors.has_factor(User.objects.get(pk=world.bo.user.pk))


def digits(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def test_a_secret_of_somebody_else_or_a_made_up_one_is_not_taken(world: World) -> None:
    client = world.bo.client()
    _, sealed = factors.new_secret(world.ada.user)
    before = Authenticator.objects.get(user=world.bo.user, type="totp").data
    for planted in (sealed, "zz", "00" * 50):
        client.post(FACTOR, {"secret": planted, "code": "123456", "password": PASSWORD})

    assert Authenticator.objects.get(user=world.bo.user, type="totp").data == before


def test_guessing_digits_is_slowed_down(world: World) -> None:
    client = half_way(world)
    pages = [client.post(SECOND, {"code": f"{n:06}"}).text for n in range(8)]
    cache.clear()

    assert "Incorrect code" in pages[0]
    assert "Too many" in pages[-1]


def test_signing_out_everywhere_else(world: World) -> None:
    here, elsewhere = world.bo.client(), world.bo.client()
    here.post("/account/elsewhere/")

    assert here.get("/team/").status_code == 200
    assert elsewhere.get("/team/").status_code == 302


def test_what_a_passkeys_prf_says_never_rests_in_what_is_stored() -> None:
    answer = {"id": "x", "clientExtensionResults": {"credProps": {"rk": True}, "prf": {"results": {"first": "secret"}}}}

    assert passkeys.without_secret(answer) == {"id": "x", "clientExtensionResults": {"credProps": {"rk": True}}}


@pytest.mark.parametrize(
    "credential",
    [
        "{}",
        "[]",
        "1",
        '"x"',
        '{"response": null}',
        '{"response": {"userHandle": "AAAA"}}',
        "null",
        "{",
        '{"id": 1}',
        '{"clientExtensionResults": [1]}',
    ],
)
def test_a_made_up_answer_of_a_passkey_is_refused(world: World, credential: str) -> None:
    bo, stranger = world.bo.client(), Client()
    half = half_way(world)
    for client, path in ((stranger, "/account/passkey/"), (bo, "/account/passkeys/"), (half, "/account/second/")):
        client.get(path)
        page = client.post(path, {"credential": credential, "prf": "zz", "name": "x", "password": PASSWORD})
        assert page.status_code == 422 or (client is half and page.status_code == 200), (path, page.status_code)
    assert half.get("/team/").status_code == 302
    assert stranger.get("/team/").status_code == 302
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_the_page_that_asks_for_the_password_after_a_passkey_opens_nothing_by_itself(world: World) -> None:
    client = Client()
    assert client.get("/account/passkey/unlock/").headers["Location"] == "/account/passkey/"
    assert client.post("/account/passkey/unlock/", {"password": PASSWORD}).headers["Location"] == "/account/passkey/"


def test_the_last_second_step_cannot_be_removed(world: World) -> None:
    row = Authenticator.objects.create(user=world.bo.user, type="webauthn", data={"name": "x", "credential": {}})
    Authenticator.objects.filter(user=world.bo.user, type="totp").delete()

    assert not passkeys.remove(world.bo.user, row.pk)
    assert not passkeys.remove(world.ada.user, row.pk)
    assert Authenticator.objects.filter(pk=row.pk).exists()


def test_a_post_that_a_sign_in_interrupts_is_stored_nowhere(world: World) -> None:
    report = report_to(world.berlin)
    client = world.bo.client()
    cookie = client.cookies["key"].value
    del client.cookies["session"]

    page = client.post(
        f"/team/reports/{report.pk}/note/", {"text": "typed with care"}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert "typed with care" in page.text
    kept = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert "typed with care" not in kept and cookie not in kept
