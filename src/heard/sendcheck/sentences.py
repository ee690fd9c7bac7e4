"""Cutting a letter into sentences, with the place of each."""

import re
from dataclasses import dataclass

# No letter is so long; what comes after it is not read, and forms take no more.
LONGEST = 20_000
# How far around its end it is looked whether a sentence goes on: for a short form, and for a line that only breaks.
LONGEST_SHORT, NEAR_BREAK = 12, 200
# A sentence longer than this is cut: nobody reads such a one, and reading it must not take long.
MOST_IN_ONE = 1_200

_END = re.compile(r"(?:(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s|$)|\n\s*\n|\n\s*(?=[-*•\d])|\n(?=\s*\S))")
_SHORT = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|e\.g|i\.e|etc|no|st|sr|sra|srta|m|mme|mlle|hr|fr|z\.b|d\.h|bzw|ca|vs|u\.a|p\.ej)\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a letter and where it stands."""

    start: int
    end: int
    text: str


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a letter, in order; what is longer than 20,000 characters is not read."""
    text = text[:LONGEST]
    found, start = [], 0
    for end in _END.finditer(text):
        stop = end.end()
        if _SHORT.search(text[max(start, end.end() - LONGEST_SHORT) : end.end()].rstrip()) or (
            end.group() == "\n" and _goes_on(text, end.start())
        ):
            continue
        found += _cut(text, start, stop)
        start = stop
    return found + _cut(text, start, len(text))


def _goes_on(text: str, at: int) -> bool:
    """Tell whether a line only breaks in the middle of a sentence."""
    before, after = text[max(0, at - NEAR_BREAK) : at].rstrip(" \t"), text[at : at + NEAR_BREAK].lstrip()
    line = before.rsplit("\n", 1)[-1]
    return len(line) > 40 and not before.endswith((",", ":")) and bool(after) and after[0].islower()


def _cut(text: str, start: int, stop: int) -> list[Sentence]:
    found = []
    for begin in range(start, stop, MOST_IN_ONE):
        piece = text[begin : min(begin + MOST_IN_ONE, stop)]
        bare = piece.strip()
        if bare:
            first = begin + len(piece) - len(piece.lstrip())
            found.append(Sentence(first, first + len(bare), bare))
    return found
