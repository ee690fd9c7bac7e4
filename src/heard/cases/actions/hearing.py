"""The person reported: told early, without a source; heard in person, or in writing with a code and without an account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from heard import guidance
from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions.duties import Blocked, finish, locked, write
from heard.cases.actions.opening import chain
from heard.cases.models import (
    Appeal,
    Case,
    Duty,
    Entry,
    GuestAddress,
    GuestCode,
    GuestLetter,
    Notice,
    Party,
    WrongState,
)
from heard.community.actions import who
from heard.outbox import letters
from heard.vault import crypto, drops, receipts, rows, safes
from heard.vault.keyring import Keyring, SafeKey

GOOD_FOR = timedelta(days=21)
SPACING = timedelta(minutes=10)
# How many characters can be written with one code, and what the shortest text counts as.
MOST_WRITTEN, LEAST_COUNTED = 300_000, 6_000
SIDE, WISHES, APPEAL = "side", "wishes", "appeal"


class TooMuch(Exception):
    """More was written with a code than anybody reads."""


class NotOpen(Exception):
    """The code ran out, or the case is closed."""


@transaction.atomic
def make_code(
    case: Case, party: Party, keyring: Keyring, *, by: User, words: str, reason: str = "", although: str = ""
) -> str:
    """Return a code with which somebody reads what was prepared for them, and answers: their side, or their wishes.

    For the person reported, and for the person harmed where that is not the reporter. Raises WrongState for anybody else,
    and Blocked where words are marked without a `reason`, where telling the person reported is feared and nothing says why
    it goes `although` it is, and once it is decided: from then on a second person reads what the person reported is told.
    """
    case, key = _locked_for(case, party, keyring, by)
    is_reported = party.role == Party.Role.REPORTED
    if case.state == Case.State.CLOSED:
        raise WrongState
    if is_reported and queries.standing(case):
        raise Blocked("letter")
    _require_fair(case, party, keyring, words, reason)
    if is_reported and case.fears and not although.strip():
        raise Blocked("fear", overridable=True)
    code = _give(case, party, keyring, words)
    write(case, key, Entry.Kind.LETTER, words, by=by, mark=f"{queries.told_mark(party)}{code.lookup[:16]}")
    audit.record("guest.told", chain=chain(case), who=who(by), thing=party.role)
    told = case.duties.filter(name="tell_reported", state=Duty.State.OPEN).first()
    if told and is_reported:
        why = "\n".join(filter(None, (although.strip(), reason.strip())))
        finish(told, key, by=by, state=Duty.State.DONE, reason=why)
    return code.receipt.spelled


@transaction.atomic
def renew_code(case: Case, party: Party, keyring: Keyring, *, by: User) -> str:
    """Return a new code for somebody who lost theirs: what they were told stays there, and nothing new is said.

    Also when the case is closed, for an appeal may open it again. Raises WrongState for somebody who was never written to.
    """
    case, key = _locked_for(case, party, keyring, by)
    if queries.code_of(case, party.pk) is None and not queries.sent_to(case, party).exists():
        raise WrongState
    code = _give(case, party, keyring, guidance.letter("new_code", case.team.language, team=case.team.name))
    write(
        case, key, Entry.Kind.STEP, _("A new code was made: the one before was lost."), by=by, mark=f"new:{code.lookup}"
    )
    audit.record("guest.told", chain=chain(case), who=who(by), thing=party.role)
    return code.receipt.spelled


def _locked_for(case: Case, party: Party, keyring: Keyring, by: User) -> tuple[Case, SafeKey]:
    case, key = locked(case, keyring, by)
    if party.role not in {Party.Role.REPORTED, Party.Role.HARMED} or party.case_id != case.pk:
        raise WrongState
    return case, key


def _give(case: Case, party: Party, keyring: Keyring, words: str) -> "_Code":
    """Make a code in place of an older one, with what its holder was told before, and with new words."""
    older = queries.code_of(case, party.pk)
    before = queries.told_before(case, party, keyring)
    code = _new_code(case, party)
    good_for = max(GOOD_FOR, older.expires_at - timezone.now()) if older else GOOD_FOR
    row = GuestCode.objects.create(
        case=case,
        party=party,
        lookup=code.lookup,
        public=code.receipt.pair.public,
        expires_at=timezone.now() + good_for,
    )
    for text, notice in before:
        if text != words:  # the same page sent twice says it once
            _letter(row, text, notice=notice)
    _letter(row, words)
    return code


def _require_fair(case: Case, party: Party, keyring: Keyring, words: str, reason: str) -> None:
    """Raise Blocked where the first letter shows somebody, or words are marked and no reason is given (R29, R44, R52)."""
    to = Notice.To.REPORTED if party.role == Party.Role.REPORTED else Notice.To.REPORTER
    found = queries.checked(case, keyring, words, to=to, party=party)
    if found.shows_somebody:
        raise Blocked("shows_somebody")
    if found.findings and not reason.strip():
        raise Blocked("marked", overridable=True)


def write_to_code(
    case: Case, party: Party, key: SafeKey, words: str, *, by: User, notice: Notice, good_for: timedelta
) -> str:
    """Put a letter under somebody's code; return a new code to hand over, or nothing where they have one that works."""
    row = queries.code_of(case, party.pk)
    if row is not None and row.expires_at > timezone.now():
        _letter(row, words, notice=notice)
        later = max(row.expires_at, timezone.now() + max(good_for, GOOD_FOR))
        GuestCode.objects.filter(pk=row.pk).update(expires_at=later)
        return ""
    code = _new_code(case, party)
    row = GuestCode.objects.create(
        case=case, party=party, lookup=code.lookup, public=code.receipt.pair.public,
        expires_at=timezone.now() + max(good_for, GOOD_FOR),
    )  # fmt: skip
    _letter(row, words, notice=notice)
    return code.receipt.spelled


