"""Standing aside: recusing oneself, leaving somebody out, and the new key that makes it true."""

import uuid
from collections.abc import Iterable

from django.db import transaction

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import queries as community
from heard.community.actions import who
from heard.community.models import Member, Team
from heard.reports import rules
from heard.reports.actions import alarms, recovery
from heard.reports.actions.handling import NotHere, _locked, put_note
from heard.reports.actions.readers import hand_up
from heard.reports.actions.submit import chain, mark_of
from heard.reports.models import Message, Report
from heard.vault import crypto, rekey, safes
from heard.vault.keyring import Keyring, NoGrant, SafeKey
from heard.vault.models import Exclusion, Safe

RENEWED_AT_ONCE = 5
ENOUGH = rules.ENOUGH_READERS


class NobodyElse(Exception):
    """Without this person nobody could read the report, and there is no global team to take it over."""


@transaction.atomic
def recuse(report: Report, keyring: Keyring, *, by: User, statement: str = "", key: str = "") -> None:
    """Stand aside. No reason is asked; what one saw oneself can be left with the others. Raises NobodyElse, NotHere."""
    report = _locked(report, by)
    if statement:
        put_note(report, keyring, by=by, text=statement, key=key)
    team = report.team_id
    _leave(report, keyring, user_id=by.pk, kind=Exclusion.Kind.RECUSED, by=by)
    if statement and report.team_id != team:
        _leave_with_others(report, by, statement, key)
    audit.record("member.recused", chain=chain(report), who=who(by))


def _leave_with_others(report: Report, by: User, statement: str, key: str) -> None:
    """Seal what somebody saw for those who took the report over: the notes before them stay shut."""
    notes = safes.new(Safe.Kind.NOTES, safes.user_holders(safes.keyholders(report.safe_id)).values())
    report.notes_safe_id = notes.safe_id
    report.save(update_fields=["notes_safe"])
    recovery.keep(report, notes)
    mark = mark_of(report, f"{key}:up")
    Message.objects.create(
        **notes.where, report=report, kind=Message.Kind.NOTE, author=by, body=notes(statement), key=mark
    )


@transaction.atomic
def leave_out(report: Report, keyring: Keyring, *, by: User, member: Member, reason: str, key: str) -> None:
    """Leave a colleague out, with a sealed reason. A lead who is left out waits for a second person's word.

    It holds at once either way. Raises NobodyElse, NotHere for oneself or somebody who cannot read it.
    """
    report = _locked(report, by)
    if member.user_id == by.pk or member.user_id not in safes.keyholders(report.safe_id):
        raise NotHere
    kind = Exclusion.Kind.PROPOSED if member.role == Member.Role.LEAD else Exclusion.Kind.EXCLUDED
    _leave(report, keyring, user_id=member.user_id, kind=kind, by=by)
    put_note(report, keyring, by=by, text=reason, key=key)
    audit.record("member.left-out", chain=chain(report), who=who(by), thing=f"user:{member.user_id}")


@transaction.atomic
def take_out(report: Report, keyring: Keyring, *, user_id: uuid.UUID, by: User) -> None:
    """Take out somebody who turns out to be a party, until a colleague says that they are not meant (R51).

    Raises NobodyElse, NotHere.
    """
    report = _locked(report, by)
    _leave(report, keyring, user_id=user_id, kind=Exclusion.Kind.MATCH, by=by)
    audit.record("member.matched", chain=chain(report), who=who(by), thing=f"user:{user_id}")


def _leave(report: Report, keyring: Keyring, *, user_id: uuid.UUID, kind: Exclusion.Kind, by: User) -> None:
    """Take somebody out: a successor first where too few are left, then the exclusion, then new keys."""
    keys = report.keys(keyring)
    left = safes.able(report.safe_id) & _active(report) - {user_id}
    hands_up = len(left) < rules.ENOUGH_READERS and not report.team.is_global
    successors = _successors(report, user_id) if hands_up else set()
    if not left and not successors:
        raise NobodyElse
    for safe_id in _safes(report):
        safes.exclude(safe_id, user_id, kind, by.pk)
    worldwide = community.global_team()
    if successors and worldwide:
        belongs = safes.with_joined(report.case_safe_id) if report.case_safe_id else []
        case = [key for key in keys if key.safe_id in belongs]
        hand_up(report, keys[0], worldwide, successors, case=case)
        _hand_up_others(report, keys, worldwide, successors)
    if report.contact_id == user_id:
        report.contact_id = None
    report.save(update_fields=["team", "contact", "notes_safe", "case_safe", "acknowledged_at", "next_word_at"])
    alarms.raise_anew(report)
    recovery.keep(report, *(key for key in keys if key.safe_id in _safes(report)))
    for key in keys:
        _renew(keyring, key.safe_id, key)


