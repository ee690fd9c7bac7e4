"""Cutting a letter into sentences, with the place of each."""

import re
from dataclasses import dataclass

LONGEST = 100_000
# A sentence longer than this is cut: nobody reads such a one, and reading it must not take long.
MOST_IN_ONE = 1_200

_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s|$)|\n\s*\n|\n\s*(?=[-*•\d])|\n(?=\s*\S))")
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
    """Return the sentences of a letter, in order; what is longer than 100,000 characters is not read."""
    text = text[:LONGEST]
    found, start = [], 0
    for end in _END.finditer(text):
        stop = end.end()
        if _SHORT.search(text[start : end.end()].rstrip()) or (end.group() == "\n" and _goes_on(text, end.start())):
            continue
        found += _cut(text, start, stop)
        start = stop
    return found + _cut(text, start, len(text))


def _goes_on(text: str, at: int) -> bool:
    """Tell whether a line only breaks in the middle of a sentence."""
    before, after = text[:at].rstrip(" \t"), text[at:].lstrip()
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
