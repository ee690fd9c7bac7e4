"""What the team does with a report before a case is opened."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community.actions import who
from heard.community.models import Member
from heard.outbox import letters
from heard.reports import queries, rules
from heard.reports.actions import alarms, following, recovery
from heard.reports.actions.checking import Marked as Marked
from heard.reports.actions.checking import require_fair
from heard.reports.actions.submit import chain, mark_of
from heard.reports.models import Message, Report
from heard.reports.models import WrongState as WrongState
from heard.vault import safes
from heard.vault.keyring import Keyring, SafeKey
from heard.vault.models import Exclusion, Safe


class NotTheContact(Exception):
    """Only the one contact person writes to the reporter (R28)."""


class NotHere(Exception):
    """The thing does not exist for this person."""


@transaction.atomic
def note_reading(report: Report, *, by: User) -> None:
    """Record that somebody opened the report; what the reporter wrote since is seen by that (R68)."""
    if alarms.is_news(report):
        reading = {member.user_id for member in queries.handlers(report)}
        if report.contact_id == by.pk or report.contact_id not in reading:
            alarms.settle(report, alarms.NEWS)
    audit.record("report.read", chain=chain(report), who=who(by), thing=str(report.pk))


@transaction.atomic
def acknowledge(report: Report, keyring: Keyring, *, by: User, text: str, key: str, reason: str = "") -> None:
    """Tell the reporter that the report is in good hands, and become their contact (R28, R30, R31).

    Raises WrongState when somebody was faster, Marked.
    """
    report = _locked(report, by)
    report.move_to(Report.State.ACKNOWLEDGED)
    report.acknowledged_at = timezone.now()
    report.next_word_at = next_word(report)
    report.contact_id = report.contact_id or by.pk
    report.suspected = False
    report.save(update_fields=["acknowledged_at", "next_word_at", "contact", "suspected"])
    alarms.settle(report, alarms.NEW)
    _send(report, keyring, by=by, text=text, key=key, reason=reason)
    audit.record("report.acknowledged", chain=chain(report), who=who(by))


@transaction.atomic
def answer(report: Report, keyring: Keyring, *, by: User, text: str, key: str, reason: str = "") -> None:
    """Write to the reporter. Raises NotTheContact, Marked, WrongState before it is acknowledged."""
    report = _locked(report, by)
    _require_contact(report, by)
    if report.state != Report.State.ACKNOWLEDGED:
        raise WrongState
    _send(report, keyring, by=by, text=text, key=key, reason=reason)
    Report.objects.filter(pk=report.pk).update(next_word_at=None)
    alarms.settle(report, alarms.NEWS, alarms.WORD)
    audit.record("reporter.answered", chain=chain(report), who=who(by))


@transaction.atomic
def ask_consent(report: Report, keyring: Keyring, *, by: User, text: str, key: str, reason: str = "") -> None:
    """Say that the team will go ahead, and leave time to object (R40). Raises NotTheContact, WrongState, Marked."""
    report = _locked(report, by)
    _require_contact(report, by)
    if report.state != Report.State.ACKNOWLEDGED or report.consent_asked_at:
        raise WrongState
    report.consent_asked_at = timezone.now()
    report.consent_by = report.next_word_at = consent_by(report)
    report.save(update_fields=["consent_asked_at", "consent_by", "next_word_at"])
    _send(report, keyring, by=by, text=text, key=key, reason=reason)
    alarms.settle(report, alarms.WORD)
    if report.case_safe_id and rules.speaks_for_themselves(queries.original(report, keyring)):
        following.asked(report.case_safe_id, report.consent_by, by)
    audit.record("consent.asked", chain=chain(report), who=who(by))


def next_word(report: Report) -> datetime:
    """Return by when the reporter hears what comes next, as the first letter promises."""
    clocks = report.policy_version.policy.clocks
    return rules.next_word(timezone.now(), clocks, at_event=queries.is_at_event(report.event))


def consent_by(report: Report) -> datetime:
    """Return until when an objection stops the team."""
    clocks = report.policy_version.policy.clocks
    return timezone.now() + timedelta(hours=clocks.to_object(at_event=queries.is_at_event(report.event)))


@transaction.atomic
def note(report: Report, keyring: Keyring, *, by: User, text: str, key: str) -> None:
    """Put a private note: in a safe of its own, which no receipt opens."""
    put_note(_locked(report, by), keyring, by=by, text=text, key=key)


def put_note(report: Report, keyring: Keyring, *, by: User, text: str, key: str) -> None:
    """Seal a note for those who read a locked report now; the first note of a team makes their safe."""
    mark = mark_of(report, key)
    if Message.objects.filter(key=mark).exists():
        return
    seal = _notes_key(report, keyring)
    Message.objects.create(**seal.where, report=report, kind=Message.Kind.NOTE, author=by, body=seal(text), key=mark)
    audit.record("report.noted", chain=chain(report), who=who(by))


@transaction.atomic
def take_over(report: Report, *, by: User) -> None:
    """Become the one who writes to the reporter (R28)."""
    assign(report, by=by, to=by.pk)


@transaction.atomic
def assign(report: Report, *, by: User, to: uuid.UUID) -> None:
    """Make somebody the contact. Raises NotHere unless they can read the report."""
    report = _locked(report, by)
    if to not in {member.user_id for member in queries.handlers(report)}:
        raise NotHere
    report.contact_id = to
    report.save(update_fields=["contact"])
    if to != by.pk and report.state != Report.State.ASIDE:
        alarms.raise_alarm(report, alarms.NEWS)
    audit.record("contact.assigned", chain=chain(report), who=who(by), thing=f"user:{to}")


@transaction.atomic
def put_aside(report: Report, *, by: User, why: str) -> None:
    """Put spam or a double aside; it can be brought back. Raises WrongState."""
    report = _locked(report, by)
    report.move_to(Report.State.ASIDE)
    report.aside_as = why
    report.save(update_fields=["aside_as"])
    alarms.settle(report, alarms.NEW, alarms.NEWS)
    audit.record("report.put-aside", chain=chain(report), who=who(by), thing=why)


@transaction.atomic
def bring_back(report: Report, *, by: User) -> None:
    """Bring back what was put aside, or what was only suspected to be junk. Raises WrongState."""
    report = _locked(report, by)
    if report.state == Report.State.ASIDE:
        report.move_to(Report.State.ACKNOWLEDGED if report.acknowledged_at else Report.State.NEW)
    report.aside_as, report.suspected = "", False
    report.save(update_fields=["aside_as", "suspected"])
    if report.state == Report.State.NEW:
        alarms.settle(report, alarms.NEW)
        alarms.raise_alarm(report, alarms.NEW)
    audit.record("report.brought-back", chain=chain(report), who=who(by))


@transaction.atomic
def judge_match(report: Report, keyring: Keyring, *, by: User, member: Member, is_party: bool) -> None:
    """Say whether a member whose name stands in the report is really meant; if not, they get their key."""
    report = _locked(report, by)
    matched = Exclusion.objects.filter(safe_id=report.safe_id, user_id=member.user_id, kind=Exclusion.Kind.MATCH)
    if member.user_id == by.pk or not matched.exists():
        raise NotHere
    if is_party:
        matched.update(kind=Exclusion.Kind.PARTY)
        audit.record("match.confirmed", chain=chain(report), who=who(by), thing=f"user:{member.user_id}")
        return
    holder = safes.user_holders([member.user_id])[member.user_id]
    for seal in report.keys(keyring):
        safes.readmit(seal, holder)
    audit.record("match.lifted", chain=chain(report), who=who(by), thing=f"user:{member.user_id}")


def _locked(report: Report, by: User) -> Report:
    """Return the report, locked. Raises NotHere where it does not exist for this person."""
    if not queries.reports_for(by).filter(pk=report.pk).exists():
        raise NotHere
    locked = Report.objects.select_for_update(of=("self",)).select_related("team", "event", "policy_version")
    return locked.get(pk=report.pk)


def _require_contact(report: Report, by: User) -> None:
    if report.contact_id != by.pk:
        raise NotTheContact


def _send(report: Report, keyring: Keyring, *, by: User, text: str, key: str, reason: str) -> None:
    """Put a letter into the mailbox, once. Raises Marked (R29, R41–R44)."""
    mark = mark_of(report, key)
    if Message.objects.filter(key=mark).exists():
        return
    require_fair(report, keyring, text, reason)
    if reason.strip():
        put_note(
            report, keyring, by=by, text=f"Sent although words were marked: {reason.strip()}", key=f"why-{key}"[:60]
        )
    seal = keyring.sealer(report.safe_id)
    message = Message.objects.create(
        **seal.where, report=report, kind=Message.Kind.TO_REPORTER, author=by, body=seal(text), key=mark
    )
    Report.objects.filter(pk=report.pk).update(news_for_reporter=True)
    address, whole = queries.address_of(report)
    if address and whole:
        letters.whole(key=f"whole:{message.pk}", to=address, text=text)
    elif address:
        letters.note(key=f"note:{message.pk}", to=address)


def _notes_key(report: Report, keyring: Keyring) -> SafeKey:
    """Return the key of the report's notes, making their safe at the first one."""
    if report.notes_safe_id:
        return keyring.sealer(report.notes_safe_id)
    holders = safes.user_holders(safes.keyholders(report.safe_id))
    key = safes.new(Safe.Kind.NOTES, holders.values())
    report.notes_safe_id = key.safe_id
    report.save(update_fields=["notes_safe"])
    recovery.keep(report, key)
    return key
