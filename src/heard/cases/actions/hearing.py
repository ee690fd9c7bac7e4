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
from heard.vault import crypto, drops, receipts
from heard.vault.keyring import Keyring, SafeKey

GOOD_FOR = timedelta(days=21)
SPACING = timedelta(minutes=10)
SIDE = "side"


class NotOpen(Exception):
    """The code ran out, or the case is closed."""


@transaction.atomic
def make_code(case: Case, party: Party, keyring: Keyring, *, by: User, words: str, reason: str = "") -> str:
    """Return a code with which a person reported reads what was prepared for them, and writes their side.

    An older code of theirs opens nothing any more. Raises WrongState for anybody who is not reported, and Blocked where
    somebody is afraid and no reason is given.
    """
    case, key = locked(case, keyring, by)
    if party.role != Party.Role.REPORTED or party.case_id != case.pk:
        raise WrongState
    if case.fears and not reason.strip():
        raise Blocked("fear", overridable=True)
    code = receipts.new()
    GuestCode.objects.filter(case=case, party=party).delete()
    GuestCode.objects.create(
        case=case, party=party, lookup=code.lookup, expires_at=timezone.now() + GOOD_FOR,
        words=crypto.seal_to(code.pair.public, crypto.pad(words.encode())),
    )  # fmt: skip
    write(case, key, Entry.Kind.LETTER, words, by=by, mark=f"code:{code.lookup}")
    told = case.duties.filter(name="tell_reported", state=Duty.State.OPEN).first()
    if told:
        finish(told, key, by=by, state=Duty.State.DONE, reason=reason)
    audit.record("guest.told", chain=chain(case), who=who(by))
    return code.spelled


def words_for(code: GuestCode, receipt: receipts.Receipt) -> str:
    """Return what was prepared for the person reported. Raises NotOpen."""
    _require_open(code)
    return crypto.unpad(crypto.unseal_with(receipt.pair, bytes(code.words))).decode()


@transaction.atomic
def give_side(code: GuestCode, text: str) -> None:
    """Take what the person reported writes; it lies sealed until somebody who handles the case opens it. Raises NotOpen."""
    code = GuestCode.objects.select_for_update(of=("self",)).select_related("case__team").get(pk=code.pk)
    _require_open(code)
    drops.drop(code.case.safe_id, SIDE, {"text": text})
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
    if not drops.waiting([case.safe_id]):
        return 0
    case, key = locked(case, keyring, by)
    dropped = drops.take(key)
    for number, (kind, when, facts) in enumerate(dropped):
        if kind == SIDE:
            mark = f"drop:{when.timestamp()}:{number}"
            write(case, key, Entry.Kind.SIDE, facts["text"], by=None, mark=mark)
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
