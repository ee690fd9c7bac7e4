"""Standing aside, leaving somebody out, and the new key that makes it true."""

import pytest
from django.test import Client

from heard.audit import chain as audit
from heard.community import actions as community
from heard.reports import queries
from heard.reports.actions import handling, standing
from heard.reports.actions.handling import NotHere
from heard.reports.models import Attachment, Message, Report
from heard.vault import crypto, files, receipts, rekey, safes
from heard.vault.keyring import NoGrant, SafeKey
from heard.vault.models import Exclusion, Grant, Safe, SealedRow
from tests.conftest import SECRET, Person, World, letter_key, report_to
from tests.reports.test_handling import acknowledge
from tests.vault.test_files import keep

pytestmark = pytest.mark.requirement("R51")


def handled(world: World, **more: object) -> tuple[Report, receipts.FormToken]:
    """A report that Ada, Bo and Cleo handle, with a file, a letter and a note."""
    token = receipts.new_form()
    report = report_to(world.berlin, token=token, attached=[keep(b"picture", "proof.png")], **more)
    acknowledge(report, world.ada)
    report.refresh_from_db()
    handling.note(report, world.ada.keyring, by=world.ada.user, text="note-" + SECRET, key=letter_key())
    report.refresh_from_db()
    return report, token


def old_keys(report: Report, person: Person) -> list[SafeKey]:
    """What somebody who is about to be out could have kept."""
    return [person.keyring.key_of(safe_id) for safe_id in (report.safe_id, report.notes_safe_id)]  # type: ignore[list-item]


def sealed_rows(report: Report) -> list[SealedRow]:
    return [report, *report.messages.all(), *report.attachments.all()]


def columns_of(row: SealedRow) -> str:
    return {Report: "answers", Message: "body", Attachment: "file_key"}[type(row)]  # type: ignore[index]


def test_whoever_stands_aside_is_out_at_once_and_wholly(world: World) -> None:
    report, _ = handled(world)
    client = world.cleo.client()
    kept = old_keys(report, world.cleo)

    page = client.post(f"/team/reports/{report.pk}/stand-aside/", follow=True)

    assert "does not exist any more" in page.text
    report = Report.objects.get(pk=report.pk)
    assert client.get(f"/team/reports/{report.pk}/").status_code == 404
    assert report.code_name not in client.get("/team/reports/").text + client.get("/team/").text
    assert not queries.search(world.cleo.user, world.cleo.keyring, SECRET)
    with pytest.raises(NoGrant):
        world.cleo.keyring.key_of(report.safe_id)
    for row in sealed_rows(report):
        for key in kept:
            with pytest.raises(crypto.CannotOpen):
                SafeKey(row.safe_id, row.key_version, key.key).reveal(row, columns_of(row))
    assert not Safe.objects.filter(rekey_due__isnull=False).exists()
    assert "member.recused" in audit.trail(f"safe:{report.safe_id}")


def test_those_who_stay_and_the_reporter_read_on(world: World) -> None:
    report, token = handled(world)
    world.cleo.client().post(f"/team/reports/{report.pk}/stand-aside/")

    report = Report.objects.get(pk=report.pk)
    page = world.bo.client().get(f"/team/reports/{report.pk}/")
    assert SECRET in page.text and "note-" + SECRET in page.text and "proof.png" in page.text
    found = queries.mailbox(token.receipt)
    assert found is not None
    assert [note.kind for note in queries.conversation(*found, notes=False)] == ["out"]
    attachment = report.attachments.get()
    kept = files.opened(
        world.ada.keyring.reveal(attachment, "file_key"), attachment.storage_name, attachment.padded_size
    )
    assert b"".join(files.stream(kept.storage_name, kept.key, kept.size)) == b"picture"


def test_a_code_given_out_before_keeps_working_after_its_next_use(world: World, client: Client) -> None:
    report, token = handled(world)
    Grant.objects.update(public=None)
    world.cleo.client().post(f"/team/reports/{report.pk}/stand-aside/")
    assert Safe.objects.filter(pk=report.safe_id, rekey_due__isnull=False).exists()
    assert queries.mailbox(token.receipt) is not None

    client.post("/receipt/look/", {"pass": receipts.make_pass(token.receipt)})
    world.bo.client().get("/team/")

    assert not Safe.objects.filter(rekey_due__isnull=False).exists()
    found = queries.mailbox(token.receipt)
    assert found is not None and queries.original(*found)["what_happened"] == SECRET


def test_somebody_is_left_out_with_a_reason_that_they_never_see(world: World) -> None:
    report, _ = handled(world)
    form = {"member": str(world.cleo.member.pk), "reason": "They share a flat.", "key": letter_key()}
    page = world.ada.client().post(f"/team/reports/{report.pk}/leave-out/", form, follow=True)

    assert "They share a flat." in page.text
    assert world.cleo.client().get(f"/team/reports/{report.pk}/").status_code == 404
    assert Exclusion.objects.get(safe=report.safe_id, user=world.cleo.user).kind == "excluded"


def test_the_reason_goes_up_with_the_report(world: World) -> None:
    report, _ = handled(world, out=[world.bo])
    form = {"member": str(world.cleo.member.pk), "reason": "They share a flat.", "key": letter_key()}
    world.ada.client().post(f"/team/reports/{report.pk}/leave-out/", form)

    assert world.ada.client().get(f"/team/reports/{report.pk}/").status_code == 404
    page = world.gita.client().get(f"/team/reports/{report.pk}/").text
    assert "They share a flat." in page and "note-" + SECRET not in page


