"""The record nobody can rewrite unnoticed."""

import pytest

from heard.audit import chain
from heard.audit.models import Entry, Head, Root

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R11")]


def write(*whats: str, on: str = "safe:1") -> None:
    for what in whats:
        chain.record(what, chain=on, who="user:1")


def test_a_chain_reads_in_order_and_is_whole() -> None:
    write("case.opened", "case.decided")
    write("other", on="team:2")

    assert chain.trail("safe:1") == ["case.opened", "case.decided"]
    assert list(chain.verify()) == []


@pytest.mark.parametrize("how", ["change", "delete", "delete-last", "insert"])
def test_a_rewritten_past_shows(how: str) -> None:
    write("one", "two", "three")
    second = Entry.objects.get(chain="safe:1", seq=2)
    if how == "change":
        Entry.objects.filter(pk=second.pk).update(who="user:2")
    elif how == "delete":
        second.delete()
    elif how == "delete-last":
        Entry.objects.get(chain="safe:1", seq=3).delete()
    else:
        Entry.objects.create(chain="safe:1", seq=4, at=second.at, who="x", what="y", previous="z", hash="h")

    assert list(chain.verify())


def test_a_chain_rebuilt_from_scratch_differs_from_the_signed_root() -> None:
    write("one", "two")
    assert chain.sign_root()
    Entry.objects.filter(chain="safe:1").delete()
    Head.objects.filter(chain="safe:1").delete()
    write("one", "something else")

    assert any("root" in broken.why for broken in chain.verify())


def test_a_root_that_was_changed_shows() -> None:
    write("one")
    root = chain.sign_root()
    assert root
    Root.objects.filter(pk=root.pk).update(heads=[])

    assert list(chain.verify())


def test_only_moved_heads_are_signed_again() -> None:
    write("one")
    write("one", on="team:2")
    chain.sign_root()
    assert chain.sign_root() is None
    write("two")

    root = chain.sign_root()

    assert root
    assert [head[:2] for head in root.heads] == [["safe:1", 2]]
    assert list(chain.verify()) == []


def test_a_root_that_somebody_kept_shows_when_all_roots_were_made_anew() -> None:
    write("one", "two")
    root = chain.sign_root()
    assert root is not None
    kept = {"at": root.at.isoformat(), "hash": root.hash, "key": root.key, "signature": root.signature}
    assert list(chain.verify([kept])) == []

    Root.objects.all().delete()

    assert list(chain.verify()) == []
    assert [broken.why for broken in chain.verify([kept])] == [
        f"the root handed out on {root.at:%Y-%m-%d} is missing here"
    ]
    assert list(chain.verify([kept | {"signature": "00" * 64}]))
