"""What speaks for and against two persons being one, as numbers: many pairs at once."""

from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from heard.matching.identifiers import letters
from heard.matching.pairs import Comparison
from heard.matching.reading import MOST_WORDS
from heard.matching.segment import Person
from heard.matching.words import GAIN, Level

LEVELS = [level.name.lower() for level in Level if level]
FEATURES = [
    *(f"n_{name}" for name in LEVELS),
    "rare_same", "rare_spelled", "rare_other", "known_apart", "unknown_apart", "both_unknown_apart", "first_apart",
    "one_matched", "three_matched", "left_first", "left_middle", "left_last", "right_first", "right_middle", "right_last",
    "left_light", "left_single", "both_left", "all_matched", "swapped", "joined", "generations_differ", "generation_once",
    "city_same", "city_rare", "city_differs", "country_same", "country_differs", "city_unknown",
    "mailbox", "role_mailbox", "local_part", "handle", "phone", "no_name", "phone_no_name",
    "letters", "worst", "strangers", "short_words", "gendered",
    "spelled_in_theirs", "own_spelling", "spelled_in_ours", "their_spelling", "whole_name_in_address",
]  # fmt: skip
_AT = {name: number for number, name in enumerate(FEATURES)}
_APART = np.isin(np.arange(15), [4, 5, 6, 7, 8, 11, 12, 14])
_SAME, _SPELLED, _INITIAL = int(Level.SAME), int(Level.SPELLED), int(Level.INITIAL)
_RARE = [_AT["rare_same"], _AT["rare_spelled"], _AT["rare_other"]]
_UNLIKE = [_AT["both_unknown_apart"], _AT["unknown_apart"], _AT["known_apart"]]
_IN_OURS = [_AT["spelled_in_ours"], _AT["own_spelling"]]
_IN_THEIRS = [_AT["spelled_in_theirs"], _AT["their_spelling"]]
_WHOLE = _AT["whole_name_in_address"]
_SPELLED_OUT = [*_IN_OURS, *_IN_THEIRS, _WHOLE]
_SIDES = [[_AT[f"{side}_{place}"] for place in ("first", "middle", "last")] for side in ("left", "right")]


@dataclass
class Evidence:
    """Pairs of persons with what was found: (batch number, segment number), features, and the alignment."""

    left: np.ndarray
    right: np.ndarray
    features: np.ndarray
    form: np.ndarray
    other_form: np.ndarray
    level: np.ndarray
    aligned: np.ndarray