def _hand_up_others(report: Report, keys: Iterable[SafeKey], team: Team, successors: set[uuid.UUID]) -> None:
    """Let the other reports of the same case go with it."""
    if report.case_safe_id is None:
        return
    by_safe = {key.safe_id: key for key in keys}
    for other in Report.objects.filter(case_safe=report.case_safe_id).exclude(pk=report.pk).select_related("team"):
        if other.safe_id not in by_safe or other.team_id == team.pk:
            continue
        hand_up(other, by_safe[other.safe_id], team, successors)
        other.save(update_fields=["team", "contact", "notes_safe", "acknowledged_at", "next_word_at"])
        recovery.keep(other, by_safe[other.safe_id])
        alarms.raise_anew(other)


def _safes(report: Report) -> list[uuid.UUID]:
    return report.safes


def _active(report: Report) -> set[uuid.UUID]:
    return {member.user_id for member in community.readers(report.team)}


def _successors(report: Report, user_id: uuid.UUID) -> set[uuid.UUID]:
    """Return who of the global team can take it over."""
    out = set(Exclusion.objects.filter(safe_id=report.safe_id).values_list("user_id", flat=True)) | {user_id}
    return {member.user_id for member in community.readers(community.global_team())} - out


@transaction.atomic
def confirm_or_lift(report: Report, keyring: Keyring, *, by: User, member: Member, stays_out: bool) -> None:
    """Say as a second person whether a lead stays left out. Raises NotHere for whoever proposed it."""
    report = _locked(report, by)
    proposed = Exclusion.objects.filter(safe_id=report.safe_id, user_id=member.user_id, kind=Exclusion.Kind.PROPOSED)
    if not proposed.exclude(by=by).exists() or member.user_id == by.pk:
        raise NotHere
    if stays_out:
        Exclusion.objects.filter(safe_id__in=_safes(report), user_id=member.user_id).update(
            kind=Exclusion.Kind.EXCLUDED
        )
        audit.record("exclusion.confirmed", chain=chain(report), who=who(by), thing=f"user:{member.user_id}")
        return
    holder = safes.user_holders([member.user_id])[member.user_id]
    for key in report.keys(keyring):
        safes.readmit(key, holder)
    audit.record("exclusion.lifted", chain=chain(report), who=who(by), thing=f"user:{member.user_id}")


def renew_due(user: User, keyring: Keyring) -> None:
    """Give new keys to safes that wait for one, as far as this person holds them."""
    for safe_id in rekey.due_for(user.pk, RENEWED_AT_ONCE):
        try:
            key = keyring.key_of(safe_id)
        except NoGrant:
            continue
        if Exclusion.objects.filter(safe_id=safe_id, user=user).exists():
            continue
        _renew(keyring, safe_id, key)


def renew_all(keyring: Keyring, keys: Iterable[SafeKey]) -> None:
    """Give new keys to safes whose holders just changed."""
    for key in keys:
        _renew(keyring, key.safe_id, key)


def _renew(keyring: Keyring, safe_id: uuid.UUID, key: SafeKey) -> None:
    try:
        with transaction.atomic():
            keyring.renew(rekey.rekey(key))
            audit.record("key.renewed", chain=f"safe:{safe_id}", who=f"user:{keyring.holder}")
    except (rekey.HolderUnknown, crypto.CannotOpen):
        return  # it stays due: the next holder, or the reporter's next visit, brings what is missing
    if keyring.kind == "user" and uuid.UUID(keyring.holder) not in safes.keyholders(safe_id):
        keyring.forget(safe_id)


def proposed(report: Report) -> list[tuple[Member, uuid.UUID | None]]:
    """Return the leads who were left out and wait for a second person, with who proposed it."""
    waiting = dict(
        Exclusion.objects.filter(safe_id=report.safe_id, kind=Exclusion.Kind.PROPOSED).values_list("user_id", "by_id")
    )
    found = Member.objects.filter(user_id__in=waiting, team__in={report.team_id, report.chapter_id})
    return [(member, waiting[member.user_id]) for member in found]
