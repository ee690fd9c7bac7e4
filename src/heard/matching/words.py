"""Words of names, many at once: which two words are one name, and in what way."""

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from heard.matching import lexicon, sounds
from heard.matching.reading import is_abjad, is_patronymic, romanise

LONGEST_EDITED, LONGEST_EDITED_OF_MANY = 14, 11
# What is kept of each reading of a word, in one row: hashes of its text and sounds, lengths, and whether it has no vowels.
TEXT, SOUND, COARSE, BONE, BARE, LENGTH, BONE_LENGTH, BARE_LENGTH, ABJAD = range(9)


class Level(IntEnum):
    """In what way two words are one name."""

    NONE = 0
    SAME = 1
    SPELLED = 2
    SHORT = 3
    EDIT = 4
    EDIT_OF_FEW = 5
    COARSE = 6
    BONES = 7
    EDITS = 8
    UNVOWELED = 9
    UNVOWELED_EDIT = 10
    BEGINS = 11
    ALIKE = 12
    INITIAL = 13
    LISTED = 14


# How much of a word's rarity a level is worth when neighbours are ranked; the score itself has learned weights.
GAIN = np.array([0, 1, 0.95, 0.75, 0.8, 0.5, 0.65, 0.6, 0.55, 0.6, 0.35, 0.45, 0.4, 0.3, 0.7], dtype=np.float32)


class Word(NamedTuple):
    """What is known of one word: its readings in Latin letters with their sounds, and numbers for both."""

    readings: tuple[str, ...]
    sounds: tuple[str, ...]
    bones: tuple[str, ...]
    bares: tuple[str, ...]
    numbers: tuple[tuple[int, ...], ...]
    traits: tuple[int, ...]
    rate: float
    roots: frozenset[str]
    spellings: frozenset[int]


@lru_cache(maxsize=50_000)
def described(word: str) -> Word:
    """Return what is known of a word."""
    readings = romanise(word)
    heard, bones, bares = (tuple(map(way, readings)) for way in (sounds.sound, sounds.skeleton, sounds.bare))
    numbers = tuple(
        (hash(a), hash(b), hash(sounds.coarse(a)), hash(c), hash(d), len(a), len(c), len(d), is_abjad(word))
        for a, b, c, d in zip(readings, heard, bones, bares, strict=True)
    )
    first = readings[0]
    roots = frozenset().union(*map(lexicon.roots, readings))
    spellings = frozenset().union(*map(lexicon.spellings, readings))
    traits = (
        len(readings), ord(first[0]) if first else 0, len(first), len(first) == 1, is_patronymic(word),
        lexicon.is_known(word), bool(spellings), bool(roots),
    )  # fmt: skip
    return Word(readings, heard, bones, bares, numbers, traits, lexicon.rate(first), roots, spellings)


