"""The chains: adding to them, reading them, proving that nobody rewrote them."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from heard.audit.models import Entry, Head, Root

HOUSE = "house"
# An entry may be committed this much later than it says: a root looks back so far.
OPEN_AT_MOST = timedelta(hours=1)


class Signer(Protocol):
    """Signs roots and checks signatures; handed in at start-up by the vault."""

    def sign(self, message: bytes) -> tuple[str, str]:
        """Return the public key and the signature, both in hex."""

    def signed(self, message: bytes, key: str, signature: str) -> bool:
        """Tell whether this installation's key made the signature."""


@dataclass(frozen=True)
class Broken:
    """A place where the record does not add up."""

    chain: str
    seq: int
    why: str


_signer: Signer | None = None


def use_signer(signer: Signer) -> None:
    """Set who signs roots."""
    global _signer
    _signer = signer


def record(what: str, *, chain: str, who: str, thing: str = "") -> None:
    """Add an entry to a chain, within the caller's transaction."""
    with transaction.atomic():
        head = _locked_head(chain)
        entry = Entry(
            chain=chain, seq=head.seq + 1, at=timezone.now(), who=who, what=what, thing=thing, previous=head.hash
        )
        entry.hash = _digest(entry)
        entry.save(force_insert=True)
        head.seq, head.hash = entry.seq, entry.hash
        head.save(update_fields=["seq", "hash"])


def _locked_head(chain: str) -> Head:
    head = Head.objects.select_for_update().filter(chain=chain).first()
    if head is None:
        Head.objects.bulk_create([Head(chain=chain)], ignore_conflicts=True)
        head = Head.objects.select_for_update().get(chain=chain)
    return head


def trail(chain: str) -> list[str]:
    """Return what happened on a chain, oldest first."""
    return list(Entry.objects.filter(chain=chain).order_by("seq").values_list("what", flat=True))


def entries(chain: str) -> list[Entry]:
    """Return what happened on a chain, newest first, with who and when."""
    return list(Entry.objects.filter(chain=chain).order_by("-seq"))


def about(person: str, chains: Iterable[str], most: int) -> list[Entry]:
    """Return what somebody did, or what was done about them, on some chains; newest first, at most so much."""
    theirs = Entry.objects.filter(Q(who=person) | Q(thing=person), chain__in=list(chains))
    return list(theirs.order_by("-at", "-pk")[:most])


def sign_root() -> Root | None:
    """Sign the heads that moved since the last root. Returns None when nothing moved."""
    assert _signer is not None, "use_signer() is called at start-up"
    with transaction.atomic():
        last = Root.objects.select_for_update().order_by("-pk").first()
        moved = Head.objects.all()
        seen: dict[str, int] = {}
        if last is not None:
            since = last.at - OPEN_AT_MOST
            moved = moved.filter(chain__in=Entry.objects.filter(at__gt=since).values("chain"))
            seen = _signed_since(since)
        heads = [[h.chain, h.seq, h.hash] for h in moved.order_by("chain") if seen.get(h.chain, 0) < h.seq]
        if not heads:
            return None
        root = Root(at=timezone.now(), heads=heads, previous=last.hash if last else "")
        root.hash = _root_digest(root)
        root.key, root.signature = _signer.sign(root.hash.encode())
        root.save()
        return root


def verify(kept: Iterable[Mapping[str, str]] = ()) -> Iterator[Broken]:
    """Recompute every chain and every root; yield what does not add up.

    `kept` are roots that somebody holds outside (hash, key, signature): each must still be here, or all were made anew.
    """
    hashes: dict[str, tuple[int, str]] = {}
    places: dict[tuple[str, int], str] = {}
    wanted = {(chain, seq) for root in Root.objects.all() for chain, seq, _ in root.heads}
    for entry in Entry.objects.order_by("chain", "seq").iterator(chunk_size=2000):
        seq, previous = hashes.get(entry.chain, (0, ""))
        if entry.seq != seq + 1 or entry.previous != previous:
            yield Broken(entry.chain, entry.seq, "an entry before it is missing or was exchanged")
        if entry.hash != _digest(entry):
            yield Broken(entry.chain, entry.seq, "the entry was changed after it was written")
        hashes[entry.chain] = (entry.seq, entry.hash)
        if (entry.chain, entry.seq) in wanted:
            places[entry.chain, entry.seq] = entry.hash
    for head in Head.objects.all():
        if (head.seq, head.hash) != hashes.get(head.chain, (0, "")):
            yield Broken(head.chain, head.seq, "the newest entry is missing or was exchanged")
    yield from _verify_roots(places)
    yield from _verify_kept(kept)


def _verify_kept(kept: Iterable[Mapping[str, str]]) -> Iterator[Broken]:
    assert _signer is not None, "use_signer() is called at start-up"
    here = set(Root.objects.values_list("hash", flat=True))
    for number, root in enumerate(kept, 1):
        if not _signer.signed(str(root.get("hash")).encode(), str(root.get("key")), str(root.get("signature"))):
            yield Broken("kept roots", number, "the signature is not from this installation")
        elif root["hash"] not in here:
            yield Broken("kept roots", number, f"the root handed out on {root.get('at', '?')[:10]} is missing here")


def _verify_roots(places: dict[tuple[str, int], str]) -> Iterator[Broken]:
    assert _signer is not None, "use_signer() is called at start-up"
    previous = ""
    for root in Root.objects.order_by("pk"):
        if root.previous != previous or root.hash != _root_digest(root):
            yield Broken("roots", root.pk, "the root was changed, or one before it is missing")
        if not _signer.signed(root.hash.encode(), root.key, root.signature):
            yield Broken("roots", root.pk, "the signature is not from this installation")
        for chain, seq, digest in root.heads:
            if places.get((chain, seq)) != digest:
                yield Broken(chain, seq, f"differs from the root signed on {root.at:%Y-%m-%d}")
        previous = root.hash


def _digest(entry: Entry) -> str:
    facts = [entry.chain, entry.seq, _moment(entry.at), entry.who, entry.what, entry.thing, entry.previous]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _root_digest(root: Root) -> str:
    facts = [_moment(root.at), root.heads, root.previous]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _signed_since(when: datetime) -> dict[str, int]:
    """Return the newest signed place of each chain in the roots since then."""
    return {chain: seq for root in Root.objects.filter(at__gt=when).order_by("pk") for chain, seq, _ in root.heads}
