"""A part of a register that does not change: names as arrays, and the pairs of words by which names are found."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from heard.matching import identifiers
from heard.matching.reading import MOST_WORDS, Form, fold, read
from heard.matching.words import Postings, Vocabulary

# Numbers that stand for no word: the initial of a longer word (+ its letter), and "the only word of the name".
LETTERS = 0x300
# From so many words on, far neighbours are strangers more often than slips.
LARGE = 30_000
_GENERATIONS = {"": 0, "younger": 1, "elder": 2, "third": 3, "fourth": 4}


@dataclass(frozen=True)
class Person:
    """Somebody as they are written down: names (all of them), addresses, handles, phones, and where they are from."""

    names: Sequence[str] = field(default_factory=list)
    emails: Sequence[str] = field(default_factory=list)
    handles: Sequence[str] = field(default_factory=list)
    phones: Sequence[str] = field(default_factory=list)
    city: str = ""
    country: str = ""


class Batch:
    """Many persons, read: one row a form of a name."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        owners: list[int] = []
        rows: list[list[int]] = []
        joined: list[bool] = []
        generations: list[int] = []
        ids: dict[str, int] = {"": 0}  # never without a word, so that rows without one need no special care
        for number, person in enumerate(people):
            seen: set[tuple[str, ...]] = set()
            for reading in map(read, person.names or [""]):
                # Somebody without a readable name still has a row, to be found by an address.
                for form in reading.forms or (() if seen else (Form(()),)):
                    if form.words in seen:
                        continue
                    seen.add(form.words)
                    rows.append([ids.setdefault(word, len(ids)) for word in form.words[:MOST_WORDS]])
                    owners.append(number)
                    joined.append(form.joined)
                    generations.append(_GENERATIONS[reading.generation])
        self.vocabulary = Vocabulary(list(ids))
        self.owner = np.array(owners, dtype=np.int64)
        self.joined = np.array(joined, dtype=bool)
        self.generation = np.array(generations, dtype=np.int8)
        self.words = np.full((len(rows), MOST_WORDS), -1, dtype=np.int32)
        for number, row in enumerate(rows):
            self.words[number, : len(row)] = row
        self.size = (self.words >= 0).sum(1).astype(np.int8)

    @cached_property
    def city_names(self) -> list[str]:
        """Cities as they are compared; empty where none is known."""
        return [fold(p.city) if p.city else "" for p in self.people]

    @cached_property
    def city(self) -> np.ndarray:
        """Cities as hashes; 0 where none is known."""
        return np.array([hash(city) if city else 0 for city in self.city_names], dtype=np.int64)

    @cached_property
    def country(self) -> np.ndarray:
        """Countries as hashes; 0 where none is known."""
        return np.array([hash(fold(p.country)) if p.country else 0 for p in self.people], dtype=np.int64)

    @cached_property
    def mailboxes(self) -> list[list[identifiers.Mailbox]]:
        """The mailboxes of each person."""
        return [[box for email in p.emails if (box := identifiers.mailbox(email))] for p in self.people]

    @cached_property
    def handles(self) -> list[list[str]]:
        """The handles of each person."""
        return [[name for text in p.handles if (name := identifiers.handle(text))] for p in self.people]

    @cached_property
    def phones(self) -> list[list[str]]:
        """The phones of each person."""
        return [[number for text in p.phones if (number := identifiers.phone(text))] for p in self.people]

    @cached_property
    def carriers(self) -> np.ndarray:
        """How many persons carry each word in a name."""
        used = self.words[~self.joined] if len(self.words) else self.words
        rows, _ = np.nonzero(used >= 0)
        owners = self.owner[~self.joined][rows]
        pairs = np.unique(owners * np.int64(len(self.vocabulary)) + used[used >= 0])
        return np.bincount(pairs % len(self.vocabulary), minlength=len(self.vocabulary))