class Vocabulary:
    """Distinct words, described once: arrays by word, and by reading of a word a row of numbers."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self.ids = {word: number for number, word in enumerate(self.words)}
        all_ = [described(word) for word in self.words]
        self.readings = [text for word in all_ for text in word.readings]
        self.sounds = [text for word in all_ for text in word.sounds]
        self.bones = [text for word in all_ for text in word.bones]
        self.bares = [text for word in all_ for text in word.bares]
        rows = [numbers for word in all_ for numbers in word.numbers]
        self.numbers = np.array(rows, dtype=np.int64).reshape(-1, ABJAD + 1)
        traits = np.array([word.traits for word in all_], dtype=np.int64).reshape(-1, 8)
        self.counts, self.initial, self.size, *flags = np.ascontiguousarray(traits.T)
        self.single, self.light, self.known, self.has_spellings, self.has_roots = (f.astype(bool) for f in flags)
        self.starts = np.concatenate([[0], np.cumsum(self.counts)])
        self.rate = np.array([word.rate for word in all_], dtype=np.float64)
        self.roots = [word.roots for word in all_]
        self.spellings = [word.spellings for word in all_]

    def __len__(self) -> int:
        return len(self.words)

    def ways(self, word: int) -> list[str]:
        """Return the readings of a word."""
        return self.readings[self.starts[word] : self.starts[word + 1]]

    def keys(self, *, asking: bool, far: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Return the keys by which words that may be one name find each other, and the words they belong to.

        Whoever asks and whoever is asked have the same keys but for beginnings: there a whole word meets a part. Without
        `far`, words with two slips in them are not looked for: in a large register most of those are strangers.
        """
        keys: list[int] = []
        owners: list[int] = []
        for number, word in enumerate(self.words):
            found = self._keys_of(number, word, asking, far)
            keys.extend(found)
            owners.extend([number] * len(found))
        return np.array(keys, dtype=np.int64), np.array(owners, dtype=np.int64)

    def _keys_of(self, number: int, word: str, asking: bool, far: bool) -> set[int]:
        keys: set[int] = set()
        if self.single[number] or not word:
            return keys
        for at in range(self.starts[number], self.starts[number + 1]):
            reading, bones = self.readings[at], self.bones[at]
            row = self.numbers[at].tolist()
            keys.add(row[SOUND])
            keys.add(row[COARSE])
            if len(bones) > 1:
                keys.add(row[BONE] ^ 0x5555)
                if far and len(bones) > 4:
                    keys.update(hash(("b", cut)) for cut in _shorter(bones))
            if 4 <= len(reading) <= (LONGEST_EDITED if far else LONGEST_EDITED_OF_MANY):
                keys.update(hash(cut) for cut in _shorter(reading))
                if far and len(reading) > 6:
                    keys.update(hash(cut) for cut in _much_shorter(reading))
            if row[BARE_LENGTH] > 1:
                keys.add(row[BARE] ^ 0x3333)
            if len(reading) > 3:
                keys.add(hash((asking, reading)))
                keys.update(hash((not asking, reading[:end])) for end in range(4, len(reading)))
        keys.update(hash(("n", root)) for root in self.roots[number])
        keys.update(hash(("g", group)) for group in self.spellings[number])
        return keys


def levels(one: Vocabulary, a: np.ndarray, other: Vocabulary, b: np.ndarray) -> np.ndarray:
    """Return the level at which each word a of one vocabulary and b of another are one name."""
    result = np.zeros(len(a), dtype=np.uint8)
    if not len(a):
        return result
    ra, rb, pair = _reading_pairs(one, a, other, b)
    level = _levels_of_readings(one, ra, other, rb)
    order = np.lexsort((-GAIN[level], pair))
    best = order[np.concatenate([[True], pair[order][1:] != pair[order][:-1]])]
    result[pair[best]] = level[best]
    _related(result, Level.LISTED, one.has_spellings[a] & other.has_spellings[b], one.spellings, a, other.spellings, b)
    _related(result, Level.SHORT, one.has_roots[a] & other.has_roots[b], one.roots, a, other.roots, b)
    letter = one.single[a] ^ other.single[b]
    same = one.initial[a] == other.initial[b]
    result[letter] = np.where(same[letter], Level.INITIAL, Level.NONE)
    return result


def _related(
    result: np.ndarray, level: Level, both: np.ndarray, ours: list[frozenset], a: np.ndarray, theirs: list[frozenset],
    b: np.ndarray,
) -> None:  # fmt: skip
    """Raise pairs that share a group to a level."""
    for at in np.flatnonzero(both & (GAIN[result] < GAIN[level])):
        if not ours[a[at]].isdisjoint(theirs[b[at]]):
            result[at] = level


def _reading_pairs(
    one: Vocabulary, a: np.ndarray, other: Vocabulary, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    many_a, many_b = one.counts[a], other.counts[b]
    total = many_a * many_b
    if total.max(initial=1) == 1:
        return one.starts[a], other.starts[b], np.arange(len(a))
    pair = np.repeat(np.arange(len(a)), total)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(total) - total, total)
    return one.starts[a][pair] + within // many_b[pair], other.starts[b][pair] + within % many_b[pair], pair


def _levels_of_readings(one: Vocabulary, a: np.ndarray, other: Vocabulary, b: np.ndarray) -> np.ndarray:
    # Whole rows first: in a large register each row is somewhere else in memory.
    ours, theirs = one.numbers[a], other.numbers[b]
    same = ours[:, : BARE + 1] == theirs[:, : BARE + 1]
    short, long = np.minimum(ours, theirs)[:, LENGTH:], np.maximum(ours[:, LENGTH], theirs[:, LENGTH])
    native = ours[:, ABJAD] != theirs[:, ABJAD]
    shortest = {column: short[:, column - LENGTH] for column in (LENGTH, BONE_LENGTH, BARE_LENGTH)}
    level = np.zeros(len(a), dtype=np.uint8)
    level[same[:, BARE] & native & (shortest[BARE_LENGTH] > 1)] = Level.UNVOWELED
    level[same[:, BONE] & (shortest[BONE_LENGTH] > 1)] = Level.BONES
    level[same[:, COARSE]] = Level.COARSE
    level[same[:, SOUND]] = Level.SPELLED
    level[same[:, TEXT]] = Level.SAME
    at = np.flatnonzero((level == 0) | (level > Level.SPELLED))
    if len(at):
        lengths = Lengths(shortest[LENGTH][at], long[at], shortest[BARE_LENGTH][at])
        level[at] = _edits(one, a[at], other, b[at], level[at], lengths, native[at])
    return level


