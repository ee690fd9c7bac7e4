"""Reports and cases that belong together, and taking them apart again."""

import pytest
from django.utils import timezone

from heard.cases import queries
from heard.cases.actions import clocks, hearing, joining, meeting, people
from heard.cases.models import Case, Duty
from heard.reports.actions import standing
from heard.reports.models import Report
from heard.vault import safes
from heard.vault.keyring import NoGrant
from heard.vault.models import Exclusion, Grant
from tests.cases.test_cases import hold, open_case, reported
from tests.conftest import World, report_to
from tests.reports.test_handling import acknowledge


def two_cases(world: World) -> tuple[Case, Case]:
    """One that Cleo may not know, and one that she may."""
    return open_case(world, told={"out": [world.cleo]}), open_case(world, told={"who": "A tall man"}, by=world.ada)


def test_reports_of_one_case_are_linked_and_split_off_again(world: World) -> None:
    case = open_case(world, told={"out": [world.cleo]})
    second = report_to(world.berlin, "the same evening")
    acknowledge(second, world.ada)
    client = world.ada.client()
    assert world.cleo.client().get(second.get_absolute_url()).status_code == 200

    client.post(f"/team/cases/{case.pk}/link/", {"report": str(second.pk)})

    assert [r.pk for r in queries.reports_of(case)][-1] == second.pk
    # Kept out of one is kept out of all.
    assert world.cleo.client().get(second.get_absolute_url()).status_code == 404
    client.post(f"/team/cases/{case.pk}/split/", {"report": str(second.pk)})
    assert len(queries.reports_of(case)) == 1
    client.post(f"/team/cases/{case.pk}/split/", {"report": str(queries.reports_of(case)[0].pk)})
    assert len(queries.reports_of(case)) == 1


@pytest.mark.requirement("R10", "R51")
def test_two_cases_become_one_and_are_taken_apart_again(world: World) -> None:
    case, other = two_cases(world)
    client = world.bo.client()

    client.post(f"/team/cases/{case.pk}/merge/", {"case": str(other.pk)})

    other.refresh_from_db()
    assert (other.state, other.merged_into) == (Case.State.MERGED, case)
    assert len(queries.reports_of(case)) == 2 and not queries.reports_of(other)
    assert [party.name for party in queries.parties(case, world.bo.keyring)] == ["A tall man"]
    assert world.cleo.client().get(other.get_absolute_url()).status_code == 404
    assert other.code_name in client.get(case.get_absolute_url()).content.decode()
    page = client.get(other.get_absolute_url()).content.decode()
    assert "part of another case" in page and case.code_name in page

    client.post(f"/team/cases/{case.pk}/unmerge/", {"case": str(other.pk)})

    other.refresh_from_db()
    assert (other.state, other.merged_into) == (Case.State.OPEN, None)
    assert len(queries.reports_of(case)) == len(queries.reports_of(other)) == 1
    assert not queries.parties(case, world.bo.keyring)
    # Nobody gets back in by taking them apart.
    assert world.cleo.client().get(other.get_absolute_url()).status_code == 404


def test_a_case_that_is_part_of_another_stands_still(world: World) -> None:
    case, other = two_cases(world)
    joining.merge(case, other, world.bo.keyring, by=world.bo.user)
    Duty.objects.filter(case=other).update(due_at=timezone.now())

    clocks.go_round()

    assert not Duty.objects.filter(case=other).exclude(nudged_at=None).exists()
    assert {todo.row.case_id for todo in queries.board(world.bo.user, world.bo.keyring, 100)} == {case.pk}
    with pytest.raises(joining.WrongState):
        people.add(other, world.bo.keyring, by=world.bo.user, role="witness", facts={"name": "Mia"})
    with pytest.raises(joining.WrongState):
        joining.merge(other, case, world.bo.keyring, by=world.bo.user)


@pytest.mark.requirement("R53")
def test_what_is_said_with_a_code_of_the_old_case_arrives_in_the_new_one(world: World) -> None:
    case, other = two_cases(world)
    code = hearing.make_code(other, reported(other, world.bo), world.bo.keyring, by=world.bo.user, words="Hello")
    joining.merge(case, other, world.bo.keyring, by=world.bo.user)

    found = queries.guest(code)
    assert found
    hearing.give_side(found[0], "I was not there")

    assert hearing.adopt(case, world.bo.keyring, by=world.bo.user) == 1
    assert "I was not there" in [line.body for line in queries.timeline(case, world.bo.keyring)]
    assert queries.is_heard(case)


@pytest.mark.requirement("R51")
def test_who_is_taken_out_later_is_out_of_both_and_both_get_a_new_key(world: World) -> None:
    case, other = two_cases(world)
    joining.merge(case, other, world.bo.keyring, by=world.bo.user)
    before = {safe: world.bo.keyring.key_of(safe) for safe in safes.with_joined(case.safe_id)}
    report = Report.objects.filter(case_safe=case.safe_id).first()
    assert report and len(before) == 2

    standing.take_out(report, world.bo.keyring, user_id=world.ada.user.pk, by=world.bo.user)

    for safe, old in before.items():
        assert Exclusion.objects.filter(safe=safe, user=world.ada.user).exists()
        with pytest.raises(NoGrant):
            world.ada.keyring.key_of(safe)
        held = Grant.objects.filter(safe=safe, holder_kind="user").values_list("holder", flat=True)
        assert str(world.ada.user.pk) not in held
        # Bo alone is left, so the global team has it now, with everything in it.
        assert world.gita.keyring.key_of(safe).version > old.version
    other.refresh_from_db()
    assert other.team == world.worldwide


@pytest.mark.requirement("R51")
def test_two_cases_move_up_together_where_too_few_meet(world: World) -> None:
    case, other = two_cases(world)
    joining.merge(case, other, world.bo.keyring, by=world.bo.user)

    with pytest.raises(meeting.TooFew):
        hold(case, world.bo, world.bo)

    for safe in safes.with_joined(case.safe_id):
        assert world.gita.keyring.key_of(safe)
    joining.unmerge(Case.objects.get(pk=other.pk), world.gita.keyring, by=world.gita.user)
    assert Case.objects.get(pk=other.pk).team == world.worldwide


def test_only_what_runs_here_is_merged(world: World) -> None:
    case, other = two_cases(world)
    Case.objects.filter(pk=other.pk).update(state=Case.State.CLOSED)
    page = world.bo.client().post(f"/team/cases/{case.pk}/merge/", {"case": str(other.pk)})
    assert page.status_code == 404
    page = world.lara.client().post(f"/team/cases/{case.pk}/merge/", {"case": str(case.pk)})
    assert page.status_code == 404
    with pytest.raises(joining.WrongState):
        joining.merge(case, case, world.bo.keyring, by=world.bo.user)
