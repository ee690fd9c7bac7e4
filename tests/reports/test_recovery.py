"""Recovery cards: k of n people who kept a piece of paper are the last way in."""

import base64
import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from heard.accounts import actions as accounts
from heard.accounts import factors
from heard.audit import chain as audit
from heard.community import actions as community
from heard.community import queries
from heard.community.models import Member, Team
from heard.outbox.models import Letter
from heard.reports.actions import handling, newcomers, recovery, standing
from heard.vault import recovery as vault
from heard.vault.models import Grant, RecoveryCard, RecoveryKey
from heard.vault.recovery import WrongCards
from tests.conftest import PASSWORD, SECRET, Person, World, fresh_code, join, letter_key, report_to
from tests.reports.test_handling import acknowledge

pytestmark = pytest.mark.requirement("R18", "R68")


def make_cards(team: Team, *people: Person, needed: int = 2, others: int = 0) -> list[str]:
    """Make and confirm cards; return their words."""
    holders: list[Any] = [(p.member.shown_name, p.user.pk) for p in people]
    holders += [(f"Friend {n}", None) for n in range(others)]
    cards = community.make_cards(team, holders, needed, by=people[0].user)
    assert community.confirm_cards(team, by=people[0].user, key=queries.recovery_state(team).waiting_key)
    return [" ".join(card.words) for card in cards]


def recovery_grants(report: Any) -> set[str]:
    held = Grant.objects.filter(safe_id=report.safe_id, holder_kind=Grant.HolderKind.RECOVERY)
    owners = {str(key.pk): key.owner for key in RecoveryKey.objects.all()}
    return {Team.objects.get(pk=owners[grant.holder]).slug for grant in held}


def lose_everything(person: Person) -> Client:
    """Begin anew, as somebody who lost password and code does, and sign in."""
    accounts.begin_anew(person.user, password=PASSWORD)
    person.user.refresh_from_db()
    factors.adopt(person.user, factors.new_secret(person.user)[0])
    client = Client()
    client.post("/account/sign-in/", {"login": person.user.email, "password": PASSWORD})
    client.post("/account/second/", {"code": fresh_code(person.user)})
    return client


def test_two_of_three_cards_open_everything_again_and_everybody_is_told(world: World) -> None:
    words = make_cards(world.berlin, world.ada, world.bo, others=1)
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    handling.note(report, world.bo.keyring, by=world.bo.user, text="note", key=letter_key())
    client = lose_everything(world.bo)
    for other in (world.ada, world.cleo):
        lose_everything(other)
    page = reverse("reports:report", args=[report.pk])
    shut = client.get(page)
    assert shut.status_code == 409 and "Your key is new" in shut.text and SECRET not in shut.text
    Letter.objects.all().delete()

    answer = client.post(reverse("reports:use_cards", args=["berlin"]), {"card1": words[2], "card2": words[0].upper()})

    assert answer.status_code == 302
    assert SECRET in client.get(page).text
    assert next(e.what for e in audit.entries(f"team:{world.berlin.pk}")) == "recovery.used"
    assert "recovery.opened" in {e.what for e in audit.entries(f"safe:{report.safe_id}")}
    assert Letter.objects.filter(kind=Letter.Kind.NUDGE).count() == 5
    assert "came back in" in client.get(reverse("reports:use_cards", args=["berlin"])).text


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda w, o: [w[0]], "1 of the cards; 2 are needed"),
        (lambda w, o: [w[0], w[0]], "the same as card 1"),
        (lambda w, o: [w[0], o[1]], "Card 2 is not one of these cards"),
        (lambda w, o: [w[0], w[1] + " zero"], "Card 2 has 34 words; there should be 33"),
        (lambda w, o: [w[0], w[1].rsplit(" ", 1)[0] + " acadmic"], "word 33, “acadmic”, is not one of the list. Is it “academic”?"),
        (lambda w, o: [w[0], swapped(w[1])], "two are swapped"),
    ],
)  # fmt: skip
def test_cards_that_do_not_fit_are_said_in_a_sentence(world: World, spoil: Any, says: str) -> None:
    words = make_cards(world.berlin, world.ada, world.bo, others=1)
    other = make_cards(world.lagos, world.lara, others=2)
    report = report_to(world.berlin)
    Grant.objects.filter(safe_id=report.safe_id, holder_kind=Grant.HolderKind.USER).delete()
    typed = {f"card{n}": text for n, text in enumerate(spoil(words, other), 1)}

    page = world.bo.client().post(reverse("reports:use_cards", args=["berlin"]), typed)

    assert page.status_code == 422 and says in page.text
    assert not Grant.objects.filter(safe_id=report.safe_id, holder_kind=Grant.HolderKind.USER).exists()
    with pytest.raises(CommandError, match=re.escape(says)):
        run_command("berlin", spoil(words, other))


def swapped(text: str) -> str:
    words = text.split()
    words[10], words[11] = words[11], words[10]
    if words[10] == words[11]:
        words[10] = "zero"
    return " ".join(words)