def test_a_lead_who_is_left_out_waits_for_a_second_person(world: World) -> None:
    report, _ = handled(world)
    form = {"member": str(world.ada.member.pk), "reason": "Close friends.", "key": letter_key()}
    bo, cleo, ada = world.bo.client(), world.cleo.client(), world.ada.client()
    bo.post(f"/team/reports/{report.pk}/leave-out/", form)
    assert ada.get(f"/team/reports/{report.pk}/").status_code == 404
    answer = {"member": str(world.ada.member.pk), "is": "in"}

    assert "somebody else has to confirm it" in bo.get(f"/team/reports/{report.pk}/").text
    assert bo.post(f"/team/reports/{report.pk}/proposal/", answer).status_code == 404
    assert ada.post(f"/team/reports/{report.pk}/proposal/", answer).status_code == 404
    cleo.post(f"/team/reports/{report.pk}/proposal/", answer)

    assert SECRET in ada.get(f"/team/reports/{report.pk}/").text


def test_a_second_person_confirms_that_a_lead_stays_out(world: World) -> None:
    report, _ = handled(world)
    standing.leave_out(
        report, world.bo.keyring, by=world.bo.user, member=world.ada.member, reason="x", key=letter_key()
    )
    world.cleo.client().post(f"/team/reports/{report.pk}/proposal/", {"member": str(world.ada.member.pk), "is": "out"})

    assert set(Exclusion.objects.filter(user=world.ada.user).values_list("kind", flat=True)) == {"excluded"}


@pytest.mark.requirement("R19")
def test_fewer_than_two_left_the_global_team_takes_over(world: World) -> None:
    report, token = handled(world, out=[world.bo])
    assert world.cleo.client().post(f"/team/reports/{report.pk}/stand-aside/").status_code == 302

    report = Report.objects.get(pk=report.pk)
    assert report.team == world.worldwide
    assert set(safes.keyholders(report.safe_id)) == {world.gita.user.pk, world.gus.user.pk}
    assert world.ada.client().get(f"/team/reports/{report.pk}/").status_code == 404
    assert SECRET in world.gita.client().get(f"/team/reports/{report.pk}/").text
    assert queries.mailbox(token.receipt) is not None


def test_the_last_one_cannot_leave_it_without_anybody(world: World) -> None:
    report, _ = handled(world, out=[world.bo])
    for person in (world.gita, world.gus):
        community.change_member(person.member, role="lead", is_active=True, by=world.gita.user)
    world.worldwide.members.update(is_active=False)
    world.cleo.client().post(f"/team/reports/{report.pk}/stand-aside/")

    page = world.ada.client().post(f"/team/reports/{report.pk}/stand-aside/")

    assert page.status_code == 409
    assert "no global team" in page.text
    assert SECRET in world.ada.client().get(f"/team/reports/{report.pk}/").text


def test_nobody_leaves_out_themselves_or_somebody_without_a_key(world: World) -> None:
    report, _ = handled(world, out=[world.cleo])
    for member in (world.ada.member, world.cleo.member, world.lara.member):
        with pytest.raises(NotHere):
            standing.leave_out(
                report, world.ada.keyring, by=world.ada.user, member=member, reason="x", key=letter_key()
            )
    page = world.ada.client().post(
        f"/team/reports/{report.pk}/leave-out/", {"member": str(world.cleo.member.pk), "reason": ""}
    )
    assert "Please say why" in page.text and "Please choose who" in page.text


def test_an_exclusion_by_the_reporter_gets_its_new_key_at_the_next_request(world: World) -> None:
    report, _ = handled(world)
    kept = old_keys(report, world.cleo)[0]
    safes.exclude(report.safe_id, world.cleo.user.pk, Exclusion.Kind.BY_REPORTER)

    world.bo.client().get("/team/")

    report = Report.objects.get(pk=report.pk)
    assert report.key_version == 2
    with pytest.raises(crypto.CannotOpen):
        SafeKey(report.safe_id, 2, kept.key).reveal(report, "answers")


def test_two_who_renew_at_once_make_one_new_key(world: World) -> None:
    report, _ = handled(world)
    one, other = world.ada.keyring.key_of(report.safe_id), world.bo.keyring.key_of(report.safe_id)
    rekey.rekey(one)

    with pytest.raises(crypto.CannotOpen):
        rekey.rekey(other)
    assert Safe.objects.get(pk=report.safe_id).version == 2


@pytest.mark.requirement("R68")
def test_who_can_who_could_and_who_did(world: World) -> None:
    report, _ = handled(world)
    world.bo.client().get(f"/team/reports/{report.pk}/")
    world.cleo.client().post(f"/team/reports/{report.pk}/stand-aside/")

    page = world.ada.client().get(f"/team/reports/{report.pk}/access/").text

    assert "<strong>Cleo</strong>: they stood aside" in page
    assert "<strong>Bo</strong> read it" in page
    assert "gave it a new key" in page
    assert world.cleo.client().get(f"/team/reports/{report.pk}/access/").status_code == 404


@pytest.mark.requirement("R51")
def test_who_stands_aside_may_leave_what_they_saw_and_sees_nothing_after(world: World) -> None:
    report = report_to(world.berlin)
    client = world.cleo.client()

    client.post(f"/team/reports/{report.pk}/stand-aside/", {"statement": "I was in the room", "key": letter_key()})

    assert client.get(f"/team/reports/{report.pk}/").status_code == 404
    page = world.ada.client().get(f"/team/reports/{report.pk}/").text
    assert "I was in the room" in page and "Cleo" in page
