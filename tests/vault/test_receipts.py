"""Receipt codes, form tokens and passes."""

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from heard.vault import receipts

codes = st.text(alphabet=receipts.ALPHABET, min_size=20, max_size=20).map(receipts.Receipt)


@given(codes)
def test_a_code_is_read_however_it_is_typed(receipt: receipts.Receipt) -> None:
    spelled = receipt.spelled

    for typed in (
        spelled,
        spelled.lower(),
        spelled.replace("-", " "),
        f" {spelled.replace('0', 'O').replace('1', 'l')} ",
    ):
        assert receipts.read(typed) == receipt


@given(codes, st.integers(0, 20), st.sampled_from(receipts.ALPHABET))
def test_every_single_slip_is_noticed(receipt: receipts.Receipt, place: int, wrong: str) -> None:
    whole = receipt.spelled.replace("-", "")
    slipped = whole[:place] + wrong + whole[place + 1 :]

    if slipped != whole:
        with pytest.raises(receipts.Mistyped):
            receipts.read(slipped)


@given(st.text(max_size=60))
def test_anything_else_is_mistyped_not_an_error(typed: str) -> None:
    try:
        receipts.read(typed)
    except receipts.Mistyped:
        pass


def test_a_code_says_nothing_when_printed() -> None:
    assert repr(receipts.new()) == "[sealed]"
    assert receipts.new().lookup != receipts.new().lookup


def test_a_form_makes_the_same_code_every_time() -> None:
    token = receipts.new_form()

    assert receipts.read_form(str(token)).receipt == token.receipt
    assert receipts.new_form().receipt != token.receipt


@given(st.text(max_size=200))
def test_a_made_up_token_is_forged(text: str) -> None:
    with pytest.raises(receipts.Forged):
        receipts.read_form(text)


def test_a_changed_token_is_forged() -> None:
    token = str(receipts.new_form())
    changed = ("0" if token[20] != "0" else "1").join([token[:20], token[21:]])

    with pytest.raises(receipts.Forged):
        receipts.read_form(changed)


def test_a_pass_runs_out_after_half_an_hour() -> None:
    receipt = receipts.new()
    with time_machine.travel("2026-05-01 12:00Z", tick=False) as clock:
        note = receipts.make_pass(receipt)
        assert receipts.read_pass(note) == receipt
        assert receipt.code not in note
        clock.shift(receipts.PASS_SECONDS + 1)
        with pytest.raises(receipts.Forged):
            receipts.read_pass(note)