def run_command(team: str, words: list[str], **options: Any) -> str:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO("\n".join(words) + "\n\n"))
        patch.setattr("heard.operating.serving.require_keys", lambda: None)
        call_command("recover", team=team, stdout=out, **options)
    return out.getvalue()


def test_whoever_runs_the_machine_opens_it_to_the_team_and_not_to_themselves(world: World) -> None:
    words = make_cards(world.worldwide, world.gita, world.gus)
    report = report_to(world.berlin)
    client = lose_everything(world.bo)
    lose_everything(world.ada), lose_everything(world.cleo)

    assert "It is open again" in run_command("berlin", words, by_global=True)

    assert SECRET in client.get(reverse("reports:report", args=[report.pk])).text
    use = client.get(reverse("reports:use_cards", args=["berlin"])).text
    assert "whoever runs the machine" in use and "global team" in use


def test_who_is_kept_out_stays_out_when_cards_are_used(world: World) -> None:
    words = make_cards(world.berlin, world.ada, world.bo, others=1)
    report = report_to(world.berlin, out=[world.cleo])
    key = community_key(world.berlin)

    recovery.use(world.berlin, key, words[:2], by=world.ada.user)

    assert str(world.cleo.user.pk) not in holders(report)
    assert SECRET not in world.cleo.client().get(reverse("reports:report", args=[report.pk])).text


def community_key(team: Team) -> RecoveryKey:
    return vault.in_use([team.pk]).get()


def holders(report: Any) -> set[str]:
    return set(Grant.objects.filter(safe_id=report.safe_id).values_list("holder", flat=True))


@pytest.mark.requirement("R51")
def test_where_excluded_people_hold_enough_cards_only_the_global_teams_count(world: World) -> None:
    make_cards(world.berlin, world.ada, world.cleo, others=1)
    make_cards(world.worldwide, world.gita, world.gus)

    one_out = report_to(world.berlin, out=[world.cleo])
    both_out = report_to(world.berlin, out=[world.ada, world.cleo])
    assert recovery_grants(one_out) == {"berlin", "global"}
    assert recovery_grants(both_out) == {"global"}

    standing.recuse(one_out, world.ada.keyring, by=world.ada.user)
    assert recovery_grants(one_out) == {"global"}


def test_older_reports_get_the_key_when_somebody_who_holds_them_comes(world: World) -> None:
    report = report_to(world.berlin)
    acknowledge(report, world.bo)
    handling.note(report, world.bo.keyring, by=world.bo.user, text="note", key=letter_key())
    make_cards(world.berlin, world.ada, world.cleo, needed=2)
    out = report_to(world.berlin, out=[world.ada, world.cleo])
    assert recovery_grants(report) == set()

    world.bo.client().get("/team/")

    assert recovery_grants(report) == {"berlin"}
    report.refresh_from_db()
    assert Grant.objects.filter(safe_id=report.notes_safe_id, holder_kind=Grant.HolderKind.RECOVERY).count() == 1
    assert recovery_grants(out) == set()
    assert recovery.top_up(world.bo.user, world.bo.keyring) == 0


def test_old_cards_count_until_the_new_ones_do(world: World) -> None:
    old = make_cards(world.berlin, world.ada, world.bo)
    report = report_to(world.berlin)
    older = community_key(world.berlin)
    new = make_cards(world.berlin, world.ada, world.cleo)
    for person in (world.ada, world.bo, world.cleo):
        lose_everything(person)
    # Nobody could give the report to the new cards: the old ones still open it.
    assert recovery.use(world.berlin, community_key(world.berlin), new, by=world.ada.user) == 0
    client = world.lara.client()
    assert client.get(reverse("reports:use_cards", args=["berlin"])).status_code == 404
    assert "It is open again" in run_command("berlin", old)
    assert recovery_grants(report) == {"berlin"} and vault.opening([world.berlin.pk]) != []
    assert older.pk in {key.pk for key in vault.opening([world.berlin.pk])}


def test_new_cards_make_the_old_ones_worthless(world: World) -> None:
    old = make_cards(world.berlin, world.ada, world.bo)
    report = report_to(world.berlin)
    make_cards(world.berlin, world.ada, world.cleo)
    recovery.top_up(world.ada.user, world.ada.keyring)

    assert report.safe.__class__.objects.get(pk=report.safe_id).rekey_due
    with pytest.raises(WrongCards):
        recovery.use(world.berlin, community_key(world.berlin), old, by=world.ada.user)
    vault.forget_useless()
    assert len(vault.opening([world.berlin.pk])) == 1
    assert recovery_grants(report) == {"berlin"}


