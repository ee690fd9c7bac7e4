"""A team's last way in: a key whose private half exists only as words on cards (SLIP-39), k of which open it."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rapidfuzz.process import extractOne

from heard.vault import crypto, safes
from heard.vault.keyring import Keyring, SafeKey
from heard.vault.models import Grant, RecoveryCard, RecoveryKey, Safe

if TYPE_CHECKING:
    from shamir_mnemonic import Share

# The library of SLIP-39 is imported where it is used: eight megabytes in every process, for something done once a year.
# SLIP-39 numbers cards with four bits.
MOST_CARDS = 16
WORDS = 33


class WrongCards(Exception):
    """The cards do not open the key; the reason says which sentence to show, the facts fill it."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


@dataclass(frozen=True, repr=False)
class Card:
    """The words of one card, for the person who will keep it. Shown once."""

    number: int
    holder: str
    words: tuple[str, ...]


@transaction.atomic
def make(
    owner: uuid.UUID, holders: Sequence[tuple[str, uuid.UUID | None]], needed: int, *, by: uuid.UUID
) -> tuple[RecoveryKey, list[Card]]:
    """Make a key pair for a team and its cards. It counts for nothing before `confirm`."""
    from shamir_mnemonic import Share, generate_mnemonics

    if not 1 <= needed <= len(holders) <= MOST_CARDS or (needed == 1 and len(holders) > 1):
        raise ValueError("with more than one card at least two are needed to open")
    pair = crypto.new_pair()
    (texts,) = generate_mnemonics(1, [(needed, len(holders))], pair.private, iteration_exponent=0)
    RecoveryKey.objects.filter(owner=owner, confirmed_at=None).delete()
    key = RecoveryKey.objects.create(
        owner=owner,
        public=pair.public,
        needed=needed,
        identifier=Share.from_mnemonic(texts[0]).identifier,
        made_by_id=by,
    )
    cards = [
        Card(number, name, tuple(text.split()))
        for number, ((name, _user), text) in enumerate(zip(holders, texts, strict=True), 1)
    ]
    RecoveryCard.objects.bulk_create(
        RecoveryCard(key=key, number=number, holder_name=name, holder_id=user)
        for number, (name, user) in enumerate(holders, 1)
    )
    return key, cards


@transaction.atomic
def confirm(key: RecoveryKey) -> None:
    """Take a key into use. An older one of the team still opens a safe until the new one does (`settle`)."""
    now = timezone.now()
    RecoveryKey.objects.filter(owner=key.owner, retired_at=None).exclude(pk=key.pk).update(retired_at=now)
    RecoveryKey.objects.filter(pk=key.pk, confirmed_at=None).update(confirmed_at=now)
    forget_useless()


def forget_useless() -> None:
    """Forget older keys that open nothing any more."""
    for key in RecoveryKey.objects.exclude(retired_at=None):
        if not Grant.objects.filter(holder_kind=Grant.HolderKind.RECOVERY, holder=str(key.pk)).exists():
            key.delete()


def in_use(owners: Iterable[uuid.UUID]) -> QuerySet[RecoveryKey]:
    """Return the keys in use of some teams."""
    return RecoveryKey.objects.filter(owner__in=list(owners), retired_at=None).exclude(confirmed_at=None)


def opening(owners: Iterable[uuid.UUID]) -> list[RecoveryKey]:
    """Return every key that may still open something of some teams, the newest first."""
    return list(
        RecoveryKey.objects.filter(owner__in=list(owners)).exclude(confirmed_at=None).order_by("owner", "-confirmed_at")
    )


def holders(owners: Iterable[uuid.UUID], *, out: Collection[uuid.UUID] = ()) -> list[safes.Holder]:
    """Return the keys of the teams as holders, without one that those who are out could open together."""
    kept = []
    for key in in_use(owners).prefetch_related("cards"):
        # Whoever made the cards saw the words of every one.
        theirs = sum(card.holder_id in out for card in key.cards.all())
        if theirs < key.needed and key.made_by_id not in out:
            kept.append(safes.Holder(Grant.HolderKind.RECOVERY, str(key.pk), bytes(key.public)))
    return kept


def settle(safe_key: SafeKey, wanted: Iterable[safes.Holder]) -> None:
    """Give a safe exactly these recovery keys: others lose it, missing ones get it."""
    by_id = {holder.id: holder for holder in wanted}
    if drop_all_but(safe_key.safe_id, by_id):
        # Old cards and an old copy of the database must not open what is written from now on.
        Safe.objects.filter(pk=safe_key.safe_id, rekey_due=None).update(rekey_due=timezone.now())
    held = Grant.objects.filter(safe_id=safe_key.safe_id, holder_kind=Grant.HolderKind.RECOVERY)
    have = set(held.values_list("holder", flat=True))
    safes.open_to(safe_key, [holder for name, holder in by_id.items() if name not in have])


def drop_all_but(safe_id: uuid.UUID, kept: Iterable[str] = ()) -> int:
    """Take recovery keys off a safe, but for some; return how many went."""
    held = Grant.objects.filter(safe_id=safe_id, holder_kind=Grant.HolderKind.RECOVERY)
    return held.exclude(holder__in=list(kept)).delete()[0]


def read_card(text: str, number: int) -> "Share":
    """Return the card that somebody typed. Raises WrongCards with what is wrong in it."""
    from shamir_mnemonic import MnemonicError, Share
    from shamir_mnemonic.wordlist import WORDLIST

    words = text.lower().split()
    known = set(WORDLIST)
    for place, word in enumerate(words, 1):
        if word not in known:
            near = extractOne(word, WORDLIST, score_cutoff=60)
            raise WrongCards("word", card=number, place=place, word=word[:20], near=near[0] if near else "")
    if len(words) != WORDS:
        raise WrongCards("length", card=number, count=len(words), wanted=WORDS)
    try:
        return Share.from_mnemonic(" ".join(words))
    except MnemonicError:
        raise WrongCards("slip", card=number) from None


def belonging(keys: Sequence[RecoveryKey], typed: Sequence[str]) -> RecoveryKey:
    """Return the key whose cards these are: an older set may still open what the newest does not yet. Raises WrongCards."""
    numbers = {read_card(text, at).identifier for at, text in enumerate(typed, 1)}
    return next((key for key in keys if key.identifier in numbers), keys[0])


def open_with(key: RecoveryKey, typed: Sequence[str]) -> Keyring:
    """Return the keyring that enough cards of a key open. Raises WrongCards."""
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    shares = [read_card(text, number) for number, text in enumerate(typed, 1)]
    seen: dict[int, int] = {}
    for number, share in enumerate(shares, 1):
        if share.identifier != key.identifier:
            raise WrongCards("other", card=number)
        if share.index in seen:
            raise WrongCards("twice", card=number, other=seen[share.index])
        seen[share.index] = number
    if len(shares) < key.needed:
        raise WrongCards("few", count=len(shares), needed=key.needed)
    try:
        private = combine_mnemonics([share.mnemonic() for share in shares[: key.needed]])
    except MnemonicError:
        raise WrongCards("other", card=len(shares)) from None
    if crypto.pair_of(private).public != bytes(key.public):
        raise WrongCards("other", card=len(shares))
    return Keyring(Grant.HolderKind.RECOVERY, str(key.pk), {1: private})
