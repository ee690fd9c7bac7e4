"""Which names of a register a batch of names may be."""

import numpy as np

from heard.matching.segment import Batch, Segment, in_city
from heard.matching.words import GAIN, Level, Vocabulary, neighbours

# How many people the shares of `lexicon.rate` weigh as much as, beside those counted here.
BACKGROUND = 20_000
# How far a word is looked for: words per key, and neighbours per word. In a large register the far ones are strangers.
REACH, SHORT_REACH = (400, 40), (60, 10)
# Pairs that are looked at closely for one person, and what a shared initial counts among them.
MOST_CANDIDATES, FEWER_CANDIDATES = 40, 16
SHARE_OF_LETTER = 3.0
# Words whose neighbours a segment remembers between questions.
REMEMBERED = 50_000


class Comparison:
    """One batch against one segment."""

    def __init__(self, batch: Batch, segment: Segment, *, counts_batch: bool) -> None:
        self.batch, self.segment = batch, segment
        # A batch of thousands tells how often a name occurs; a single question does not.
        self._shares(counts_batch)
        most, self.most = SHORT_REACH if segment.is_large else REACH
        self.closely = FEWER_CANDIDATES if segment.is_large and not counts_batch else MOST_CANDIDATES
        a, b, level = self._neighbours(most) if counts_batch else self._remembered(most)
        self.relation = a * np.int64(len(segment.vocabulary)) + b
        self.relation_level = level
        self._lists(a, b, level)

    def _neighbours(self, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        keys = self.batch.vocabulary.keys(asking=True, far=not self.segment.is_large)
        return neighbours(self.batch.vocabulary, keys, self.segment.vocabulary, self.segment.by_word, most)

    def _remembered(self, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the neighbours of the words of a single question; the segment remembers those of earlier ones."""
        known, words = self.segment.near, self.batch.vocabulary.words
        fresh = [word for word in words if word not in known]
        if fresh:
            asked = Vocabulary(fresh)
            a, b, level = neighbours(
                asked,
                asked.keys(asking=True, far=not self.segment.is_large),
                self.segment.vocabulary,
                self.segment.by_word,
                most,
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
        is_word = self.numbers < len(segment.vocabulary)
        share = self.other_share[np.where(is_word, self.numbers, 0)]
        self.worth = gain[kept] * np.where(is_word, -share, SHARE_OF_LETTER)
        self.count = np.minimum(count, self.most)
        self.start = np.cumsum(self.count) - self.count

    def candidates(self) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs of forms (of the batch, of the segment) that share two words, or an identifier of their owners.

        Of very many the most promising are kept, by the rarity of what they share.
        """
        found = [self._sharing_two()]
        alone = np.flatnonzero(self.batch.size == 1)
        if len(alone):
            found.append(self._alone(alone, self.segment.only[0]))
            found.append(self._alone(alone[~self.batch.joined[alone]], self.segment.only[1]))
        form, key, worth = (np.concatenate(parts) for parts in zip(*found, strict=True))
        asked, right = self.segment.by_pair.look_up(key)
        here = [(form[asked], right, worth[asked])]
        if not self.segment.is_large:
            here += [self._in_one_city(alone) for alone in (False, True)]
        return self._kept(*(np.concatenate(parts) for parts in zip(*here, strict=True)))

    def _in_one_city(self, alone: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return pairs of forms of which one has but one word, which the other has too, in the same city."""
        batch = self.batch
        city = batch.city[batch.owner]
        form, place = np.nonzero(
            (batch.words >= 0) & (((batch.size == 1) == alone) & (city != 0) & ~batch.joined)[:, None]
        )
        word = batch.words[form, place]
        many = self.count[word]
        at = np.repeat(self.start[word] - np.cumsum(many) + many, many) + np.arange(int(many.sum()))
        form = np.repeat(form, many)
        asked, right = self.segment.by_word_and_city[not alone].look_up(in_city(self.numbers[at], city[form]))
        return form[asked], right, self.worth[at[asked]]

    def _kept(self, left: np.ndarray, right: np.ndarray, worth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ours, theirs = self.batch.city[self.batch.owner[left]], self.segment.owner[right]
        worth = worth + np.where((ours != 0) & (ours == self.segment.city[theirs]), self.segment.city_rarity[theirs], 0)
        by_id = self._by_identifier()
        left, right = np.concatenate([left, by_id[0]]), np.concatenate([right, by_id[1]])
        worth = np.concatenate([worth, np.full(len(by_id[0]), np.inf)])
        total = np.int64(len(self.segment.words))
        key = left * total + right
        order = np.lexsort((-worth, key))
        first = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
        owner = self.batch.owner[left[first]]
        ranked = first[np.lexsort((-worth[first], owner))]
        owner = self.batch.owner[left[ranked]]
        rank = np.arange(len(owner)) - np.searchsorted(owner, owner, "left")
        ranked = ranked[rank < self.closely]
        return left[ranked], right[ranked]

    def _sharing_two(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return forms, keys and their worth for the words at any two places, in all their neighbours."""
        first, second = np.triu_indices(int(self.batch.size.max(initial=0)), 1)
        form, place = np.nonzero(self.batch.words[:, second] >= 0)
        u, v = self.batch.words[form, first[place]], self.batch.words[form, second[place]]
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
        return np.repeat(form, many), self.segment.key(self.numbers[at], np.array(only)), self.worth[at]

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


def _first_form(batch: Batch, people: np.ndarray) -> np.ndarray:
    return np.searchsorted(batch.owner, people, "left")
