"""Who receives a report."""

import time
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from heard.matching import Person, Written
from heard.reports import queries, rules
from heard.reports.actions.submit import NobodyLeft
from heard.reports.models import Report
from heard.vault.models import Exclusion
from tests.conftest import SECRET, World, report_to

people = [uuid.UUID(int=n) for n in range(1, 9)]
some = st.sets(st.sampled_from(people))


@given(chapter=some, worldwide=some, out=some, about=st.booleans())
@pytest.mark.requirement("R17", "R19")
def test_nobody_who_is_out_ever_reads_and_the_chapter_never_where_it_is_about_them(
    chapter: set, worldwide: set, out: set, about: bool
) -> None:
    route = rules.route(chapter=chapter, worldwide=worldwide, members=chapter, out=out, about_organiser=about)

    assert not route.readers & out
    assert bool(route.readers) == (route.goes is not rules.Goes.NOBODY)
    if about:
        assert not route.readers & chapter
    if not about and len(chapter - out) >= 2:
        assert route.readers == chapter - out
    if not about and (chapter | worldwide) - out:
        assert route.goes is not rules.Goes.NOBODY


def readers_of(report: Report) -> set[str]:
    return {member.shown_name for member in queries.handlers(report)}


def test_a_report_reaches_the_chapter(world: World) -> None:
    report = report_to(world.berlin)

    assert readers_of(report) == {"Ada", "Bo", "Cleo"}
    assert queries.answers(report, world.bo.keyring, "en")[0].value == SECRET


@pytest.mark.requirement("R19", "R51")
def test_who_is_excluded_never_learns_of_it(world: World) -> None:
    report = report_to(world.berlin, out=[world.cleo])

    assert readers_of(report) == {"Ada", "Bo"}
    assert not queries.reports_for(world.cleo.user).exists()


@pytest.mark.requirement("R19")
def test_fewer_than_two_left_the_global_team_takes_over(world: World) -> None:
    report = report_to(world.berlin, out=[world.cleo, world.bo])

    assert report.team == world.worldwide
    assert readers_of(report) == {"Gita", "Gus"}
    assert not queries.reports_for(world.ada.user).exists()


@pytest.mark.requirement("R19")
def test_nobody_left_is_said_and_nothing_is_stored(world: World) -> None:
    with pytest.raises(NobodyLeft):
        report_to(world.berlin, out=[world.ada, world.bo, world.cleo, world.gita, world.gus])

    assert not Report.objects.exists()


@pytest.mark.requirement("R17")
def test_about_an_organiser_it_goes_around_the_chapter_wholly(world: World) -> None:
    from heard.community import actions

    actions.add_member(world.worldwide, world.bo.user, shown_name="Bo", role="member")

    report = report_to(world.berlin, about_organiser=True)

    assert readers_of(report) == {"Gita", "Gus"}
    for person in (world.ada, world.bo, world.cleo):
        assert not queries.reports_for(person.user).exists()


@pytest.mark.requirement("R51")
@pytest.mark.parametrize(
    "answers",
    [
        {"who": "cleo"},
        {"who": "Somebody called Cléo MARCHETTI, I think"},
        {"others": "Marchetti saw it"},
        {"what_happened": "It was cleo+x@team.example who wrote"},
        {"what_happened": "messages from @cleo_h all night"},
        {"what_happened": "Then cleo marchetti laughed."},
        {"what_happened": "Marchetti followed me. I am afraid."},
        {"what_happened": "see https://chat.example/cleo_h"},
    ],
)
def test_somebody_who_is_named_in_it_is_set_aside(world: World, answers: dict) -> None:
    report = report_to(world.berlin, answers.pop("what_happened", "something"), **answers)

    assert readers_of(report) == {"Ada", "Bo"}
    assert Exclusion.objects.get(safe_id=report.safe_id).kind == "match"


def test_a_witness_named_in_passing_by_first_name_is_not_set_aside(world: World) -> None:
    assert "Cleo" in readers_of(report_to(world.berlin, "I told cleo about it at the door."))


@given(st.text(max_size=300), st.text(max_size=300))
@settings(deadline=None)
def test_looking_for_names_never_fails(people: str, story: str) -> None:
    person = Person(["Ada Winterbottom", ""], ["ada@x.example", ""], ["@ada", "@", ""])

    assert Written(people=people, story=story).who([person]) in (set(), {0})


@pytest.mark.parametrize("piece", ["x", "\ufdfa", "@", "a@", "@a", " A", "\u0301"])
def test_a_long_text_is_read_once_in_linear_time(piece: str) -> None:
    short, long = (timed(Written, people="", story=piece * n) for n in (20_000, 200_000))

    assert long < 60 * max(short, 0.002)


def timed(call: Callable[..., object], **arguments: str) -> float:
    began = time.process_time()
    call(**arguments)
    return time.process_time() - began


def test_a_chapter_of_one_without_global_team_still_receives(world: World) -> None:
    from heard.community.models import Member

    Member.objects.filter(team=world.worldwide).update(is_active=False)
    Member.objects.filter(pk__in=[world.bo.member.pk, world.cleo.member.pk]).update(is_active=False)

    assert readers_of(report_to(world.berlin)) == {"Ada"}


@pytest.mark.requirement("R19")
def test_a_page_where_nobody_could_read_says_so_before_anything_is_typed(world: World, client: Client) -> None:
    from heard.community.models import Member

    Member.objects.update(is_active=False)
    page = client.get("/r/berlin/")

    assert page.status_code == 503
    assert "Outside Berlin, 556" in page.text
    assert "<textarea" not in page.text


@pytest.mark.requirement("R51")
def test_a_match_is_lifted_by_a_colleague_and_never_by_oneself(world: World) -> None:
    from heard.reports.actions import handling

    report = report_to(world.berlin, who="cleo")
    with pytest.raises(handling.NotHere):
        handling.judge_match(report, world.cleo.keyring, by=world.cleo.user, member=world.cleo.member, is_party=False)

    handling.judge_match(report, world.bo.keyring, by=world.bo.user, member=world.cleo.member, is_party=False)

    assert readers_of(report) == {"Ada", "Bo", "Cleo"}
    assert world.cleo.keyring.reveal(report, "answers")["who"] == "cleo"


@pytest.mark.requirement("R51")
def test_a_confirmed_match_stays_out(world: World) -> None:
    from heard.reports.actions import handling

    report = report_to(world.berlin, who="cleo")
    handling.judge_match(report, world.bo.keyring, by=world.bo.user, member=world.cleo.member, is_party=True)

    assert not queries.reports_for(world.cleo.user).exists()
    with pytest.raises(handling.NotHere):
        handling.judge_match(report, world.bo.keyring, by=world.bo.user, member=world.cleo.member, is_party=False)