class Examiner:
    """Looks closely at pairs of a comparison."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison, self.batch, self.segment = comparison, comparison.batch, comparison.segment

    def evidence(self, form: np.ndarray, other: np.ndarray) -> Evidence:
        """Return what speaks for and against each pair of forms, but for what their addresses spell."""
        level, aligned = self._align(form, other)
        features = np.zeros((len(form), len(FEATURES)), dtype=np.float32)
        self._name_features(features, form, other, level, aligned)
        left, right = self.batch.owner[form], self.segment.owner[other]
        self._place_features(features, left, right)
        self._identifier_features(features, left, right, (level > 0).sum(1))
        return Evidence(left, right, features, form, other, level, aligned)

    def _matrix(self, form: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of all words of a pair, shape (pairs, words, words)."""
        ours, theirs = self.batch.words[form], self.segment.words[other]
        wide, high = int(self.batch.size[form].max(initial=1)), int(self.segment.size[other].max(initial=1))
        ours, theirs = ours[:, :wide], theirs[:, :high]
        valid = (ours[:, :, None] >= 0) & (theirs[:, None, :] >= 0)
        at = np.nonzero(valid)
        a, b = ours[at[0], at[1]], theirs[at[0], at[2]]
        key = a * np.int64(len(self.segment.vocabulary)) + b
        level = np.zeros(len(key), dtype=np.uint8)
        if len(self.comparison.relation):
            place = np.minimum(np.searchsorted(self.comparison.relation, key), len(self.comparison.relation) - 1)
            level = np.where(self.comparison.relation[place] == key, self.comparison.relation_level[place], 0).astype(
                np.uint8
            )
        single, other_single = self.batch.vocabulary.single[a], self.segment.vocabulary.single[b]
        letter = (single | other_single) & (self.batch.vocabulary.initial[a] == self.segment.vocabulary.initial[b])
        level[letter] = _INITIAL
        matrix = np.zeros(valid.shape, dtype=np.uint8)
        matrix[at] = level
        return matrix

    def _align(self, form: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return for each word of the batch's form its level and the place of the other's word, the surest first."""
        matrix = self._matrix(form, other)
        rarity = -self.comparison.other_share[np.maximum(self.segment.words[other][:, : matrix.shape[2]], 0)]
        worth = GAIN[matrix] * rarity[:, None, :].astype(np.float32)
        level = np.zeros((len(form), MOST_WORDS), dtype=np.uint8)
        aligned = np.full((len(form), MOST_WORDS), -1, dtype=np.int8)
        rows = np.arange(len(form))
        for _ in range(min(matrix.shape[1], matrix.shape[2])):
            best = worth.reshape(len(form), matrix.shape[1] * matrix.shape[2]).argmax(1)
            i, j = best // matrix.shape[2], best % matrix.shape[2]
            hit = worth[rows, i, j] > 0
            if not hit.any():
                break
            level[rows[hit], i[hit]] = matrix[rows[hit], i[hit], j[hit]]
            aligned[rows[hit], i[hit]] = j[hit]
            worth[rows[hit], i[hit], :] = 0
            worth[rows[hit], :, j[hit]] = 0
        return level, aligned

    def _name_features(
        self, x: np.ndarray, form: np.ndarray, other: np.ndarray, level: np.ndarray, aligned: np.ndarray
    ) -> None:
        ours, theirs = self.batch.words[form], self.segment.words[other]
        vocabulary, others = self.batch.vocabulary, self.segment.vocabulary
        rows, at = np.nonzero(level)
        a, b = ours[rows, at], theirs[rows, aligned[rows, at]]
        found = level[rows, at]
        count = len(form)
        x[:, : len(LEVELS)] = _counts(rows, found.astype(np.intp) - 1, count, len(LEVELS))
        share = np.maximum(self.comparison.share[a], self.comparison.other_share[b])
        x[:, _RARE] = _counts(rows, np.minimum(found, _SPELLED + 1).astype(np.intp) - 1, count, 3, -share)
        apart = np.flatnonzero(_APART[found])
        if len(apart):
            row, a_, b_ = rows[apart], a[apart], b[apart]
            known, other_known = vocabulary.known[a_], others.known[b_]
            # A known name of the batch against an unknown one of the register says nothing that was learned.
            says = other_known | ~known
            x[:, _UNLIKE] = _counts(row[says], (known.astype(np.intp) + other_known)[says], count, 3)
            x[:, _AT["first_apart"]] = np.bincount(row[vocabulary.initial[a_] != others.initial[b_]], minlength=count)
        matched = (level > 0).sum(1)
        x[:, _AT["one_matched"]] = matched == 1
        x[:, _AT["three_matched"]] = matched > 2
        x[:, _AT["no_name"]] = matched == 0
        self._whole_features(x, rows, a, b, found, share, form, other)
        taken = np.zeros((2, *theirs.shape), dtype=bool)
        taken[0], taken[1, rows, aligned[rows, at]] = level > 0, True
        left, right = self._left(x, form, other, taken)
        x[:, _AT["both_left"]] = (left > 0) & (right > 0)
        x[:, _AT["all_matched"]] = (left == 0) & (right == 0)
        order = np.where(level > 0, aligned, 99)
        kept = np.where(level > 0, aligned, -1)
        later = np.maximum.accumulate(kept, axis=1)
        x[:, _AT["swapped"]] = ((order[:, 1:] < later[:, :-1]) & (order[:, 1:] < 99)).any(1)
        x[:, _AT["joined"]] = self.batch.joined[form] | self.segment.joined[other]
        one, two = self.batch.generation[form], self.segment.generation[other]
        x[:, _AT["generations_differ"]] = (one > 0) & (two > 0) & (one != two)
        x[:, _AT["generation_once"]] = (one > 0) ^ (two > 0)

    def _whole_features(
        self, x: np.ndarray, rows: np.ndarray, a: np.ndarray, b: np.ndarray, found: np.ndarray, share: np.ndarray,
        form: np.ndarray, other: np.ndarray,
    ) -> None:  # fmt: skip
        """Note how much of both names was matched, how well, and how many strangers may look like it."""
        ours, theirs = self.batch.vocabulary, self.segment.vocabulary
        sizes = _letters(ours.size, self.batch.words[form]) + _letters(theirs.size, self.segment.words[other])
        matched = np.bincount(rows, GAIN[found] * (ours.size[a] + theirs.size[b]), minlength=len(form))
        x[:, _AT["letters"]] = matched / np.maximum(sizes, 1)
        worst = np.ones(len(form), dtype=np.float32)
        np.minimum.at(worst, rows, GAIN[found])
        x[:, _AT["worst"]] = worst
        x[:, _AT["strangers"]] = np.bincount(rows, share, minlength=len(form)) + np.log(len(self.segment.people) + 1)
        words = self.batch.size[form] + self.segment.size[other]
        x[:, _AT["short_words"]] = sizes / np.maximum(words, 1)
        close = np.flatnonzero((found > _SAME) & ours.known[a] & theirs.known[b])
        for at in close:
            one, two = ours.words[a[at]], theirs.words[b[at]]
            x[rows[at], _AT["gendered"]] += one[:-1] == two[:-1] or one == two[:-1] or one[:-1] == two

    def _left(self, x: np.ndarray, form: np.ndarray, other: np.ndarray, taken: np.ndarray) -> np.ndarray:
        """Note the words of both sides that found no partner, by their place in the name; return how many they are."""
        words = np.stack([self.batch.words[form], self.segment.words[other]])
        size = np.stack([self.batch.size[form], self.segment.size[other]])
        free = (words >= 0) & ~taken
        side, row, place = np.nonzero(free)
        word = words[side, row, place]
        light, single = np.zeros(len(word), dtype=bool), np.zeros(len(word), dtype=bool)
        for mine, vocabulary in ((side == 0, self.batch.vocabulary), (side == 1, self.segment.vocabulary)):
            light[mine], single[mine] = vocabulary.light[word[mine]], vocabulary.single[word[mine]]
        count = len(form)
        x[:, _AT["left_light"]] = np.bincount(row[light], minlength=count)
        x[:, _AT["left_single"]] = np.bincount(row[single], minlength=count)
        heavy = ~light & ~single
        side, row, place = side[heavy], row[heavy], place[heavy]
        which = np.where(place == 0, 0, np.where(place == size[side, row] - 1, 2, 1))
        by_place = _counts(side * count + row, which, 2 * count, 3)
        x[:, _SIDES[0]], x[:, _SIDES[1]] = by_place[:count], by_place[count:]
        return np.asarray(by_place.sum(1).reshape(2, count))

    def _place_features(self, x: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
        for name, one, two in (
            ("city", self.batch.city[left], self.segment.city[right]),
            ("country", self.batch.country[left], self.segment.country[right]),
        ):
            both = (one != 0) & (two != 0)
            same = both & (one == two)
            if name == "city":
                x[:, _AT["city_unknown"]] = ~both
                self._misspelt_cities(same, np.flatnonzero(both & ~same), left, right)
            x[:, _AT[f"{name}_same"]] = same
            x[:, _AT[f"{name}_differs"]] = both & ~same
        x[:, _AT["city_rare"]] = np.where(x[:, _AT["city_same"]] > 0, self.segment.city_rarity[right], 0)

    def _misspelt_cities(self, same: np.ndarray, rows: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
        """Take cities for the same that differ by a slip, or by two if they are long."""
        if not len(rows):
            return
        ours = [self.batch.city_names[at] for at in left[rows].tolist()]
        theirs = [self.segment.city_names[at] for at in right[rows].tolist()]
        slips = cpdist(ours, theirs, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
        near = np.flatnonzero(slips <= 2)
        longest = np.array([max(len(ours[at]), len(theirs[at])) for at in near.tolist()], dtype=np.int64)
        same[rows[near[slips[near] <= (longest > 4).astype(np.int64) + (longest > 7)]]] = True

    def _identifier_features(self, x: np.ndarray, left: np.ndarray, right: np.ndarray, matched: np.ndarray) -> None:
        ours, theirs = self.batch, self.segment
        for row, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            if ours.mailboxes[a] and theirs.mailboxes[b]:
                for one in ours.mailboxes[a]:
                    for two in theirs.mailboxes[b]:
                        if one.key == two.key:
                            x[row, _AT["role_mailbox" if one.is_role else "mailbox"]] = 1
                        elif not one.is_role and one.key.partition("@")[0] == two.key.partition("@")[0]:
                            x[row, _AT["local_part"]] = 1
            if ours.handles[a] and not set(ours.handles[a]).isdisjoint(theirs.handles[b]):
                x[row, _AT["handle"]] = 1
            if ours.phones[a] and not set(ours.phones[a]).isdisjoint(theirs.phones[b]):
                x[row, _AT["phone"]] = 1
                x[row, _AT["phone_no_name"]] = matched[row] < 2

    def add_spelling(self, found: Evidence, rows: np.ndarray) -> np.ndarray:
        """Note which words that differ stand spelled out in an address of either person; return the rows that have any."""
        ours, theirs = self.batch.vocabulary, self.segment.vocabulary
        sure = found.level == _SAME
        for row in rows.tolist():
            text = _address(self.batch.people[found.left[row]])
            other_text = _address(self.segment.people[found.right[row]])
            if not text and not other_text:
                continue
            words = [w for w in self.batch.words[found.form[row]].tolist() if w >= 0]
            others = [w for w in self.segment.words[found.other_form[row]].tolist() if w >= 0]
            same = set(found.aligned[row, sure[row]].tolist())
            mine = [ours.ways(w) for w, is_sure in zip(words, sure[row].tolist(), strict=False) if not is_sure]
            whole = [theirs.ways(w) for w in others]
            yours = [ways for at, ways in enumerate(whole) if at not in same]
            x = found.features[row]
            if text:
                x[_IN_OURS] = _spelled(text, yours), _spelled(text, mine)
                x[_WHOLE] = len(whole) > 1 and bool(yours) and _spelled(text, whole) == len(whole)
            if other_text:
                x[_IN_THEIRS] = _spelled(other_text, mine), _spelled(other_text, yours)
        return np.asarray(rows[(found.features[rows][:, _SPELLED_OUT] > 0).any(1)])


def _address(person: Person) -> str:
    return letters(*person.emails, *person.handles) if person.emails or person.handles else ""


def _spelled(text: str, words: list[list[str]]) -> int:
    """Return how many words stand spelled out, in one of their ways, in the letters of addresses."""
    count = 0
    for ways in words:
        for way in ways:
            if len(way) > 2 and way in text:
                count += 1
                break
    return count


def _counts(
    rows: np.ndarray, columns: np.ndarray, count: int, wide: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return how often each column occurs in each row, shape (count, wide); or the sum of the weights there."""
    return np.asarray(np.bincount(rows * wide + columns, weights, count * wide).reshape(count, wide))


def _letters(size: np.ndarray, words: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(words >= 0, size[np.maximum(words, 0)], 0).sum(1))