def test_of_two_sets_made_at_once_only_the_one_that_was_handed_out_is_confirmed(world: World) -> None:
    community.make_cards(world.berlin, [("Ada", None), ("Bo", None)], 2, by=world.ada.user)
    mine = queries.recovery_state(world.berlin).waiting_key
    community.make_cards(world.berlin, [("Ada", None), ("Bo", None)], 2, by=world.ada.user)
    page = reverse("reports:confirm_cards", args=["berlin"])
    for key in (str(mine), "", "zz"):
        assert "other cards meanwhile" in world.ada.client().post(page, {"key": key}, follow=True).text
    assert not vault.in_use([world.berlin.pk]).exists()


@pytest.mark.requirement("R51")
def test_cards_that_somebody_made_do_not_open_what_they_are_kept_out_of(world: World) -> None:
    cards = community.make_cards(world.berlin, [("Bo", world.bo.user.pk), ("Lawyer", None)], 2, by=world.ada.user)
    community.confirm_cards(world.berlin, by=world.ada.user, key=queries.recovery_state(world.berlin).waiting_key)
    report = report_to(world.berlin, out=[world.ada])
    world.cleo.client().get("/team/")
    assert recovery_grants(report) == set()
    other = report_to(world.berlin)
    assert recovery_grants(other) == {"berlin"}
    zed = join(world.berlin, "Zed")
    newcomers.declare(zed.user, [])
    recovery.use(world.berlin, community_key(world.berlin), [" ".join(c.words) for c in cards], by=zed.user)
    assert str(zed.user.pk) not in holders(report) | holders(other)


def test_what_is_told_about_a_use_does_not_tell_how_many_reports_there_are(world: World) -> None:
    words = make_cards(world.berlin, world.ada, world.bo, others=1)
    report_to(world.berlin, out=[world.ada])
    client = world.ada.client()
    page = client.post(
        reverse("reports:use_cards", args=["berlin"]), {"card1": words[0], "card2": words[2]}, follow=True
    ).text
    assert "It is open again" in page
    assert "opened" not in client.get(reverse("reports:cards", args=["berlin"])).text


def test_a_new_key_of_the_safe_keeps_the_way_in(world: World) -> None:
    words = make_cards(world.berlin, world.ada, world.bo, others=1)
    report = report_to(world.berlin)
    standing.recuse(report, world.cleo.keyring, by=world.cleo.user)
    report.safe.refresh_from_db()
    assert report.safe.version == 2
    Grant.objects.filter(safe_id=report.safe_id, holder_kind=Grant.HolderKind.USER).delete()

    assert recovery.use(world.berlin, community_key(world.berlin), words[1:], by=world.ada.user) == 1


def test_the_ceremony(world: World) -> None:
    client = world.ada.client()
    page = reverse("reports:cards", args=["berlin"])
    assert "There are none" in client.get(page).text
    assert "Recovery cards, all with people" in client.get(reverse("community:overview", args=["berlin"])).text
    people = [str(world.ada.member.pk), str(world.bo.member.pk)]
    for wrong, says in (
        ({"needed": "2"}, "has to keep a card"),
        ({"members": people, "needed": "3"}, "fewer cards"),
        ({"members": people, "needed": "1"}, "at least two"),
        ({"others": "\n".join("x" * 17), "needed": "2"}, "at most 16"),
    ):
        answer = client.post(page, wrong)
        assert answer.status_code == 422 and says in answer.text

    made = client.post(page, {"members": people, "others": "Aunt Ines\n", "needed": "2"}).text

    assert made.count("<li><code>") == 3 * 33
    pdf = base64.b64decode(re.search(r"base64,([^\"]+)", made)[1])  # type: ignore[index]
    assert pdf.startswith(b"%PDF") and b"/Type/Pages/Count 3/" in pdf
    waiting = client.get(page).text
    assert "Has everybody got their card?" in waiting and "Aunt Ines" in waiting
    report = report_to(world.berlin)
    assert recovery_grants(report) == set()

    client.post(
        reverse("reports:confirm_cards", args=["berlin"]), {"key": queries.recovery_state(world.berlin).waiting_key}
    )

    assert recovery_grants(report) == {"berlin"}
    assert "2 of 3 open" in client.get(page).text
    community.change_member(world.bo.member, role=Member.Role.MEMBER, is_active=False, by=world.ada.user)
    assert "Make new ones" in client.get(page).text
    words = {card.holder_name for card in RecoveryCard.objects.all()}
    assert words == {"Ada", "Bo", "Aunt Ines"}


def test_a_single_person_is_told_what_one_of_one_means(world: World) -> None:
    for other in (world.bo, world.cleo):
        community.change_member(other.member, role=Member.Role.MEMBER, is_active=False, by=world.ada.user)
    client = world.ada.client()

    assert "You are one person" in client.get(reverse("reports:cards", args=["berlin"])).text


def test_a_stranger_cannot_use_cards_and_a_team_without_any_says_so(world: World) -> None:
    path = reverse("reports:use_cards", args=["berlin"])
    assert world.lara.client().get(path).status_code == 404
    assert "No cards were ever made" in world.gita.client().get(path).text
