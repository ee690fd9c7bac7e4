"""Leaving a team, roles that read nothing, handing over, and what one member could read."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from heard.accounts import actions as accounts
from heard.accounts import factors
from heard.community import actions as community
from heard.community import queries
from heard.community.models import Handover, Member, Shift
from heard.guidance import default_policy
from heard.outbox.models import Letter
from heard.reports import access
from heard.reports.actions import alarms, leaving, newcomers, standing
from heard.reports.models import Alarm, Report
from heard.vault import crypto, safes
from heard.vault.keyring import NoGrant
from heard.vault.models import Exclusion, Safe
from heard.vault.signing import HouseSigner
from tests.conftest import PASSWORD, SECRET, Person, World, join, report_to
from tests.reports.test_handling import acknowledge

HANDOVER = "/team/of/berlin/handover/"


def reads(person: Person, report: Report) -> bool:
    try:
        person.keyring.key_of(report.safe_id)
    except NoGrant:
        return False
    return True


@pytest.mark.requirement("R67")
@pytest.mark.parametrize("change", [{"role": "member", "is_active": False}, {"role": "desk", "is_active": True}])
def test_who_reads_no_reports_any_more_gives_up_the_keys(world: World, change: dict) -> None:
    report = report_to(world.berlin)
    client = world.bo.client()
    old = world.bo.keyring.key_of(report.safe_id)

    community.change_member(world.bo.member, by=world.ada.user, **change)

    assert not reads(world.bo, report)
    assert client.get(reverse("reports:report", args=[report.pk])).status_code == 404
    assert report.code_name not in client.get("/team/reports/").text
    assert Safe.objects.get(pk=report.safe_id).rekey_due
    world.cleo.client().get("/team/")
    report.refresh_from_db()
    assert Safe.objects.get(pk=report.safe_id).version == 2
    with pytest.raises(crypto.CannotOpen):
        old.reveal(report, "answers")


@pytest.mark.requirement("R67")
@pytest.mark.parametrize("role", ["desk", "host"])
def test_a_role_gives_no_content(world: World, role: str) -> None:
    dora = join(world.berlin, "Dora", role)
    report = report_to(world.berlin)

    assert not reads(dora, report)
    page = dora.client().get("/team/")
    assert page.status_code == 200 and report.code_name not in page.text
    assert dora.client().get(reverse("reports:report", args=[report.pk])).status_code == 404
    assert dora.user.pk not in {m.user_id for m in queries.readers(world.berlin)}


def test_who_comes_back_is_new(world: World) -> None:
    report = report_to(world.berlin)
    Member.objects.update(declared_at=timezone.now())
    bo = Member.objects.get(pk=world.bo.member.pk)
    community.change_member(bo, role="member", is_active=False, by=world.ada.user)
    community.change_member(bo, role="member", is_active=True, by=world.ada.user)

    assert not reads(world.bo, report)
    assert bo not in access.could_let_in(report)
    newcomers.declare(world.bo.user, [])
    assert bo in access.could_let_in(report)


@pytest.mark.requirement("R18", "R51")
def test_a_safe_that_waits_a_day_for_its_key_is_called_for(world: World) -> None:
    report = report_to(world.berlin)
    safes.exclude(report.safe_id, world.cleo.user.pk, Exclusion.Kind.EXCLUDED)
    Letter.objects.all().delete()
    leaving.call_for_keys()
    assert not Letter.objects.exists()
    Safe.objects.filter(pk=report.safe_id).update(rekey_due=timezone.now() - timedelta(hours=25))

    leaving.call_for_keys()

    nudged = {key.split(":")[1] for key in Letter.objects.values_list("key", flat=True)}
    assert nudged == {str(p.user.pk) for p in (world.ada, world.bo, world.gita)}


@pytest.mark.requirement("R67")
def test_a_whole_committee_is_replaced_in_one_sitting(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    apart = report_to(world.berlin, "nothing for Nia", out=[world.ada])
    later = timezone.now() + timedelta(days=3)
    community.add_shift(
        world.berlin, by=None, member=world.bo.member, event=None, starts_at=later, ends_at=later + timedelta(hours=4)
    )
    nia, omar = join(world.berlin, "Nia"), join(world.berlin, "Omar")
    ada = world.ada.client()
    old = [world.ada.member, world.bo.member, world.cleo.member]
    body = {"leavers": [m.pk for m in old], "leads": [nia.member.pk], "heir": nia.member.pk}
    assert "Not done yet:" in ada.get(HANDOVER).text
    assert "Not everybody who stays" in ada.post(HANDOVER, body).text
    newcomers.declare(nia.user, [])
    newcomers.declare(omar.user, [report.pk])

    page = ada.post(HANDOVER, body)

    assert page.status_code == 200 and "It is done" in page.text
    assert reads(nia, report) and not reads(omar, report)
    assert not any(reads(p, report) for p in (world.ada, world.bo, world.cleo))
    report.refresh_from_db()
    assert report.contact_id == nia.user.pk
    assert Safe.objects.get(pk=report.safe_id).version == 2
    assert SECRET in nia.client().get(reverse("reports:report", args=[report.pk])).text
    assert Member.objects.get(pk=nia.member.pk).role == "lead"
    assert Shift.objects.get().member == nia.member
    # What Ada could not read herself stays with its last reader, and is nobody's loss.
    assert reads(world.cleo, apart) or reads(world.bo, apart)
    done = Handover.objects.get()
    record = json.loads(done.record)
    assert record["left"] == ["Ada", "Bo", "Cleo"] and record["lead"] == ["Nia"]
    assert HouseSigner().signed(done.record.encode(), done.key, done.signature)
    assert report.code_name not in done.record
    assert ada.get(HANDOVER).status_code == 404
    assert "Handover" in nia.client().get(f"{HANDOVER}{done.pk}/").text


def test_somebody_has_to_stay(world: World) -> None:
    Member.objects.update(declared_at=timezone.now())
    ada = world.ada.client()
    everybody = [world.ada.member.pk, world.bo.member.pk, world.cleo.member.pk]
    for body in (
        {"leavers": everybody, "heir": everybody[1]},
        {"leavers": everybody[:1], "heir": everybody[1]},
        {"leavers": everybody[:2], "leads": everybody[:1], "heir": everybody[2]},
    ):
        answer = ada.post(HANDOVER, body)
        assert answer.status_code == 422 and "Somebody has to stay" in answer.text
    assert not Handover.objects.exists()
    assert ada.post(HANDOVER, {"heir": everybody[1]}).status_code == 422


@pytest.mark.requirement("R68")
def test_the_page_about_a_member_shows_only_what_its_reader_may_know(world: World) -> None:
    report = report_to(world.berlin)
    world.bo.client().get(reverse("reports:report", args=[report.pk]))
    hidden = report_to(world.berlin, out=[world.ada])
    world.bo.client().get(reverse("reports:report", args=[hidden.pk]))
    out = report_to(world.berlin, out=[world.bo])

    page = world.ada.client().get(f"/team/of/berlin/members/{world.bo.member.pk}/access/").text

    assert report.code_name in page and "read it" in page
    assert out.code_name in page and "the reporter took them out" in page
    assert hidden.code_name not in page


@pytest.mark.requirement("R51")
def test_a_report_about_a_colleague_at_work_does_not_reach_a_member(world: World) -> None:
    me = world.bo.client()
    me.post("/team/me/", {"employer": "Pyramid Analytics"})
    assert 'value="Pyramid Analytics"' in me.get("/team/me/").text

    named = report_to(world.berlin, who="A tall man from Pyramid Analytics, with a red badge")
    told = report_to(world.berlin, "We stood beside the stand of Pyramid Analytics")

    assert not reads(world.bo, named) and reads(world.ada, named)
    assert Exclusion.objects.get(safe_id=named.safe_id).kind == Exclusion.Kind.MATCH
    assert reads(world.bo, told)
    assert "Bo Lindqvist" in queries.known_as(world.bo.user).names
    me.post("/team/me/", {"employer": ""})
    assert queries.employer_of(world.bo.user) == ""


def test_where_somebody_is_signed_in_and_ending_one_of_it(world: World) -> None:
    phone, laptop = world.bo.client(), world.bo.client()
    page = laptop.get("/team/me/").text
    assert page.count("last active") == 2 and "127.0.0.1" not in page
    number = page.split('name="session" value="')[1].split('"')[0]
    ada = world.ada.client()
    ada.post("/account/elsewhere/one/", {"session": number})
    assert phone.get("/team/").status_code == 200

    laptop.post("/account/elsewhere/one/", {"session": number})

    assert phone.get("/team/").status_code == 302
    assert laptop.get("/team/me/").text.count("last active") == 1


@pytest.mark.requirement("R18")
def test_the_last_key_that_works_is_never_taken_away(world: World) -> None:
    report = report_to(world.berlin)
    for person in (world.bo, world.cleo):
        accounts.begin_anew(person.user, password=PASSWORD)
    community.change_member(world.bo.member, role="lead", is_active=True, by=world.ada.user)
    community.change_member(world.ada.member, role="desk", is_active=True, by=world.bo.user)

    assert reads(world.ada, report)
    alarms.look_for_orphans()
    assert Alarm.objects.filter(report=report, settled_at=None, level=2).exists()


@pytest.mark.requirement("R51")
def test_a_new_key_of_a_safe_trusts_no_key_that_nobody_compared(world: World) -> None:
    eli = join(world.berlin, "Eli")
    report = report_to(world.berlin)
    accounts.begin_anew(world.bo.user, password=PASSWORD)

    standing.recuse(report, world.cleo.keyring, by=world.cleo.user)

    assert Safe.objects.get(pk=report.safe_id).version == 2
    assert safes.able(report.safe_id) == {world.ada.user.pk, eli.user.pk}
    assert safes.stale_for(world.bo.user.pk) == [report.safe_id]


def test_a_role_that_reads_nothing_declares_nothing(world: World) -> None:
    dora = join(world.berlin, "Dora", "desk")
    report_to(world.berlin)
    dora.client().post("/team/before/", {})
    member = Member.objects.get(pk=dora.member.pk)
    assert member.declared_at is None
    community.change_member(member, role="member", is_active=True, by=world.ada.user)
    assert queries.is_new(dora.user) and member.reads_since > member.joined_at


@pytest.mark.requirement("R51")
def test_what_somebody_saw_reaches_those_who_take_over(world: World) -> None:
    report = report_to(world.berlin, out=[world.cleo])
    world.bo.client().post(f"/team/reports/{report.pk}/stand-aside/", {"statement": "I saw it", "key": "k1"})
    report.refresh_from_db()
    assert report.team == world.worldwide
    assert "I saw it" in world.gita.client().get(report.get_absolute_url()).text


def test_a_lead_whose_own_key_is_new_hands_over_what_they_can(world: World) -> None:
    report_to(world.berlin)
    Member.objects.update(declared_at=timezone.now())
    accounts.begin_anew(world.ada.user, password=PASSWORD)
    world.ada.user.refresh_from_db()
    factors.adopt(world.ada.user, factors.new_secret(world.ada.user)[0])
    body = {"leavers": [world.cleo.member.pk], "heir": world.bo.member.pk}
    assert "It is done" in world.ada.client().post(HANDOVER, body).text


@pytest.mark.requirement("R51")
def test_the_page_for_handing_over_does_not_tell_that_there_is_a_report(world: World) -> None:
    report_to(world.berlin, out=[world.ada])
    join(world.berlin, "Nia")

    assert "Not done yet" not in world.ada.client().get(HANDOVER).text
    report_to(world.berlin)
    join(world.berlin, "Omar")
    assert "Not done yet" in world.ada.client().get(HANDOVER).text


@pytest.mark.requirement("R68")
def test_newcomers_read_earlier_reports_by_themselves_only_where_the_community_switched_it_on(world: World) -> None:
    report = report_to(world.berlin)
    nia, omar = join(world.berlin, "Nia"), join(world.berlin, "Omar")
    newcomers.declare(nia.user, [])
    world.bo.client().get("/team/")
    assert not reads(nia, report)

    policy = default_policy()
    on = policy.model_copy(update={"switches": policy.switches.model_copy(update={"newcomers_read": True})})
    community.adopt(world.berlin, on, by=world.ada.user)
    world.bo.client().get("/team/")

    assert reads(nia, report), "she declared her conflicts"
    assert not reads(omar, report), "he did not yet"