@dataclass(frozen=True)
class _Code:
    """A code as it is made: the code itself goes to its holder and is nowhere."""

    receipt: receipts.Receipt
    case: Case
    party: Party

    @property
    def lookup(self) -> str:
        return self.receipt.lookup


def _new_code(case: Case, party: Party) -> _Code:
    """Make a code; an older one of theirs opens nothing any more."""
    GuestCode.objects.filter(case=case, party=party).delete()
    return _Code(receipts.new(), case, party)


def _letter(row: GuestCode, words: str, notice: Notice | None = None) -> None:
    sealed = crypto.seal_to(bytes(row.public), crypto.pad(words.encode()))
    letter = GuestLetter.objects.create(code=row, words=sealed, notice=notice)
    if address := queries.guest_address(row):
        letters.whole(key=f"whole:{letter.pk}", to=address, text=words)


@transaction.atomic
def choose_mail(code: GuestCode, *, email: str) -> None:
    """Send whoever holds the code their letters whole from now on, because they chose so; without an address, no more."""
    require_open(code)
    GuestAddress.objects.filter(code=code).delete()
    if email:
        seal = rows.sealer("contact")
        GuestAddress.objects.create(**seal.where, code=code, email=seal(email))
    audit.record("guest.mail" if email else "guest.mail_stopped", chain=chain(code.case), who="guest")


def letters_for(code: GuestCode, receipt: receipts.Receipt) -> list[tuple[datetime, str]]:
    """Return what was written for whoever holds the code, oldest first. Raises NotOpen."""
    require_open(code)
    rows = code.letters.order_by("made_at", "pk")
    return [(row.made_at, crypto.unpad(crypto.unseal_with(receipt.pair, bytes(row.words))).decode()) for row in rows]


@transaction.atomic
def give_side(code: GuestCode, text: str) -> None:
    """Take what the person reported writes; it lies sealed until somebody who handles the case opens it. Raises NotOpen."""
    code = GuestCode.objects.select_for_update(of=("self",)).select_related("case__team", "party").get(pk=code.pk)
    require_open(code)
    if code.case.state in {Case.State.CLOSED, Case.State.LOST}:
        raise NotOpen
    counted = max(len(text), LEAST_COUNTED)
    if code.written + counted > MOST_WRITTEN:
        raise TooMuch
    kind = SIDE if code.party.role == Party.Role.REPORTED else WISHES
    drops.drop(code.case.safe_id, kind, {"text": text})
    GuestCode.objects.filter(pk=code.pk).update(used_at=timezone.now(), written=code.written + counted)
    audit.record("guest.wrote", chain=chain(code.case), who="guest")
    for member in queries.able(code.case):
        letters.nudge(member.user_id, to=member.user.email, spacing=SPACING)


def require_open(code: GuestCode) -> None:
    """A code works until it runs out, also when the case is closed: an appeal may open it again."""
    if code.expires_at < timezone.now():
        raise NotOpen


@transaction.atomic
def adopt(case: Case, keyring: Keyring, *, by: User) -> int:
    """Seal what was dropped into the case; return how much it was."""
    belonging = safes.with_joined(case.safe_id)
    if case.state == Case.State.MERGED or not drops.waiting(belonging):
        return 0
    case, key = locked(case, keyring, by, lent=True)
    dropped = [found for safe_id in belonging for found in drops.take(keyring.sealer(safe_id))]
    for number, (kind, when, facts) in enumerate(dropped):
        if kind == APPEAL:
            _take_appeal(case, key, facts)
            continue
        mark = f"drop:{when.timestamp()}:{number}"
        written = Entry.Kind.SIDE if kind == SIDE else Entry.Kind.HARMED
        write(case, key, written, facts["text"], by=None, mark=mark)
    if any(kind == SIDE for kind, _when, _facts in dropped):
        _heard(case, key, by=by)
    return len(dropped)


def _take_appeal(case: Case, key: SafeKey, facts: dict[str, str]) -> None:
    appeal = Appeal.objects.get(pk=facts["appeal"], case__safe__in=safes.with_joined(case.safe_id))
    appeal.words, appeal.safe_id, appeal.key_version = key(facts["text"]), key.safe_id, key.version
    appeal.save(update_fields=["words", "safe", "key_version"])
    write(case, key, Entry.Kind.SIDE, facts["text"], by=None, mark=f"appeal:{appeal.pk}")


@transaction.atomic
def write_down(case: Case, keyring: Keyring, *, by: User, text: str, key: str) -> None:
    """Write down what the person reported said in person (R53)."""
    case, safe_key = locked(case, keyring, by)
    write(case, safe_key, Entry.Kind.SIDE, text, by=by, mark=key)
    _heard(case, safe_key, by=by)
    audit.record("side.written-down", chain=chain(case), who=who(by))


def _heard(case: Case, key: SafeKey, *, by: User) -> None:
    """They have been heard, so they have been told, too."""
    for duty in case.duties.filter(name__in=["tell_reported", "hear_reported"], state=Duty.State.OPEN):
        finish(duty, key, by=by, state=Duty.State.DONE)
