"""Sealing bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heard.vault import crypto

KEY = bytes(range(32))


@given(st.binary(max_size=5000))
def test_what_is_sealed_opens_again(plain: bytes) -> None:
    assert crypto.unseal(KEY, crypto.seal(KEY, plain, "here"), "here") == plain


@given(st.binary(max_size=200), st.integers(min_value=0))
def test_a_changed_byte_does_not_open(plain: bytes, place: int) -> None:
    sealed = bytearray(crypto.seal(KEY, plain, "here"))
    sealed[place % len(sealed)] ^= 1

    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(KEY, bytes(sealed), "here")


def test_another_place_or_key_does_not_open() -> None:
    sealed = crypto.seal(KEY, b"words", "here")

    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(KEY, sealed, "there")
    with pytest.raises(crypto.CannotOpen):
        crypto.unseal(crypto.new_key(), sealed, "here")


@given(st.integers(min_value=0, max_value=10**9))
def test_padding_costs_at_most_an_eighth_and_hides_small_texts(size: int) -> None:
    padded = crypto.padded_length(size)

    assert padded >= max(size, crypto.SMALLEST)
    assert padded <= max(size * 1.12 + 1, crypto.SMALLEST)
    assert crypto.padded_length(padded) == padded


@given(st.binary(max_size=100))
def test_a_box_opens_for_its_holder_alone(plain: bytes) -> None:
    pair, other = crypto.new_pair(), crypto.new_pair()
    sealed = crypto.seal_to(pair.public, plain)

    assert crypto.unseal_with(pair, sealed) == plain
    with pytest.raises(crypto.CannotOpen):
        crypto.unseal_with(other, sealed)


def test_keys_for_different_purposes_differ() -> None:
    assert crypto.derive(KEY, "one") != crypto.derive(KEY, "two")
    with pytest.raises(ValueError, match="16 bytes"):
        crypto.derive(KEY, "a purpose that is too long")
