"""Words of names, many at once: which two words are one name, and in what way."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import combinations

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from heard.matching import lexicon, sounds
from heard.matching.reading import is_abjad, is_patronymic, romanise

LONGEST_EDITED = 14


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


class Vocabulary:
    """Distinct words, described once: arrays by word, and flat arrays by reading of a word."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self.ids = {word: number for number, word in enumerate(self.words)}
        readings = [romanise(word) for word in self.words]
        self.counts = np.fromiter(map(len, readings), np.int32, len(readings))
        self.starts = np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int64)
        self.readings = [reading for ways in readings for reading in ways]
        self.owner = np.repeat(np.arange(len(self.words)), self.counts)
        self.text = _hashes(self.readings)
        self.sounds = [sounds.sound(reading) for reading in self.readings]
        self.sound = _hashes(self.sounds)
        self.coarse = _hashes([sounds.coarse(reading) for reading in self.readings])
        self.bones = [sounds.skeleton(reading) for reading in self.readings]
        self.bone = _hashes(self.bones)
        self.bares = [sounds.bare(reading) for reading in self.readings]
        self.bare = _hashes(self.bares)
        self.length = np.fromiter(map(len, self.readings), np.int32, len(self.readings))
        self.bone_length = np.fromiter(map(len, self.bones), np.int32, len(self.bones))
        self.bare_length = np.fromiter(map(len, self.bares), np.int32, len(self.bares))
        first = [ways[0] for ways in readings]
        self.initial = np.fromiter((ord(word[0]) if word else 0 for word in first), np.int32, len(first))
        self.single = np.fromiter((len(word) == 1 for word in first), bool, len(first))
        self.size = np.fromiter(map(len, first), np.int32, len(first))
        self.abjad = np.fromiter(map(is_abjad, self.words), bool, len(self.words))
        self.light = np.fromiter(map(is_patronymic, self.words), bool, len(self.words))
        self.known = np.fromiter(map(lexicon.is_known, self.words), bool, len(self.words))
        self.rate = np.fromiter(map(lexicon.rate, first), np.float64, len(first))
        self.roots = [frozenset().union(*map(lexicon.roots, ways)) for ways in readings]
        self.spellings = [frozenset().union(*map(lexicon.spellings, ways)) for ways in readings]
        self.has_spellings = np.fromiter(map(bool, self.spellings), bool, len(self.spellings))
        self.has_roots = np.fromiter(map(bool, self.roots), bool, len(self.roots))

    def __len__(self) -> int:
        return len(self.words)

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
            keys.add(int(self.sound[at]))
            keys.add(int(self.coarse[at]))
            if len(bones) > 1:
                keys.add(int(self.bone[at]) ^ 0x5555)
                if far and len(bones) > 4:
                    keys.update(hash(("b", cut)) for cut in _shorter(bones))
            if 4 <= len(reading) <= LONGEST_EDITED:
                keys.update(hash(cut) for cut in _shorter(reading))
                if far and len(reading) > 6:
                    keys.update(hash(cut) for cut in _much_shorter(reading))
            if len(self.bares[at]) > 1:
                keys.add(int(self.bare[at]) ^ 0x3333)
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
    level = np.zeros(len(a), dtype=np.uint8)
    la, lb = one.length[a], other.length[b]
    short, long = np.minimum(la, lb), np.maximum(la, lb)
    native = one.abjad[one.owner[a]] ^ other.abjad[other.owner[b]]
    same_bare = (one.bare[a] == other.bare[b]) & (np.minimum(one.bare_length[a], other.bare_length[b]) > 1)
    level[same_bare & native] = Level.UNVOWELED
    level[(one.bone[a] == other.bone[b]) & (np.minimum(one.bone_length[a], other.bone_length[b]) > 1)] = Level.BONES
    level[one.coarse[a] == other.coarse[b]] = Level.COARSE
    level[one.sound[a] == other.sound[b]] = Level.SPELLED
    level[one.text[a] == other.text[b]] = Level.SAME
    open_ = np.flatnonzero((level == 0) | (level > Level.SPELLED))
    if len(open_):
        level[open_] = _edits(one, a[open_], other, b[open_], level[open_], short[open_], long[open_], native[open_])
    return level


def _edits(
    one: Vocabulary, a: np.ndarray, other: Vocabulary, b: np.ndarray, level: np.ndarray, short: np.ndarray,
    long: np.ndarray, native: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return the levels of readings that differ, by the number of slips between them."""
    left, right = [one.readings[i] for i in a], [other.readings[i] for i in b]
    slips = cpdist(left, right, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    heard = cpdist(
        [one.sounds[i] for i in a], [other.sounds[i] for i in b], scorer=OSA.distance, score_cutoff=1, dtype=np.uint8
    )
    alike = cpdist(left, right, scorer=JaroWinkler.similarity, score_cutoff=0.9, dtype=np.float32)
    at = np.flatnonzero((level == 0) & (short > 3) & (long > short))
    begins = np.zeros(len(a), dtype=bool)
    for i in at:
        begins[i] = left[i].startswith(right[i]) or right[i].startswith(left[i])
    found = level.copy()

    def put(where: np.ndarray, new: Level) -> None:
        found[where & (GAIN[found] < GAIN[new])] = new

    put((alike >= 0.9) & (short > 3), Level.ALIKE)
    put(begins, Level.BEGINS)
    if native.any():
        bare = cpdist(
            [one.bares[i] for i in a], [other.bares[i] for i in b], scorer=OSA.distance, score_cutoff=1, dtype=np.uint8
        )
        put(native & (bare == 1) & (np.minimum(one.bare_length[a], other.bare_length[b]) > 2), Level.UNVOWELED_EDIT)
    put((slips == 2) & (long > 5), Level.EDITS)
    put((heard <= 1) & (short > 4), Level.EDITS)
    put((slips == 1) & (short > 1) & (long < 5), Level.EDIT_OF_FEW)
    put((slips == 1) & (long > 4), Level.EDIT)
    return found


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


def _hashes(texts: Iterable[str]) -> np.ndarray:
    return np.fromiter(map(hash, texts), np.int64)


def _shorter(word: str) -> list[str]:
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def _much_shorter(word: str) -> list[str]:
    return [word[:i] + word[i + 1 : j] + word[j + 1 :] for i, j in combinations(range(len(word)), 2)]
