"""Joining by invitation, losing a password, beginning anew, and being let in."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from heard.accounts import actions as accounts
from heard.accounts.hasher import wrapping_key
from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import joining
from heard.community import queries as community_queries
from heard.community import tasks as community_tasks
from heard.community.models import Invitation, Member
from heard.outbox.models import Pace
from heard.reports import access, queries
from heard.reports.actions import newcomers
from heard.reports.actions.handling import NotHere
from heard.vault import members, safes
from heard.vault.keyring import Keyring, NoGrant
from heard.vault.models import Exclusion
from tests.conftest import PASSWORD, SECRET, World, report_to

pytestmark = pytest.mark.requirement("R10", "R18")
NEW = "a wholly different password"


def keyring_of(user: User, password: str) -> Keyring:
    key = wrapping_key(password, user.password)
    assert key
    return members.keyring(user.pk, members.unlock(user.pk, key))


def invite(world: World, **more: str) -> str:
    facts = {"email": "dev@team.example", "shown_name": "Dev", "role": "member"} | more
    return joining.invite(world.berlin, by=world.ada.user, **facts)


def test_an_invitation_is_for_one_address_once_and_for_a_week(world: World, client: Client) -> None:
    page = world.ada.client().post(
        "/team/of/berlin/invite/", {"email": "dev@team.example", "shown_name": "Dev", "role": "member"}
    )
    code = page.text.partition('id="code">')[2].partition("<")[0]
    form = {"code": code, "email": "dev@team.example", "password": NEW}

    assert "do not belong together" in client.post("/join/", form | {"email": "thief@team.example"}).text
    assert "at least 12 characters" in client.post("/join/", form | {"password": "short"}).text
    assert client.post("/join/", form).headers["Location"] == "/account/sign-in/"
    assert Member.objects.get(user__email="dev@team.example", team=world.berlin).shown_name == "Dev"
    assert "do not belong together" in client.post("/join/", form).text

    late = invite(world, email="eve@team.example", shown_name="Eve")
    with time_machine.travel(timezone.now() + timedelta(days=8)), pytest.raises(joining.NotInvited):
        joining.join(code=late, email="eve@team.example", password=NEW)


def test_an_invitation_can_be_taken_back_and_a_second_takes_the_place_of_the_first(world: World) -> None:
    first, second = invite(world), invite(world)
    with pytest.raises(joining.NotInvited):
        joining.join(code=first, email="dev@team.example", password=NEW)
    world.ada.client().post("/team/of/berlin/invite/withdraw/")
    with pytest.raises(joining.NotInvited):
        joining.join(code=second, email="dev@team.example", password=NEW)
    assert not Invitation.objects.exists()


def test_who_has_an_account_joins_another_team_with_its_password(world: World) -> None:
    code = invite(world, email=world.lanre.user.email, shown_name="Lanre in Berlin")
    with pytest.raises(joining.NotTheirPassword):
        joining.join(code=code, email=world.lanre.user.email, password=NEW)

    assert joining.join(code=code, email=world.lanre.user.email, password=PASSWORD) == world.lanre.user
    assert world.berlin.members.filter(user=world.lanre.user).exists()


def test_nobody_passes_for_a_colleague(world: World) -> None:
    page = world.ada.client().post(
        "/team/of/berlin/invite/", {"email": "x@y.example", "shown_name": "bo", "role": "member"}
    )

    assert "A colleague is shown by this name" in page.text


@pytest.mark.requirement("R51")
def test_a_newcomer_sees_code_names_declares_and_is_let_in_one_by_one(world: World) -> None:
    known, open_ = report_to(world.berlin), report_to(world.berlin)
    elsewhere, kept = report_to(world.lagos), report_to(world.berlin, out=[world.bo, world.cleo])
    dev = joining.join(code=invite(world), email="dev@team.example", password=NEW)
    member = dev.memberships.get()
    assert {r.pk for r in access.before(dev)} == {known.pk, open_.pk}
    with pytest.raises(NotHere):
        newcomers.let_in(open_, world.bo.keyring, by=world.bo.user, member=member)

    newcomers.declare(dev, [known.pk, elsewhere.pk, kept.pk])

    assert set(Exclusion.objects.filter(user=dev).values_list("safe_id", flat=True)) == {known.safe_id}
    member.refresh_from_db()
    with pytest.raises(NotHere):
        newcomers.let_in(known, world.bo.keyring, by=world.bo.user, member=member)
    bo = world.bo.client()
    assert "Let a colleague in" in bo.get(f"/team/reports/{open_.pk}/").text
    bo.post(f"/team/reports/{open_.pk}/let-in/", {"member": str(member.pk)})
    assert queries.original(open_, keyring_of(dev, NEW))["what_happened"] == SECRET
    assert "member.let-in" in audit.trail(f"safe:{open_.safe_id}")


def test_the_page_of_a_newcomer_shows_code_names_and_nothing_else(world: World) -> None:
    report = report_to(world.berlin)
    safes.withdraw([report.safe_id], [world.bo.user.pk])
    client = world.bo.client()
    page = client.get("/team/before/")

    assert report.code_name in page.text and SECRET not in page.text
    assert "before your time" in client.get("/team/").text
    client.post("/team/before/", {"conflict": [str(report.pk)]})
    assert report.code_name not in client.get("/team/before/").text
    assert "before your time" not in client.get("/team/").text


def test_a_recovery_code_keeps_every_key(world: World, client: Client) -> None:
    report = report_to(world.berlin)
    page = world.bo.client().post("/account/recovery-code/")
    code = page.text.partition('id="code">')[2].partition("<")[0]
    form = {"email": world.bo.user.email, "code": code, "new": NEW}

    assert (
        "do not belong together" in client.post("/account/lost-password/", form | {"email": world.ada.user.email}).text
    )
    assert "do not belong together" in client.post("/account/lost-password/", form | {"code": "nonsense"}).text
    assert client.post("/account/lost-password/", form).status_code == 302

    bo = User.objects.get(pk=world.bo.user.pk)
    assert queries.original(report, keyring_of(bo, NEW))["what_happened"] == SECRET
    assert wrapping_key(PASSWORD, bo.password) is None


def test_a_new_recovery_code_takes_the_place_of_the_old_one(world: World) -> None:
    old = accounts.make_recovery_code(world.bo.user, world.bo.keyring)
    accounts.make_recovery_code(world.bo.user, world.bo.keyring)

    with pytest.raises(accounts.WrongCode):
        accounts.recover(email=world.bo.user.email, code=old, new=NEW)


def test_without_any_code_a_colleague_opens_to_the_new_key_what_was_theirs(world: World) -> None:
    report, other = report_to(world.berlin), report_to(world.berlin, out=[world.ada])
    queries.original(report, world.bo.keyring)  # re-wrapped at first use
    ada = world.ada.client()
    page = ada.post(f"/team/of/berlin/members/{world.bo.member.pk}/anew/", {"do": "code"})
    code = page.text.partition('id="code">')[2].partition("<")[0]
    bo = joining.join(code=code, email=world.bo.user.email, password=NEW)
    keyring = keyring_of(bo, NEW)
    with pytest.raises(NoGrant):
        keyring.key_of(report.safe_id)
    page = Client().post("/account/sign-in/", {"login": bo.email, "password": NEW}, follow=True)
    assert page.status_code == 200 and SECRET not in page.text

    before = ada.get(f"/team/of/berlin/members/{world.bo.member.pk}/anew/")
    assert members.fingerprint(bo.pk) in before.text
    ada.post(f"/team/of/berlin/members/{world.bo.member.pk}/anew/", {})
    assert safes.stale_for(bo.pk)
    ada.post(f"/team/of/berlin/members/{world.bo.member.pk}/anew/", {"compared": "1"})

    keyring = keyring_of(bo, NEW)
    assert queries.original(report, keyring)["what_happened"] == SECRET
    assert safes.stale_for(bo.pk) == [other.safe_id]
    assert joining.grant_anew(world.bo.member, world.cleo.keyring, by=world.cleo.user) == 1
    assert queries.original(other, keyring_of(bo, NEW))["what_happened"] == SECRET


def test_who_stood_aside_gets_nothing_back_with_a_new_key(world: World) -> None:
    report = report_to(world.berlin)
    safes.exclude(report.safe_id, world.bo.user.pk, Exclusion.Kind.RECUSED)
    accounts.begin_anew(User.objects.get(pk=world.bo.user.pk), password=NEW)

    assert joining.grant_anew(world.bo.member, world.ada.keyring, by=world.ada.user) == 0


@pytest.mark.requirement("R18")
def test_a_roster_that_nobody_looked_at_for_90_days_raises_the_alarm(world: World) -> None:
    later = timezone.now() + timedelta(days=91)
    assert community_queries.rosters_to_look_at() == []
    with time_machine.travel(later):
        assert "is everybody still there?" in world.ada.client().get("/team/of/berlin/").text
        assert "Teams that nobody looks after" in world.gita.client().get("/team/").text
        assert "Teams that nobody looks after" not in world.ada.client().get("/team/").text
        community_tasks.look_at_rosters()
        told = set(Pace.objects.values_list("user_id", flat=True))
        assert told == {p.user.pk for p in (world.ada, world.lara, world.gita, world.gus)}

        world.ada.client().post("/team/of/berlin/members/", {"everybody": "1"})
        assert world.berlin not in community_queries.rosters_to_look_at()
        assert "roster.confirmed" in audit.trail(f"team:{world.berlin.pk}")


@pytest.mark.requirement("R18")
def test_a_team_without_anybody_who_can_read_raises_the_alarm(world: World) -> None:
    world.lagos.members.update(is_active=False)

    assert community_queries.rosters_to_look_at() == [world.lagos]
    assert "Lagos" in world.gus.client().get("/team/").text
