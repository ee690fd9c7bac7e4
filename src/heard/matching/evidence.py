"""What speaks for and against two persons being one, as numbers: many pairs at once."""

from dataclasses import dataclass

import numpy as np

from heard.matching.identifiers import letters
from heard.matching.pairs import Comparison
from heard.matching.reading import MOST_WORDS, romanise
from heard.matching.words import GAIN, Level, Vocabulary

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
        level[letter] = Level.INITIAL
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
        np.add.at(x, (rows, found.astype(np.intp) - 1), 1)
        share = np.maximum(self.comparison.share[a], self.comparison.other_share[b])
        for name, chosen in (
            ("rare_same", found == Level.SAME), ("rare_spelled", found == Level.SPELLED),
            ("rare_other", found > Level.SPELLED),
        ):  # fmt: skip
            x[:, _AT[name]] = np.bincount(rows[chosen], -share[chosen], minlength=len(form))
        apart = _APART[found]
        known, other_known = vocabulary.known[a], others.known[b]
        np.add.at(x, (rows[apart & known & other_known], _AT["known_apart"]), 1)
        np.add.at(x, (rows[apart & ~known & other_known], _AT["unknown_apart"]), 1)
        np.add.at(x, (rows[apart & ~known & ~other_known], _AT["both_unknown_apart"]), 1)
        letter_apart = apart & (vocabulary.initial[a] != others.initial[b])
        np.add.at(x, (rows[letter_apart], _AT["first_apart"]), 1)
        matched = (level > 0).sum(1)
        x[:, _AT["one_matched"]] = matched == 1
        x[:, _AT["three_matched"]] = matched > 2
        x[:, _AT["no_name"]] = matched == 0
        self._whole_features(x, rows, a, b, found, share, form, other)
        taken = np.zeros(theirs.shape, dtype=bool)
        taken[rows, aligned[rows, at]] = True
        left = self._left(x, "left", ours, level > 0, self.batch.size[form], vocabulary)
        right = self._left(x, "right", theirs, taken, self.segment.size[other], others)
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
        close = np.flatnonzero((found > Level.SAME) & ours.known[a] & theirs.known[b])
        for at in close:
            one, two = ours.words[a[at]], theirs.words[b[at]]
            x[rows[at], _AT["gendered"]] += one[:-1] == two[:-1] or one == two[:-1] or one[:-1] == two

    def _left(
        self, x: np.ndarray, side: str, words: np.ndarray, taken: np.ndarray, size: np.ndarray, vocabulary: Vocabulary
    ) -> np.ndarray:
        """Note the words that found no partner, by their place in the name."""
        free = (words >= 0) & ~taken
        safe = np.maximum(words, 0)
        light = free & vocabulary.light[safe]
        single = free & vocabulary.single[safe]
        x[:, _AT["left_light"]] += light.sum(1)
        x[:, _AT["left_single"]] += single.sum(1)
        heavy = free & ~light & ~single
        place = np.arange(words.shape[1])[None, :]
        last = place == (size[:, None] - 1)
        x[:, _AT[f"{side}_first"]] = (heavy & (place == 0)).sum(1)
        x[:, _AT[f"{side}_last"]] = (heavy & last & (place > 0)).sum(1)
        x[:, _AT[f"{side}_middle"]] = (heavy & ~last & (place > 0)).sum(1)
        return np.asarray(heavy.sum(1))

    def _place_features(self, x: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
        for name, one, two in (
            ("city", self.batch.city[left], self.segment.city[right]),
            ("country", self.batch.country[left], self.segment.country[right]),
        ):
            both = (one != 0) & (two != 0)
            x[:, _AT[f"{name}_same"]] = both & (one == two)
            x[:, _AT[f"{name}_differs"]] = both & (one != two)
        x[:, _AT["city_unknown"]] = (self.batch.city[left] == 0) | (self.segment.city[right] == 0)
        x[:, _AT["city_rare"]] = np.where(x[:, _AT["city_same"]] > 0, self.segment.city_rarity[right], 0)

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

    def add_spelling(self, found: Evidence, rows: np.ndarray) -> None:
        """Note which words that differ stand spelled out in an address of either person."""
        for row in rows.tolist():
            a, b = int(found.left[row]), int(found.right[row])
            ours = letters(*self.batch.people[a].emails, *self.batch.people[a].handles)
            theirs = letters(*self.segment.people[b].emails, *self.segment.people[b].handles)
            if not ours and not theirs:
                continue
            words = [w for w in self.batch.words[found.form[row]].tolist() if w >= 0]
            others = [w for w in self.segment.words[found.other_form[row]].tolist() if w >= 0]
            sure = {at for at in range(len(words)) if found.level[row, at] == Level.SAME}
            sure_others = {int(found.aligned[row, at]) for at in sure}
            mine = [self.batch.vocabulary.words[w] for at, w in enumerate(words) if at not in sure]
            yours = [self.segment.vocabulary.words[w] for at, w in enumerate(others) if at not in sure_others]
            x = found.features[row]
            x[_AT["spelled_in_ours"]] = _spelled(ours, yours)
            x[_AT["own_spelling"]] = _spelled(ours, mine)
            x[_AT["spelled_in_theirs"]] = _spelled(theirs, mine)
            x[_AT["their_spelling"]] = _spelled(theirs, yours)
            whole = [self.segment.vocabulary.words[w] for w in others]
            x[_AT["whole_name_in_address"]] = len(whole) > 1 and bool(yours) and _spelled(ours, whole) == len(whole)


def _spelled(text: str, words: list[str]) -> int:
    """Return how many words stand spelled out in the letters of addresses."""
    return sum(any(len(way) > 2 and way in text for way in romanise(word)) for word in words)


def _letters(size: np.ndarray, words: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(words >= 0, size[np.maximum(words, 0)], 0).sum(1))
