"""A letter cut at what the check marked, for a page to show."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from heard.sendcheck.check import Checked


@dataclass(frozen=True)
class Piece:
    """Some words of a letter, and which rules they break; `number` counts the marks."""

    words: str
    titles: tuple[str, ...] = ()
    number: int = 0


def pieces(text: str, found: Checked) -> list[Piece]:
    """Return a letter cut at its marks."""
    return list(_pieces(text, found))


def _pieces(text: str, found: Checked) -> Iterator[Piece]:
    edges = sorted({0, len(text), *(f.start for f in found.findings), *(f.end for f in found.findings)})
    number = 0
    for start, end in itertools.pairwise(edges):
        titles = tuple(dict.fromkeys(f.title for f in found.findings if f.start <= start and end <= f.end))
        number += bool(titles)
        yield Piece(text[start:end], titles, number if titles else 0)
