"""The lead's pages, as a lead uses them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from heard import guidance
from heard.community import actions, queries, rules
from heard.community.models import Event, Member
from heard.reports.models import Report
from tests.conftest import World
from tests.reports.test_form import send

BASE = "/team/of/berlin/"


@pytest.fixture
def lead(world: World) -> Client:
    return world.ada.client()


@pytest.mark.requirement("R1")
def test_the_card_is_filled_from_the_country_and_completed_by_the_lead(
    world: World, lead: Client, client: Client
) -> None:
    assert [n.number for n in world.berlin.emergency_numbers.order_by("number")] == ["110", "112"]
    assert [n.number for n in world.lagos.emergency_numbers.all()] == ["199"]
    answer = lead.post(BASE + "emergency/", {"kind": "assault", "label": "Night line", "number": "+49 30 555 0116"})
    assert answer.status_code == 302
    text = client.get("/r/berlin/").text
    assert "Night line" in text
    assert "not checked by us yet" in text

    lead.post(BASE + "emergency/", {"checked": "1"})
    assert "not checked by us yet" not in client.get("/r/berlin/").text
    number = world.berlin.emergency_numbers.get(kind="assault")
    lead.post(BASE + "emergency/", {"remove": number.pk})
    assert "Night line" not in client.get("/r/berlin/").text


def test_a_number_that_cannot_be_called_is_refused(world: World, lead: Client) -> None:
    page = lead.post(BASE + "emergency/", {"kind": "assault", "number": "call me <b>"})

    assert page.status_code == 422
    assert "Only digits" in page.text


@pytest.mark.requirement("R1", "R5", "R6", "R18")
def test_what_is_missing_before_the_launch_is_named_until_it_is_there(world: World, lead: Client) -> None:
    page = lead.get(BASE).text
    for words in ("mental-health", "sexual assault", "A human to turn to", "code of conduct"):
        assert words in page
    for kind in ("non_emergency", "mental_health", "assault"):
        lead.post(BASE + "emergency/", {"kind": kind, "number": "030 555"})
    lead.post(BASE + "contacts/", {"name": "Ada", "how": "ada@berlin.example"})
    facts = {"name": "Berlin", "country": "de", "time_zone": "Europe/Berlin", "outside_contact": "X"}
    lead.post(BASE + "chapter/", facts | {"code_of_conduct": "https://code.example"})

    lead.post(BASE + "cards/", {"members": [str(world.ada.member.pk), str(world.bo.member.pk)], "needed": "2"})
    lead.post(BASE + "cards/confirm/", {"key": queries.recovery_state(world.berlin).waiting_key})
    assert "Everything that has to be there is there." in lead.get(BASE).text


@pytest.mark.parametrize("gone", ["kinds", "contacts", "readers", "outside", "code", "cards"])
def test_each_gap_is_noticed(gone: str) -> None:
    whole = {
        "kinds": {"emergency", "non_emergency", "mental_health", "assault"},
        "contacts": 1,
        "readers": 2,
        "outside": True,
        "code": True,
    }
    empty = {"kinds": set(), "contacts": 0, "readers": 1, "outside": False, "code": False, "cards": False}

    assert rules.launch_gaps(**whole) == []
    assert rules.launch_gaps(**(whole | {gone: empty[gone]}))


@pytest.mark.requirement("R5")
def test_the_link_the_poster_and_the_text_to_mail_out(world: World, lead: Client) -> None:
    page = lead.get(BASE + "publish/").text

    assert "/r/berlin/" in page
    assert "/e/conf/" in page
    assert page.count("<svg") == 2
    assert "without an account" in page


def test_an_event_begins_and_ends_in_its_own_time_zone(world: World, lead: Client) -> None:
    facts = {
        "name": "Sprint", "slug": "sprint", "venue": "Lab", "time_zone": "America/Sao_Paulo",
        "starts_at": "2027-03-01T09:00", "ends_at": "2027-03-02T18:00",
    }  # fmt: skip
    assert lead.post(BASE + "events/", facts).status_code == 302
    event = Event.objects.get(slug="sprint")
    assert event.starts_at.isoformat() == "2027-03-01T12:00:00+00:00"
    assert 'value="2027-03-01T09:00"' in lead.get(BASE + "events/sprint/").text
    page = lead.post(BASE + "events/sprint/", facts | {"ends_at": "2027-02-01T18:00"})
    assert "It ends before it begins" in page.text


def test_the_rota_shows_on_the_report_page_while_it_lasts(world: World, lead: Client, client: Client) -> None:
    now = timezone.now().astimezone(world.event.zone)
    times = {
        "starts_at": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}",
    }
    lead.post(BASE + "rota/", {"member": world.bo.member.pk, "event": world.event.pk, **times})

    assert "On duty here now:" in client.get("/e/conf/").text
    assert "On duty here now:" not in client.get("/r/berlin/").text


def test_the_last_lead_stays(world: World, lead: Client) -> None:
    page = lead.post(f"{BASE}members/{world.ada.member.pk}/", {"role": "member", "is_active": "on"})

    assert "at least one lead" in page.text
    assert Member.objects.get(pk=world.ada.member.pk).role == "lead"
    with pytest.raises(actions.LastLead):
        actions.change_member(world.ada.member, role="lead", is_active=False, by=world.ada.user)


def test_each_member_chooses_their_own_name_and_nobody_elses(world: World, lead: Client, client: Client) -> None:
    bo = world.bo.client()
    bo.post("/team/me/", {"member": world.bo.member.pk, "shown_name": "Robin"})
    assert "Robin" in client.get("/r/berlin/").text
    lead.post(f"{BASE}members/{world.bo.member.pk}/", {"role": "member", "is_active": "on", "shown_name": "Ada"})
    lead.post("/team/me/", {"member": world.bo.member.pk, "shown_name": "Evil"})
    assert Member.objects.get(pk=world.bo.member.pk).shown_name == "Robin"
    taken = bo.post("/team/me/", {"member": world.bo.member.pk, "shown_name": "ADA"})
    assert "A colleague is shown by this name" in taken.text


def test_a_lead_adds_how_somebody_may_be_written_without_seeing_it(world: World, lead: Client, client: Client) -> None:
    path = f"{BASE}members/{world.cleo.member.pk}/"
    assert "Marchetti" not in lead.get(path).text
    lead.post(path, {"names": "Klea Former", "emails": "", "handles": ""})
    send(client, who="klea former")

    assert world.cleo.client().get(f"/team/reports/{Report.objects.get().pk}/").status_code == 404


@pytest.mark.requirement("R2", "R81")
def test_a_new_policy_is_a_new_version_and_old_reports_keep_theirs(world: World, lead: Client, client: Client) -> None:
    send(client)
    old = Report.objects.get()
    current = queries.policy(world.berlin).policy
    values = current.clocks.model_dump() | current.retention.model_dump() | {"acknowledge_hours": 12}
    assert lead.post(BASE + "policy/", values).status_code == 302

    assert queries.policy(world.berlin).number == 2
    assert queries.policy(world.berlin).policy.clocks.acknowledge_hours == 12
    old.refresh_from_db()
    assert old.policy_version.policy.clocks.acknowledge_hours == 24
    assert lead.post(BASE + "policy/", values | {"nudge_hours": 0}).status_code == 422


def test_a_question_of_ones_own_is_asked_conditionally_and_answered(world: World, lead: Client, client: Client) -> None:
    lead.post(BASE + "questions/", {"label": "Which track?", "choices": "Data\nWeb", "after": ""})
    lead.post(BASE + "questions/", {"label": "Which room?", "choices": "", "after": "own_1=a2"})
    page = client.get("/r/berlin/").text
    assert "Which track?" in page
    assert 'data-shown-if="own_1=a2"' in page

    send(client, own_1="a2", own_2="Room 5")
    report = Report.objects.get()

    text = world.bo.client().get(f"/team/reports/{report.pk}/").text
    assert "Web" in text
    assert "Room 5" in text
    assert "waits for this one" in lead.post(BASE + "questions/", {"remove": "own_1"}, follow=True).text
    lead.post(BASE + "questions/", {"remove": "own_2"})
    assert "Which room?" not in client.get("/r/berlin/").text
    assert "Room 5" in world.bo.client().get(f"/team/reports/{report.pk}/").text


def test_a_question_asked_twice_or_before_its_time_is_refused() -> None:
    policy = guidance.default_policy()
    twice = guidance.Question(name="who", kind="short", group="own", label="Again")
    early = guidance.Question(
        name="own_1", kind="short", group="own", label="X", shown_if={"question": "own_2", "is": "a"}
    )
    for question in (twice, early):
        with pytest.raises(ValueError, match=r"twice|come before"):
            guidance.questions(policy.model_copy(update={"questions": [question]}), "en")


def test_how_i_may_be_written_is_sealed_and_used(world: World, client: Client) -> None:
    cleo = world.cleo.client()
    cleo.post("/team/me/", {"names": "Klea M.", "emails": "c@home.example", "handles": "@kleopatra"})
    cleo.post("/team/me/", {"names": "", "emails": "", "handles": ""})
    assert "@kleopatra" in cleo.get("/team/me/").text
    assert "Cleo Marchetti" in cleo.get("/team/me/").text
    send(client, what_happened="it was @kleopatra again")

    assert cleo.get(f"/team/reports/{Report.objects.get().pk}/").status_code == 404
