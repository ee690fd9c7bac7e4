"""Safes, grants and sealed columns."""

import pytest
from django.apps import apps
from django.db import connection, models

from heard.community.models import Profile
from heard.reports.models import Message, Report
from heard.vault import crypto, rows, safes
from heard.vault.fields import Sealed, SealedElsewhere, SealedField
from heard.vault.keyring import NoGrant, SafeKey
from heard.vault.models import Exclusion, Grant, HouseRow, Safe, SealedRow
from tests.conftest import SECRET, World, report_to

# What may stand in the clear, and why (secrecy: "In the clear"). A new column is either sealed or argued for here.
CLEAR_KINDS = (models.UUIDField, models.ForeignKey, models.DateTimeField, models.DateField, models.BooleanField)
CLEAR = {
    "community.Invitation": {"id", "email", "shown_name", "role", "lookup", "expires_at", "used_at"},
    "accounts.User": {"password": "a verifier, half of an Argon2id output", "email": "to sign in with", "epoch": "a count"},
    "accounts.SignedIn": {"id", "session"},
    "audit.Head": {"chain", "seq", "hash"},
    "audit.Entry": {"id", "chain", "seq", "who", "what", "thing", "previous", "hash"},
    "audit.Root": {"id", "heads", "previous", "hash", "key", "signature"},
    "vault.Safe": {"kind", "version", "drop_public", "drop_private"},
    "vault.Grant": {"id", "version", "holder_kind", "holder", "generation", "wrap", "data", "public"},
    "vault.Exclusion": {"id", "kind"},
    "vault.MemberKey": {"id", "generation", "public"},
    "vault.KeyWrap": {"id", "kind", "passkey", "data"},
    "vault.RecoveryKey": {"public", "needed", "identifier"},
    "vault.RecoveryCard": {"id", "number", "holder_name"},
    "community.Handover": {"record", "key", "signature"},
    "community.RecoveryUse": {"id"},
    "vault.PendingFile": {"form", "storage_name", "data", "padded_size"},
    "outbox.Job": {"name", "payload", "key", "state", "fence", "attempts", "error"},
    "outbox.Letter": {"row_key", "house_version", "kind", "key", "state"},
    "outbox.Pulse": {"name"},
    "outbox.Pace": set(),
    "community.Network": {"id", "name"},
    "community.Team": {
        "kind", "slug", "name", "country", "time_zone", "language", "outside_contact", "code_of_conduct", "duty_phone",
    },
    "community.Event": {"slug", "name", "venue", "time_zone", "duty_phone"},
    "community.Member": {"role", "shown_name"},
    "community.Profile": {"row_key", "house_version"},
    "community.EmergencyNumber": {"id", "kind", "label", "number"},
    "community.Contact": {"id", "name", "how"},
    "community.Shift": {"id"},
    "community.PolicyVersion": {"id", "number", "data"},
    "vault.Drop": {"id", "version", "kind", "data"},
    "cases.Case": {"key_version", "code_name", "level", "state", "safety", "merged_reports"},
    "cases.Party": {"key_version", "role"},
    "cases.Duty": {"id", "key_version", "name", "order", "state", "nudges"},
    "cases.Entry": {"key_version", "kind", "key"},
    "cases.Meeting": {"key_version", "state"},
    "cases.Slot": {"id"},
    "cases.Answer": {"id"},
    "cases.Attendance": {"id"},
    "cases.GuestCode": {"written", "lookup", "public"},
    "cases.GuestLetter": {"id", "words"},
    "cases.Decision": {"key_version", "finding", "category", "impact", "risk", "state"},
    "cases.Vote": {"key_version", "choice"},
    "cases.Measure": {"key_version", "kind", "scope", "state"},
    "cases.Notice": {"key_version", "kind", "to", "acted_as", "state"},
    "cases.Appeal": {"key_version", "grounds", "outcome"},
    # Figures that stay when the content goes: no words, no names.
    "cases.Outcome": {"id", "level", "category", "finding", "impact", "risk", "measures", "appealed"},
    "community.Proposal": {"row_key", "house_version", "state"},
    "reports.Report": {"key_version", "code_name", "state", "aside_as", "form"},
    "reports.Receipt": {"lookup"},
    "reports.ReporterAddress": {"row_key", "house_version"},
    "cases.GuestAddress": {"row_key", "house_version"},
    "reports.Message": {"key_version", "kind", "key"},
    "reports.Attachment": {"key_version", "storage_name", "padded_size"},
    "reports.Alarm": {"id", "kind", "nudges", "level"},
}  # fmt: skip


def test_every_column_is_sealed_or_argued_for() -> None:
    ours = [m for m in apps.get_models() if m.__module__.startswith("heard.")]
    undecided = [
        f"{model._meta.label}.{field.name}"
        for model in ours
        for field in model._meta.concrete_fields
        if not isinstance(field, (SealedField, *CLEAR_KINDS)) and field.name not in CLEAR.get(model._meta.label, ())
    ]

    assert undecided == []


def test_every_sealed_row_names_its_safe_and_version() -> None:
    for model in apps.get_models():
        if any(isinstance(f, SealedField) for f in model._meta.concrete_fields):
            assert issubclass(model, SealedRow | HouseRow), model


def test_a_sealed_value_prints_as_sealed(world: World) -> None:
    report = Report.objects.get(pk=report_to(world.berlin).pk)

    assert f"{report.answers} {report.answers!r}" == "[sealed] [sealed]"
    assert SECRET not in repr(report.__dict__)
    assert repr(world.ada.keyring) == "[sealed]"