class Segment(Batch):
    """A batch with the tables to find its names by."""

    def __init__(self, people: Sequence[Person]) -> None:
        super().__init__(people)
        self.is_large = len(self.vocabulary) >= LARGE
        self.by_word = Postings(*self.vocabulary.keys(asking=False, far=not self.is_large))
        self.by_pair = Postings(*self._pairs())
        self.by_word_and_city = {alone: Postings(*self._in_cities(alone)) for alone in (False, True)}
        self.by_mailbox = _by(self.mailboxes)
        self.by_handle = _by(self.handles)
        self.by_phone = _by(self.phones)
        self.near: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self.singles = {
            int(self.vocabulary.initial[number]): number for number in np.flatnonzero(self.vocabulary.single)
        }

    @cached_property
    def city_rarity(self) -> np.ndarray:
        """How rare each person's city is here: minus the logarithm of its share."""
        cities, place, count = np.unique(self.city, return_inverse=True, return_counts=True)
        share = np.log((count + 1) / (len(self.people) + 20))
        return np.asarray(-share[place] if len(cities) else np.zeros(0))

    @cache  # noqa: B019 (a segment lives as long as its register)
    def share(self, background: int) -> np.ndarray:
        """Return the logarithm of the share of people who carry each word, the bearer not counted."""
        total = len(self.people) + background
        return np.asarray(np.log((np.maximum(self.carriers - 1, 0) + self.vocabulary.rate * background + 0.1) / total))

    @property
    def base(self) -> int:
        """What a pair of numbers is multiplied with to be one number."""
        return len(self.vocabulary) + LETTERS + 2

    def letter(self, initial: np.ndarray) -> np.ndarray:
        """Return the numbers that stand for initials."""
        return np.asarray(len(self.vocabulary) + np.minimum(initial, LETTERS - 1))

    @property
    def only(self) -> tuple[int, int]:
        """The numbers that stand for the only word of a name, as written and put together."""
        return len(self.vocabulary) + LETTERS, len(self.vocabulary) + LETTERS + 1

    def key(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return the key of pairs of numbers, in whatever order."""
        return np.asarray(np.minimum(u, v).astype(np.int64) * self.base + np.maximum(u, v))

    def _pairs(self) -> tuple[np.ndarray, np.ndarray]:
        rows = np.arange(len(self.words))
        keys: list[np.ndarray] = []
        forms: list[np.ndarray] = []
        for i in range(MOST_WORDS):
            for j in range(i + 1, MOST_WORDS):
                both = rows[self.words[:, j] >= 0]
                if not len(both):
                    continue
                u, v = self.words[both, i], self.words[both, j]
                keys += [self.key(u, v)]
                forms += [both]
                for word, other in ((u, v), (v, u)):
                    long = ~self.vocabulary.single[other]
                    keys.append(self.key(word[long], self.letter(self.vocabulary.initial[other[long]])))
                    forms.append(both[long])
        alone = rows[self.size == 1]
        number = np.where(self.joined[alone], self.only[1], self.only[0])
        keys.append(self.key(self.words[alone, 0], number))
        forms.append(alone)
        return np.concatenate(keys), np.concatenate(forms)

    def _in_cities(self, alone: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return keys for words in a city, and the forms: of names of one word alone, or of all longer ones.

        In a large register one word in one city is many strangers.
        """
        form, place = np.nonzero((self.words >= 0) & ((self.size == 1) == alone)[:, None])
        city = self.city[self.owner[form]]
        kept = np.flatnonzero((city != 0) & (not self.is_large) & ~self.joined[form])
        form, place, city = form[kept], place[kept], city[kept]
        return in_city(self.words[form, place], city), form


def in_city(word: np.ndarray, city: np.ndarray) -> np.ndarray:
    """Return the key of a word in a city."""
    return np.asarray(city ^ (word.astype(np.int64) * np.int64(0x9E3779B97F4A7C15 - (1 << 64))))


def _by(values: Sequence[Sequence[object]]) -> dict[str, list[int]]:
    table: dict[str, list[int]] = defaultdict(list)
    for number, mine in enumerate(values):
        for value in mine:
            table[value.key if isinstance(value, identifiers.Mailbox) else str(value)].append(number)
    return dict(table)
