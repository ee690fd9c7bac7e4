"""Passkeys, with Chromium's virtual authenticator: with PRF they open the key, without one the password does."""

import json
import sqlite3
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, is_sound
from tests.journeys.test_journeys import Visit, press
from tests.services import Heard

pytestmark = [pytest.mark.requirement("R68"), pytest.mark.slow]


def device(page: Page, *, prf: bool) -> Any:
    """Give the browser a device that says yes to everything."""
    talk = page.context.new_cdp_session(page)
    talk.send("WebAuthn.enable")
    talk.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True, "hasPrf": prf,
            }
        },
    )  # fmt: skip
    return talk


def first_sign_in(page: Page, heard: Heard, name: str) -> None:
    email, password = heard.logins[name]
    page.goto(local(heard, "/team/"))
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    press(page, "Sign in")
    page.fill("[name=code]", heard.paper_code(name))
    press(page, "Go on")
    page.wait_for_url("**/team/")


def local(heard: Heard, path: str) -> str:
    """Return an address by name: browsers make no passkeys for numbers."""
    return heard.url.replace("127.0.0.1", "localhost") + path


@pytest.mark.parametrize("prf", [True, False])
def test_a_passkey_signs_in(visit: Visit, heard: Heard, prf: bool) -> None:
    name = "bo" if prf else "cleo"
    page = visit(size=PHONE)
    device(page, prf=prf)
    first_sign_in(page, heard, name)
    page.goto(local(heard, "/team/me/"))
    page.get_by_role("link", name="Passkeys").click()
    is_sound(page, f"passkeys-{prf}")
    page.fill("[name=name]", "My phone")
    page.fill("[name=password]", heard.logins[name][1])
    press(page, "Add a passkey")
    expect(page.locator("main")).to_contain_text("My phone")
    badge = page.get_by_text("opens without password")
    assert badge.count() == (1 if prf else 0)
    with sqlite3.connect(heard.data / "heard.sqlite3") as database:
        stored = database.execute("SELECT data FROM mfa_authenticator WHERE type='webauthn'").fetchall()
    assert stored
    assert all("prf" not in json.loads(row[0])["credential"]["clientExtensionResults"] for row in stored)
    press(page, "Sign out")
    page.goto(local(heard, "/account/sign-in/"))
    page.get_by_role("link", name="Sign in with a passkey").click()
    is_sound(page, f"passkey-sign-in-{prf}")
    press(page, "Ask my device")
    if not prf:
        page.wait_for_url("**/unlock/")
        is_sound(page, "passkey-unlock")
        page.fill("[name=password]", "not this one at all")
        press(page, "Go on")
        expect(page.locator("main")).to_contain_text("This is not your password")
        page.fill("[name=password]", heard.logins[name][1])
        press(page, "Go on")
    page.wait_for_url("**/team/")
    page.goto(local(heard, "/team/reports/"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(local(heard, "/account/passkeys/"))
    press(page, "Remove")
    expect(page.locator("main")).to_contain_text("You have none yet")


def test_after_the_password_a_passkey_takes_the_place_of_the_digits(visit: Visit, heard: Heard) -> None:
    page = visit()
    device(page, prf=True)
    first_sign_in(page, heard, "gita")
    page.goto(local(heard, "/account/passkeys/"))
    page.fill("[name=name]", "Laptop")
    page.fill("[name=password]", heard.logins["gita"][1])
    press(page, "Add a passkey")
    press(page, "Sign out")
    email, password = heard.logins["gita"]
    page.goto(local(heard, "/team/"))
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    press(page, "Sign in")
    press(page, "Use a passkey instead")
    page.wait_for_url("**/team/")
    expect(page.get_by_role("link", name="Me", exact=True)).to_be_visible()