def test_a_plain_value_is_never_written(world: World) -> None:
    report = report_to(world.berlin)

    with pytest.raises(SealedElsewhere):
        Message.objects.create(safe_id=report.safe_id, key_version=1, report=report, kind="in", body="plain", key="k")
    with pytest.raises(SealedElsewhere):
        Report.objects.filter(pk=report.pk).update(answers="plain")


def test_a_value_sealed_for_one_safe_is_not_written_into_a_row_of_another(world: World) -> None:
    one, two = report_to(world.berlin), report_to(world.berlin)
    key = world.ada.keyring.key_of(one.safe_id)

    with pytest.raises(SealedElsewhere):
        Message.objects.create(safe_id=two.safe_id, key_version=1, report=two, kind="in", body=key("words"), key="k")


@pytest.mark.parametrize("target", ["row", "column", "safe", "version"])
def test_a_moved_ciphertext_does_not_open(world: World, target: str) -> None:
    one, two = report_to(world.berlin, "one"), report_to(world.berlin, "two")
    keyring = world.ada.keyring
    one, two = Report.objects.get(pk=one.pk), Report.objects.get(pk=two.pk)
    key = keyring.key_of(one.safe_id)
    assert isinstance(one.answers, Sealed)
    place = {
        "row": key.place("reports_report", "answers", two.pk),
        "column": key.place("reports_report", "other", one.pk),
        "safe": SafeKey(two.safe_id, 1, key.key).place("reports_report", "answers", one.pk),
        "version": SafeKey(one.safe_id, 2, key.key).place("reports_report", "answers", one.pk),
    }[target]

    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(key.key, one.answers.data, place)


def test_a_ciphertext_moved_in_the_database_does_not_open(world: World) -> None:
    one, two = report_to(world.berlin, "one"), report_to(world.berlin, "two")
    Report.objects.filter(pk=two.pk).update(answers=Report.objects.get(pk=one.pk).answers)

    with pytest.raises(crypto.CannotOpen):
        world.ada.keyring.reveal(Report.objects.get(pk=two.pk), "answers")


def test_a_grant_moved_to_another_holder_or_safe_does_not_open(world: World) -> None:
    one, two = report_to(world.berlin), report_to(world.lagos)
    grant = Grant.objects.get(safe_id=one.safe_id, holder=str(world.ada.user.pk))
    Grant.objects.create(
        safe_id=two.safe_id, version=1, holder_kind="user", holder=str(world.ada.user.pk), data=bytes(grant.data)
    )

    with pytest.raises(crypto.CannotOpen):
        world.ada.keyring.key_of(two.safe_id)


def test_without_a_grant_there_is_no_key(world: World) -> None:
    report = report_to(world.berlin)

    with pytest.raises(NoGrant):
        world.lara.keyring.key_of(report.safe_id)


def test_a_grant_is_rewrapped_at_first_use_and_still_opens(world: World) -> None:
    report = report_to(world.berlin)
    mine = Grant.objects.filter(safe_id=report.safe_id, holder=str(world.ada.user.pk))
    assert mine.get().wrap == "box"

    first = world.ada.keyring.key_of(report.safe_id)

    assert mine.get().wrap == "own"
    assert world.ada.keyring.key_of(report.safe_id) == first


def test_the_drop_key_opens_with_the_safe_alone(world: World) -> None:
    report = report_to(world.berlin)
    safe, key = Safe.objects.get(pk=report.safe_id), world.ada.keyring.key_of(report.safe_id)
    private = crypto.unseal(key.key, bytes(safe.drop_private), key.place("vault_safe", "drop_private", safe.pk))
    dropped = crypto.seal_to(bytes(safe.drop_public), b"mailed in")

    assert crypto.unseal_with(crypto.pair_of(private), dropped) == b"mailed in"


@pytest.mark.requirement("R51")
def test_excluding_a_holder_takes_the_key_and_asks_for_a_new_one(world: World) -> None:
    report = report_to(world.berlin)

    safes.exclude(report.safe_id, world.cleo.user.pk, Exclusion.Kind.RECUSED)

    with pytest.raises(NoGrant):
        world.cleo.keyring.key_of(report.safe_id)
    assert Safe.objects.get(pk=report.safe_id).rekey_due is not None


def test_a_row_that_a_new_key_overtook_is_read_again(world: World) -> None:
    report = Report.objects.get(pk=report_to(world.berlin).pk)
    keyring = world.ada.keyring
    stale = Report.objects.get(pk=report.pk)
    old = keyring.key_of(report.safe_id)
    new = SafeKey(old.safe_id, 2, crypto.new_key())
    Grant.objects.filter(safe_id=report.safe_id).delete()
    Safe.objects.filter(pk=report.safe_id).update(version=2)
    safes.open_to(new, safes.user_holders([world.ada.user.pk]).values())
    report.key_version, report.answers = 2, new(keyring.reveal(report, "answers"))
    report.save()

    assert keyring.reveal(stale, "answers")["what_happened"] == SECRET


def test_erasing_the_row_key_erases_the_content(world: World) -> None:
    profile = Profile.objects.get(user=world.ada.user)
    assert rows.reveal(profile, "known_as")["names"] == ["Ada", "Ada Winterbottom"]

    type(profile).objects.filter(pk=profile.pk).update(row_key=None)
    profile.refresh_from_db()

    with pytest.raises(crypto.CannotOpen):
        rows.reveal(profile, "known_as")


def test_the_database_holds_none_of_the_words(world: World) -> None:
    report_to(world.berlin, who="Jonathan Quagmire", reach="email", reach_email="dara@secret.example")
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            text = repr(cursor.fetchall()).lower()
            found += [word for word in (SECRET, "quagmire", "dara@secret") if word in text]

    assert found == []
