"""Which names of a register a batch of names may be, and what speaks for and against each."""

from dataclasses import dataclass

import numpy as np

from heard.matching.identifiers import letters
from heard.matching.reading import MOST_WORDS, romanise
from heard.matching.segment import Batch, Segment
from heard.matching.words import GAIN, Level, Vocabulary, neighbours

# How many people the shares of `lexicon.rate` weigh as much as, beside those counted here.
BACKGROUND = 20_000
# How far a word is looked for: words per key, and neighbours per word. In a large register the far ones are strangers.
REACH, SHORT_REACH = (400, 40), (60, 12)
LARGE = 30_000
# Pairs that are looked at closely for one person, and what a shared initial counts among them.
MOST_CANDIDATES = 40
SHARE_OF_LETTER = 3.0
# Words whose neighbours a segment remembers between questions.
REMEMBERED = 50_000

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


class Comparison:
    """One batch against one segment."""

    def __init__(self, batch: Batch, segment: Segment, *, counts_batch: bool) -> None:
        self.batch, self.segment = batch, segment
        # A batch of thousands tells how often a name occurs; a single question does not.
        self._shares(counts_batch)
        most, self.most = REACH if len(segment.vocabulary) < LARGE else SHORT_REACH
        a, b, level = self._neighbours(most) if counts_batch else self._remembered(most)
        self.relation = a * np.int64(len(segment.vocabulary) or 1) + b
        self.relation_level = level
        self._lists(a, b, level)

    def _neighbours(self, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        keys = self.batch.vocabulary.keys(asking=True)
        return neighbours(self.batch.vocabulary, keys, self.segment.vocabulary, self.segment.word_keys, most)

    def _remembered(self, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the neighbours of the words of a single question; the segment remembers those of earlier ones."""
        known, words = self.segment.near, self.batch.vocabulary.words
        fresh = [word for word in words if word not in known]
        if fresh:
            asked = Vocabulary(fresh)
            a, b, level = neighbours(
                asked, asked.keys(asking=True), self.segment.vocabulary, self.segment.word_keys, most
            )
            if len(known) > REMEMBERED:
                known.clear()
            for number, word in enumerate(fresh):
                mine = slice(*np.searchsorted(a, [number, number + 1]))
                known[word] = b[mine], level[mine]
        found = [known[word] for word in words]
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8)
        count = [len(b) for b, _ in found]
        near, level = np.concatenate([b for b, _ in found]), np.concatenate([level for _, level in found])
        return np.repeat(np.arange(len(words)), count), near, level

    def _shares(self, counts_batch: bool) -> None:
        ours, theirs = self.batch.vocabulary, self.segment.vocabulary
        total = len(self.segment.people) + BACKGROUND + (len(self.batch.people) if counts_batch else 0)
        same = np.array([theirs.ids.get(word, -1) for word in ours.words], dtype=np.int64)
        left = np.where(same >= 0, self.segment.carriers[same] if len(theirs) else 0, 0).astype(float)
        if counts_batch:
            right = self.segment.carriers.astype(float)
            right[same[same >= 0]] += self.batch.carriers[same >= 0]
            left += self.batch.carriers
            self.other_share = np.log((np.maximum(right - 1, 0) + theirs.rate * BACKGROUND + 0.1) / total)
        else:
            self.other_share = self.segment.share(BACKGROUND)
        self.share = np.log((left + ours.rate * BACKGROUND + 0.1) / total)

    def _lists(self, a: np.ndarray, b: np.ndarray, level: np.ndarray) -> None:
        """Keep for each word of the batch the numbers to look pairs up by, the best first."""
        ours, segment = self.batch.vocabulary, self.segment
        single = np.flatnonzero(ours.single)
        letter = np.array([segment.singles.get(int(initial), -1) for initial in ours.initial], dtype=np.int64)
        lone = np.flatnonzero(letter >= 0)
        words = np.concatenate([a, single, lone])
        numbers = np.concatenate([b, segment.letter(ours.initial[single]), letter[lone]])
        gain = np.concatenate([GAIN[level], np.full(len(single) + len(lone), GAIN[Level.INITIAL])])
        order = np.lexsort((-gain, words))
        words, numbers, gain = words[order], numbers[order], gain[order]
        count = np.bincount(words, minlength=len(ours))
        start = np.cumsum(count) - count
        kept = np.arange(len(words)) - start[words] < self.most
        self.numbers = numbers[kept]
        share = np.append(self.other_share, 0.0)[np.minimum(self.numbers, len(self.other_share))]
        self.worth = gain[kept] * np.where(self.numbers < len(self.other_share), -share, SHARE_OF_LETTER)
        self.count = np.minimum(count, self.most)
        self.start = np.cumsum(self.count) - self.count

    def candidates(self) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs of forms (of the batch, of the segment) that share two words, or an identifier of their owners.

        Of very many the most promising are kept, by the rarity of what they share.
        """
        found = [self._sharing_two(i, j) for i in range(MOST_WORDS) for j in range(i + 1, MOST_WORDS)]
        alone = np.flatnonzero(self.batch.size == 1)
        found.append(self._alone(alone, self.segment.only[0]))
        found.append(self._alone(alone[~self.batch.joined[alone]], self.segment.only[1]))
        form, key, worth = (np.concatenate(parts) for parts in zip(*found, strict=True))
        low = np.searchsorted(self.segment.pairs, key, "left")
        many = np.searchsorted(self.segment.pairs, key, "right") - low
        left, worth = np.repeat(form, many), np.repeat(worth, many)
        right = self.segment.forms[np.repeat(low - np.cumsum(many) + many, many) + np.arange(int(many.sum()))]
        return self._kept(left, right, worth)

    def _kept(self, left: np.ndarray, right: np.ndarray, worth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ours, theirs = self.batch.city[self.batch.owner[left]], self.segment.owner[right]
        worth = worth + np.where((ours != 0) & (ours == self.segment.city[theirs]), self.segment.city_rarity[theirs], 0)
        by_id = self._by_identifier()
        left, right = np.concatenate([left, by_id[0]]), np.concatenate([right, by_id[1]])
        worth = np.concatenate([worth, np.full(len(by_id[0]), np.inf)])
        total = np.int64(len(self.segment.words) or 1)
        key = left * total + right
        order = np.lexsort((-worth, key))
        first = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
        owner = self.batch.owner[left[first]]
        ranked = first[np.lexsort((-worth[first], owner))]
        owner = self.batch.owner[left[ranked]]
        rank = np.arange(len(owner)) - np.searchsorted(owner, owner, "left")
        ranked = ranked[rank < MOST_CANDIDATES]
        return left[ranked], right[ranked]

    def _sharing_two(self, i: int, j: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return forms, keys and their worth for the words at two places, in all their neighbours."""
        form = np.flatnonzero(self.batch.words[:, j] >= 0)
        u, v = self.batch.words[form, i], self.batch.words[form, j]
        total = self.count[u] * self.count[v]
        at = np.repeat(np.arange(len(form)), total)
        within = np.arange(len(at)) - np.repeat(np.cumsum(total) - total, total)
        many = np.maximum(self.count[v][at], 1)
        x, y = self.start[u][at] + within // many, self.start[v][at] + within % many
        key = self.segment.key(self.numbers[x], self.numbers[y])
        return form[at], key, self.worth[x] + self.worth[y]

    def _alone(self, form: np.ndarray, only: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        word = self.batch.words[form, 0]
        many = self.count[word]
        at = np.repeat(self.start[word] - np.cumsum(many) + many, many) + np.arange(int(many.sum()))
        return np.repeat(form, many), self.segment.key(self.numbers[at], np.int64(only)), self.worth[at]

    def _by_identifier(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the first forms of persons who share a mailbox, a handle or a phone."""
        pairs: list[tuple[int, int]] = []
        segment = self.segment
        for number in range(len(self.batch.people)):
            for box in self.batch.mailboxes[number]:
                pairs += [(number, other) for other in segment.by_mailbox.get(box.key, ())[:50] if not box.is_role]
            for name in self.batch.handles[number]:
                pairs += [(number, other) for other in segment.by_handle.get(name, ())[:50]]
            for phone in self.batch.phones[number]:
                pairs += [(number, other) for other in segment.by_phone.get(phone, ())[:50]]
        if not pairs:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        left, right = np.array(pairs, dtype=np.int64).T
        return _first_form(self.batch, left), _first_form(segment, right)

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
        key = a * np.int64(len(self.segment.vocabulary) or 1) + b
        place = np.minimum(np.searchsorted(self.relation, key), max(len(self.relation) - 1, 0))
        level = np.zeros(len(key), dtype=np.uint8)
        if len(self.relation):
            level = np.where(self.relation[place] == key, self.relation_level[place], 0).astype(np.uint8)
        single, other_single = self.batch.vocabulary.single[a], self.segment.vocabulary.single[b]
        letter = (single | other_single) & (self.batch.vocabulary.initial[a] == self.segment.vocabulary.initial[b])
        level[letter] = Level.INITIAL
        matrix = np.zeros(valid.shape, dtype=np.uint8)
        matrix[at] = level
        return matrix

    def _align(self, form: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return for each word of the batch's form its level and the place of the other's word, the surest first."""
        matrix = self._matrix(form, other)
        rarity = -self.other_share[np.maximum(self.segment.words[other][:, : matrix.shape[2]], 0)]
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
        np.add.at(x, (rows, found.astype(int) - 1), 1)
        share = np.maximum(self.share[a], self.other_share[b])
        for name, chosen in (
            ("rare_same", found == Level.SAME), ("rare_spelled", found == Level.SPELLED),
            ("rare_other", found > Level.SPELLED),
        ):  # fmt: skip
            np.add.at(x, (rows[chosen], _AT[name]), -share[chosen])
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
        self, x: np.ndarray, side: str, words: np.ndarray, taken: np.ndarray, size: np.ndarray, vocabulary: object
    ) -> np.ndarray:
        """Note the words that found no partner, by their place in the name."""
        free = (words >= 0) & ~taken
        safe = np.maximum(words, 0)
        light = free & vocabulary.light[safe]  # type: ignore[attr-defined]
        single = free & vocabulary.single[safe]  # type: ignore[attr-defined]
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


def _first_form(batch: Batch, people: np.ndarray) -> np.ndarray:
    return np.searchsorted(batch.owner, people, "left")
