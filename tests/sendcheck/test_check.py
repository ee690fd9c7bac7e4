"""The send check: what it marks, what it lets pass, and that nobody is shown who may not be."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.letters.corpus import letters
from heard import guidance, sendcheck
from heard.matching import Person
from heard.sendcheck import TO, Hidden, check
from heard.sendcheck.commands import answers
from heard.sendcheck.encoder import encoder
from heard.sendcheck.model import FLAGS
from heard.sendcheck.sentences import sentences
from heard.sendcheck.wordpiece import Pieces

CASES = [(flag, text) for flag, rule in sendcheck.rules().items() for text in rule.examples]
FINE = [(flag, text) for flag, rule in sendcheck.rules().items() for text in rule.fine]
RECIPIENT = {"apology": "reported", "appeal_suspends": "reported"}


@pytest.mark.requirement("R29", "R37", "R38", "R41", "R42", "R43", "R44", "R55", "R63", "R64", "R65", "R76")
@pytest.mark.parametrize(("flag", "text"), CASES)
def test_each_rule_marks_its_examples(flag: str, text: str) -> None:
    to = "reported" if flag == "details" else RECIPIENT.get(flag, "reporter")
    assert flag in check(text, to=to).flags


@pytest.mark.parametrize(("flag", "text"), FINE)
def test_each_rule_lets_its_counter_examples_pass(flag: str, text: str) -> None:
    to = "reported" if flag == "details" else RECIPIENT.get(flag, "reporter")
    assert check(text, to=to).flags == []


def test_a_switch_relaxes_only_the_rule_it_names() -> None:
    text = "Would a warning be enough for you, or should we ban him?"
    assert check(text, to="reporter", relaxed={"penalty"}).flags == []
    assert "penalty" in check(text, to="reporter", relaxed={"apology", "mediation"}).flags
    named = {rule.switch for rule in sendcheck.rules().values() if rule.switch}
    about_members = {"newcomers_read"}
    assert named == set(guidance.Switches.model_fields) - about_members


@pytest.mark.requirement("R44", "R71")
@pytest.mark.parametrize(
    "text",
    [
        "Katherine told us about the evening.",
        "This is about what Kate Brzezicka saw.",
        "You know whom we mean: K. BRZEZICKA.",
        "Write to kate.b@gmail.com and ask.",
        "The woman in the yellow raincoat told us.",
    ],
)
def test_somebody_is_found_in_any_spelling_and_by_what_only_they_are(text: str) -> None:
    hidden = [Hidden(Person(["Katherine Brzezicka"], ["kate.b@gmail.com"]), ("yellow raincoat, short hair",))]
    assert check(text, to="reported", hidden=hidden).shows_somebody
    assert not check("We have received a report about your behaviour.", to="reported", hidden=hidden).shows_somebody


@pytest.mark.requirement("R52")
def test_what_was_told_is_not_quoted() -> None:
    told = ["He stood too close to me all evening at the bar and came after me although I had said no twice."]
    quoting = "It is said that you came after me although I had said no twice, or so."
    assert check(quoting, to="reported", told=told).shows_somebody
    assert not check("It is said that you stood too close to somebody.", to="reported", told=told).shows_somebody


@pytest.mark.requirement("R41", "R42", "R43", "R54", "R63")
def test_no_letter_of_ours_is_marked() -> None:
    for name, notice in guidance.notices().items():
        text = notice.text
        for place in guidance.open_places(text):
            text = text.replace(place, "Somebody stood too close to others and did not stop.")
        assert check(text, to=notice.to).flags == [], name


def test_other_languages_say_that_they_were_not_checked_but_names_are_looked_for() -> None:
    finnish = "Hei, kiitos viestistäsi. Katherine kertoi meille mitä tapahtui eilen illalla baarissa."
    found = check(finnish, to="reported", hidden=[Hidden(Person(["Katherine Brzezicka"]))])
    assert found.language == "" and found.shows_somebody


def test_the_command_reads_lines_and_names_a_broken_one() -> None:
    lines = [json.dumps({"id": "a", "to": "reporter", "text": CASES[0][1]}), "", '{"id": "b"}']
    first = next(answers(lines))
    assert first["id"] == "a" and CASES[0][0] in first["flags"]
    assert first["spans"][0]["text"] in CASES[0][1]
    with pytest.raises(ValueError, match="line 3"):
        list(answers(lines))
    for wrong in ({"id": 1, "to": "mother", "text": "x"}, {"id": 1, "to": "reporter", "text": 5}):
        with pytest.raises(ValueError, match="line 1"):
            list(answers([json.dumps(wrong)]))


def test_the_command_needs_no_installation() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "heard.cli", "check-letter", "--to", "reporter"],
        input="You should really go to the police.", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "police_pressure" in done.stdout, done.stderr


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=600), st.sampled_from(TO))
def test_any_text_is_read_and_every_mark_lies_within_it(text: str, to: str) -> None:
    for finding in check(text, to=to, hidden=[Hidden(Person(["Ada"]), ("green jacket",))]).findings:
        assert 0 <= finding.start < finding.end <= len(text) and finding.flag in FLAGS
    cut = sentences(text)
    assert all(text[s.start : s.end] == s.text for s in cut)


@pytest.mark.parametrize(
    "text",
    [
        "!" * 99_999 + "x",
        "e.g. " * 20_000,
        "\n" * 50_000,
        "-\n" * 50_000,
        "x" * 45 + "\n" * 50_000 + "a",
        "\n" + " " * 90_000,
    ],
)
def test_cutting_into_sentences_ends_soon_whatever_was_written(text: str) -> None:
    begun = time.process_time()
    sentences(text)
    assert time.process_time() - begun < 5


def test_a_long_letter_takes_bounded_time() -> None:
    begun = time.process_time()
    check("word " * 40_000, to="reporter")
    check("Is it? " * 10_000, to="reporter", hidden=[Hidden(Person(["Ada"]), ("is it green and yellow",))])
    assert time.process_time() - begun < 60


@pytest.mark.requirement("R44")
@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u2060", "\ufeff"])
def test_characters_that_nobody_sees_hide_no_name_and_marks_stay_in_place(unseen: str) -> None:
    text = f"Yesterday Kath{unseen}erine told us."
    (found,) = check(text, to="reported", hidden=[Hidden(Person(["Katherine Brzezicka"]))]).findings
    assert text[found.start : found.end] == f"Kath{unseen}erine"


def test_words_fall_into_known_pieces_and_a_strange_one_is_unknown() -> None:
    known = Pieces(
        {name: n for n, name in enumerate(["[UNK]", "[CLS]", "[SEP]", "with", "##draw", "##n", "cafe", "!"])}
    )
    assert known.of("Withdrawn, CAFÉ!") == [3, 4, 5, 0, 6, 7]
    assert known.of("x" * 101) == [0]
    assert known.of("") == []


def test_a_sentence_is_read_within_its_letter_and_every_sentence_has_a_score() -> None:
    many = ["It was decided on Tuesday."] * 60
    scores = encoder("en").scores(many, "reporter")
    assert scores.shape == (60, len(FLAGS)) and (scores != -9).all()
    alone = encoder("en").scores(["You need not answer."], "reporter")[0]
    after = encoder("en").scores(["He says he is so sorry that he cannot sleep.", "You need not answer."], "reporter")[
        1
    ]
    assert not np.allclose(alone, after)
    assert encoder("en").scores([], "reporter").shape == (0, len(FLAGS))


@pytest.mark.requirement("R29", "R41", "R42", "R43", "R63", "R64", "R76")
def test_letters_it_has_never_seen_are_read_as_well_as_the_page_of_figures_says() -> None:
    """The floor under docs/performance.md; the figures themselves stand there."""
    unseen = [letter for letter in letters("held_out") if letter.hand == "natural"]
    said = [set(check(letter.text, to=letter.to).flags) for letter in unseen]
    hits = sum(len(s & letter.flags) for s, letter in zip(said, unseen, strict=True))
    false = sum(bool(s) for s, letter in zip(said, unseen, strict=True) if not letter.flags)
    assert hits / sum(len(letter.flags) for letter in unseen) > RECALL
    assert hits / sum(map(len, said)) > PRECISION
    assert false / sum(not letter.flags for letter in unseen) < ALARMS


RECALL, PRECISION, ALARMS = 0.85, 0.85, 0.06
