"""A register of persons that can be asked: is this one of them?"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

import numpy as np

from heard.matching import model, why
from heard.matching.evidence import FEATURES, Evidence, Examiner
from heard.matching.pairs import Comparison
from heard.matching.segment import Batch, Person, Segment

Key = TypeVar("Key", bound=Hashable)
# Small parts are merged when there are this many of them.
MOST_SEGMENTS = 6
# Pairs less likely than this are not worth reading the addresses for, nor reporting.
FLOOR = 0.02
# To a single question a pair less likely than this is no answer.
WORTH_SAYING = 0.1
# For so few pairs, reading all addresses costs less than judging twice.
FEW = 6


class Answer(StrEnum):
    """What the register says. There is no third answer: that somebody is meant, only a person can say."""

    CLEAR = "clear"
    LOOK = "look"


@dataclass(frozen=True)
class Hit(Generic[Key]):
    """Somebody in the register who may be meant: how likely, why, and how many strangers of such a name to expect."""

    key: Key
    score: float
    answer: Answer
    why: list[str]
    strangers: float


class Register(Generic[Key]):
    """Persons under keys. Adding, removing and asking happen in place; one thread at a time."""

    def __init__(self, people: Mapping[Key, Person] | None = None) -> None:
        self._people: dict[Key, Person] = {}
        self._segments: list[tuple[Segment, list[Key]]] = []
        if people:
            self.update(people)

    def __len__(self) -> int:
        return len(self._people)

    def __contains__(self, key: Key) -> bool:
        return key in self._people

    def add(self, key: Key, person: Person) -> None:
        """Add somebody, or replace them."""
        self.update({key: person})

    def update(self, people: Mapping[Key, Person]) -> None:
        """Add many persons at once."""
        if not people:
            return
        self._people.update(people)
        self._segments.append((Segment(list(people.values())), list(people)))
        if len(self._segments) > MOST_SEGMENTS:
            self._merge()

    def remove(self, key: Key) -> None:
        """Remove somebody. Raises KeyError."""
        del self._people[key]

    def ask(self, person: Person, *, floor: float = WORTH_SAYING) -> list[Hit[Key]]:
        """Return who of the register may be this person, the likeliest first."""
        return [hit for _, hit in self.screen([person], floor=floor, counts_batch=False)]

    def screen(
        self, people: Sequence[Person], *, floor: float = FLOOR, counts_batch: bool = True
    ) -> Iterator[tuple[int, Hit[Key]]]:
        """Yield for many persons at once who of the register each may be: (number, hit), the likeliest first.

        With `counts_batch` the batch itself tells how often a name occurs.
        """
        batch = Batch(people)
        found: list[tuple[int, Hit[Key]]] = []
        for segment, keys in self._segments:
            comparison = Comparison(batch, segment, counts_batch=counts_batch)
            for number, other, score, evidence, row in _best(comparison, floor):
                key = keys[other]
                if self._people.get(key) is segment.people[other]:
                    found.append((number, self._hit(comparison, key, score, evidence, row)))
        yield from sorted(found, key=lambda pair: (pair[0], -pair[1].score))

    def _hit(self, comparison: Comparison, key: Key, score: float, evidence: Evidence, row: int) -> Hit[Key]:
        answer = Answer.LOOK if score >= model.LOOK else Answer.CLEAR
        reasons = why.explain(comparison, evidence, row)
        return Hit(key, score, answer, reasons, why.strangers(comparison, evidence, row))

    def _merge(self) -> None:
        """Put the small parts together; a large one is touched only when what was added comes near its size."""
        segments = sorted(self._segments, key=lambda part: len(part[1]))
        small = segments[:-1]
        if sum(len(keys) for _, keys in small) * 2 > len(segments[-1][1]):
            small = segments
        kept = [part for part in segments if part not in small]
        merged = {
            key: person
            for part, keys in small
            for key, person in zip(keys, part.people, strict=True)
            if self._people.get(key) is person
        }
        self._segments = kept + ([(Segment(list(merged.values())), list(merged))] if merged else [])


def compare(one: Person, other: Person) -> Hit[None]:
    """Return how likely two persons are one, and why."""
    hits = Register({None: other}).ask(one, floor=0)
    return hits[0] if hits else Hit(None, 0.0, Answer.CLEAR, ["nothing in common"], 0.0)


def judged(comparison: Comparison) -> tuple[Evidence, np.ndarray]:
    """Return all evidence of a comparison with the probability of each pair of forms."""
    form, other = comparison.candidates()
    examiner = Examiner(comparison)
    evidence = examiner.evidence(form, other)
    if len(evidence.left) <= FEW:
        examiner.add_spelling(evidence, np.arange(len(evidence.left)))
        return evidence, model.probability(evidence.features)
    score = model.probability(evidence.features)
    worth = np.flatnonzero(score > FLOOR)
    changed = examiner.add_spelling(evidence, worth)
    if len(changed):
        score[changed] = model.probability(evidence.features[changed])
    return evidence, score


def _best(comparison: Comparison, floor: float) -> Iterable[tuple[int, int, float, Evidence, int]]:
    """Yield each pair of persons once, by the forms of their names that fit best."""
    evidence, score = judged(comparison)
    kept = np.flatnonzero(score >= floor)
    # Of two ways that fit nearly as well, the plain one explains itself better.
    plain = score[kept] * (1 - 0.03 * evidence.features[kept, FEATURES.index("joined")])
    order = kept[np.lexsort((-plain, evidence.right[kept], evidence.left[kept]))]
    pair = evidence.left[order] * np.int64(len(comparison.segment.people)) + evidence.right[order]
    first = np.concatenate([[True], pair[1:] != pair[:-1]]) if len(order) else np.zeros(0, bool)
    for row in order[first].tolist():
        yield int(evidence.left[row]), int(evidence.right[row]), float(score[row]), evidence, row
