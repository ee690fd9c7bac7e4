"""The person reported: told early, without a source; heard in person, or in writing with a code and without an account."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions.duties import Blocked, finish, locked, write
from heard.cases.actions.opening import chain
from heard.cases.models import Case, Duty, Entry, GuestCode, Party, WrongState
from heard.community.actions import who
from heard.outbox import letters
from heard.vault import crypto, drops, receipts, safes
from heard.vault.keyring import Keyring, SafeKey

GOOD_FOR = timedelta(days=21)
SPACING = timedelta(minutes=10)
SIDE, WISHES = "side", "wishes"


class NotOpen(Exception):
    """The code ran out, or the case is closed."""


@transaction.atomic
def make_code(case: Case, party: Party, keyring: Keyring, *, by: User, words: str, reason: str = "") -> str:
    """Return a code with which somebody reads what was prepared for them, and answers: their side, or their wishes.

    For the person reported, and for the person harmed where that is not the reporter. An older code of theirs opens
    nothing any more. Raises WrongState for anybody else, and Blocked where telling the person reported is feared and no
    reason is given.
    """
    case, key = locked(case, keyring, by)
    if party.role not in {Party.Role.REPORTED, Party.Role.HARMED} or party.case_id != case.pk:
        raise WrongState
    is_reported = party.role == Party.Role.REPORTED
    if is_reported and case.fears and not reason.strip():
        raise Blocked("fear", overridable=True)
    code = receipts.new()
    GuestCode.objects.filter(case=case, party=party).delete()
    GuestCode.objects.create(
        case=case, party=party, lookup=code.lookup, expires_at=timezone.now() + GOOD_FOR,
        words=crypto.seal_to(code.pair.public, crypto.pad(words.encode())),
    )  # fmt: skip
    write(case, key, Entry.Kind.LETTER, words, by=by, mark=f"code:{code.lookup}")
    told = case.duties.filter(name="tell_reported", state=Duty.State.OPEN).first()
    if told and is_reported:
        finish(told, key, by=by, state=Duty.State.DONE, reason=reason)
    audit.record("guest.told", chain=chain(case), who=who(by), thing=party.role)
    return code.spelled


def words_for(code: GuestCode, receipt: receipts.Receipt) -> str:
    """Return what was prepared for the person reported. Raises NotOpen."""
    _require_open(code)
    return crypto.unpad(crypto.unseal_with(receipt.pair, bytes(code.words))).decode()


@transaction.atomic
def give_side(code: GuestCode, text: str) -> None:
    """Take what the person reported writes; it lies sealed until somebody who handles the case opens it. Raises NotOpen."""
    code = GuestCode.objects.select_for_update(of=("self",)).select_related("case__team", "party").get(pk=code.pk)
    _require_open(code)
    kind = SIDE if code.party.role == Party.Role.REPORTED else WISHES
    drops.drop(code.case.safe_id, kind, {"text": text})
    GuestCode.objects.filter(pk=code.pk).update(used_at=timezone.now())
    audit.record("guest.wrote", chain=chain(code.case), who="guest")
    for member in queries.able(code.case):
        letters.nudge(member.user_id, to=member.user.email, spacing=SPACING)


def _require_open(code: GuestCode) -> None:
    if code.expires_at < timezone.now() or code.case.state == Case.State.CLOSED:
        raise NotOpen


@transaction.atomic
def adopt(case: Case, keyring: Keyring, *, by: User) -> int:
    """Seal what was dropped into the case; return how much it was."""
    belonging = safes.with_joined(case.safe_id)
    if case.state == Case.State.MERGED or not drops.waiting(belonging):
        return 0
    case, key = locked(case, keyring, by)
    dropped = [found for safe_id in belonging for found in drops.take(keyring.sealer(safe_id))]
    for number, (kind, when, facts) in enumerate(dropped):
        mark = f"drop:{when.timestamp()}:{number}"
        written = Entry.Kind.SIDE if kind == SIDE else Entry.Kind.HARMED
        write(case, key, written, facts["text"], by=None, mark=mark)
    if any(kind == SIDE for kind, _when, _facts in dropped):
        _heard(case, key, by=by)
    return len(dropped)


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
