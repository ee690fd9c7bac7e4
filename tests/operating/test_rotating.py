"""New keys for the installation while it runs: nothing is lost, and the old ones open nothing that is written later."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from heard.accounts import factors
from heard.audit import chain as audit
from heard.community import queries as community
from heard.operating import rotating
from heard.reports import queries
from heard.reports.models import ReporterAddress
from heard.vault import crypto, house, rows
from heard.vault.signing import HouseSigner
from tests.conftest import PASSWORD, World, fresh_code, report_to

pytestmark = pytest.mark.requirement("R68")


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Path:
    """A folder of keys of its own, in use before anything is written."""
    folder = tmp_path / "keys"
    settings.HOUSE = house.create(folder)
    settings.HEARD = settings.HEARD | {"HEARD_KEYS": folder}
    return folder


@pytest.fixture
def running(keys: Path, world: World, settings: Any) -> house.House:
    """What another process, which started before the rotation, holds."""
    return house.find(keys)


def test_everything_still_opens_after_a_rotation(keys: Path, running: house.House, world: World) -> None:
    report = report_to(world.berlin, reach_email="dara@example.org")
    bo = world.bo.client()

    said = rotating.house()

    assert "Version 2" in said
    assert rows.oldest_version() == 2
    assert queries.address_of(report) == ("dara@example.org", False)
    assert "Bo Lindqvist" in community.known_as(world.bo.user).names
    assert bo.get("/team/").status_code == 200
    client = Client()
    client.post("/account/sign-in/", {"login": world.bo.user.email, "password": PASSWORD})
    client.post("/account/second/", {"code": fresh_code(world.bo.user)})
    assert client.get("/team/").status_code == 200
    paper = Authenticator.objects.get(user=world.bo.user, type="recovery_codes")
    assert len(paper.wrap().get_unused_codes()) == 10
    assert all(
        row.data[n].startswith("2:") for row in Authenticator.objects.all() for n in factors.SECRETS & set(row.data)
    )


def test_a_process_that_runs_notices_by_itself(keys: Path, running: house.House, world: World) -> None:
    assert running.current == 1
    rotating.house()

    assert running.subkey("contact", 2)  # at once, where a row says so
    assert running.current == 2
    running._looked = time.monotonic() - 2
    assert running.versions == [1, 2]


def test_what_an_unaware_process_wrote_meanwhile_is_found_before_the_old_version_goes(
    keys: Path, running: house.House, world: World, settings: Any
) -> None:
    report = report_to(world.berlin)
    rotating.house()
    new, settings.HOUSE = settings.HOUSE, running
    running._looked = time.monotonic() + 60  # it has not looked yet
    seal = rows.sealer("contact")
    ReporterAddress.objects.create(**seal.where, report=report, email=seal("dara@example.org"))
    settings.HOUSE = new
    assert ReporterAddress.objects.get(report=report).house_version == 1
    with pytest.raises(rotating.TooEarly, match="wait a day"):
        rotating.forget()
    yesterday = time.time() - 90_000
    os.utime(keys / house.FILE, (yesterday, yesterday))

    assert "version 1" in rotating.forget()

    assert queries.address_of(report) == ("dara@example.org", False)
    settings.HOUSE = house.find(keys)
    with pytest.raises(crypto.CannotOpen):
        settings.HOUSE.subkey("contact", 1)
    assert (keys / house.FILE).stat().st_mode & 0o777 == 0o600


def test_roots_of_an_older_signing_key_stay_valid_and_a_forged_succession_does_not(keys: Path, world: World) -> None:
    audit.record("something", chain="safe:1", who="user:1")
    old = audit.sign_root()
    assert old
    rotating.signing()
    rotating.signing()
    audit.record("something", chain="safe:1", who="user:1")
    new = audit.sign_root()
    assert new and new.key != old.key

    assert list(audit.verify()) == []
    forged = house.signing_chain(keys)
    forged[0]["by"] = "ab" * 32
    house._replace(keys / house.CHAIN_FILE, __import__("json").dumps(forged))
    assert not HouseSigner().signed(old.hash.encode(), old.key, old.signature)
    assert any("not from this installation" in broken.why for broken in audit.verify())