class Lengths(NamedTuple):
    """The length of the shorter and of the longer reading of pairs, and of the shorter one without vowels."""

    short: np.ndarray
    long: np.ndarray
    bare: np.ndarray


def _edits(
    one: Vocabulary, a: np.ndarray, other: Vocabulary, b: np.ndarray, level: np.ndarray, lengths: Lengths,
    native: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return the levels of readings that differ, by the number of slips between them."""
    short, long = lengths.short, lengths.long
    i, j = a.tolist(), b.tolist()
    left, right = _picked(one.readings, i), _picked(other.readings, j)
    slips = cpdist(left, right, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    heard = cpdist(
        _picked(one.sounds, i), _picked(other.sounds, j), scorer=OSA.distance, score_cutoff=1, dtype=np.uint8
    )
    alike = cpdist(left, right, scorer=JaroWinkler.similarity, score_cutoff=0.9, dtype=np.float32)
    begins = np.zeros(len(a), dtype=bool)
    for at in np.flatnonzero((level == 0) & (short > 3) & (long > short)).tolist():
        begins[at] = left[at].startswith(right[at]) or right[at].startswith(left[at])
    found = level.copy()

    def put(where: np.ndarray, new: Level) -> None:
        if where.any():
            found[where & (GAIN[found] < GAIN[new])] = new

    put((alike >= 0.9) & (short > 3), Level.ALIKE)
    put(begins, Level.BEGINS)
    if native.any():
        bare = cpdist(
            _picked(one.bares, i), _picked(other.bares, j), scorer=OSA.distance, score_cutoff=1, dtype=np.uint8
        )
        put(native & (bare == 1) & (lengths.bare > 2), Level.UNVOWELED_EDIT)
    put((slips == 2) & (long > 5), Level.EDITS)
    put((heard <= 1) & (short > 4), Level.EDITS)
    put((slips == 1) & (short > 1) & (long < 5), Level.EDIT_OF_FEW)
    put((slips == 1) & (long > 4), Level.EDIT)
    return found


def _picked(texts: list[str], places: list[int]) -> list[str]:
    return [texts[at] for at in places]


class Postings:
    """What lies under each of many keys: keys once, in order, and where their values begin."""

    def __init__(self, keys: np.ndarray, values: np.ndarray) -> None:
        order = np.argsort(keys, kind="stable")
        self.values = values[order]
        self.keys, self.start, self.count = np.unique(keys[order], return_index=True, return_counts=True)

    def look_up(self, keys: np.ndarray, most: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return which of the keys asked for have values, once for each value, and the values."""
        if not len(self.keys) or not len(keys):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        order = np.argsort(keys)  # in order, neighbours in memory are asked for one after the other
        asked = keys[order]
        place = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        count = np.where(self.keys[place] == asked, self.count[place], 0)
        if most is not None:
            count[count > most] = 0
        at = np.repeat(self.start[place] - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
        return np.repeat(order, count), self.values[at]


def neighbours(
    one: Vocabulary,
    keys: tuple[np.ndarray, np.ndarray],
    other: Vocabulary,
    table: Postings,
    most: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return word pairs (of one, of other, level) that are one name; `table` holds the other's keys."""
    ours, owners = keys
    asked, b = table.look_up(ours, most)
    a = owners[asked]
    pairs = np.unique(a * np.int64(len(other)) + b)
    a, b = pairs // len(other), pairs % len(other)
    level = levels(one, a, other, b)
    kept = level > 0
    return a[kept], b[kept], level[kept]


def _shorter(word: str) -> list[str]:
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def _much_shorter(word: str) -> list[str]:
    return [word[:i] + word[i + 1 : j] + word[j + 1 :] for i, j in combinations(range(len(word)), 2)]
