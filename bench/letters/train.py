"""Teaches the send check from the corpus: `make letters` (an hour and a half on two cores).

Two readers learn: the encoder, and the model of single words. Some hands teach neither: on them it is chosen from which sum
of both scores on a rule counts as broken, and said how well an unseen hand is read. The model of words, which is quick to
teach, learns from them too in the end: `make letters WORDS=--words` teaches it alone, in minutes. The letters of `held_out`
are for the figures alone: `python -m bench.letters`.
"""

import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from bench.letters.corpus import Letter, letters, passages
from bench.letters.figures import figures
from bench.letters.network import begun, read, step
from bench.letters.words import Words, save
from heard.sendcheck.encoder import MOST_SENTENCES, WINDOW, encoder, windows
from heard.sendcheck.model import FLAGS
from heard.sendcheck.sentences import sentences
from heard.sendcheck.wordpiece import Pieces

DATA = Path("src/heard/sendcheck/data")
LAYERS, BATCH, SEED = 4, 1024, 0
# How often everything is read, and how fast is learned from it at first; the second time the rate begins anew.
PASSES = ((4, 2e-4), (4, 1.5e-4))
CHOOSE_BY = {"natural3", "everyday4", "t_everyday4", "formal"}
# The share of pieces hidden while learning, so that no single word decides; the lengths that windows are filled up to; the
# share of steps in which the rate rises.
HIDDEN, LENGTHS, WARM = 0.08, (40, 72, 112, WINDOW), 0.08
# What one false alarm costs in misses.
ALARM = 1.5
# Pieces that are kept: the more common ones, and what the corpus has; rarer words fall into parts.
COMMON = 14_000


@dataclass
class Text:
    """A letter or passage as pieces: each sentence with the rules it breaks."""

    of: Letter
    read: list[list[int]]
    truth: "np.ndarray"


@dataclass
class Window:
    """Sentences that are read together; `places` says which sentences of which text they are."""

    ids: list[int]
    owner: list[int]
    truth: "np.ndarray"
    places: list[tuple[int, int]]


class Corpus:
    """Texts as windows and batches."""

    def __init__(self, pieces: Pieces, mask: int, seed: int) -> None:
        self.pieces, self.mask, self.draw = pieces, mask, np.random.default_rng(seed)

    def text(self, letter: Letter) -> Text:
        """Read a letter."""
        cut = sentences(letter.text)
        truth = [[flag in letter.flags_at(s.start, s.end) for flag in FLAGS] for s in cut]
        return Text(letter, [self.pieces.of(s.text)[: WINDOW - 8] for s in cut], np.array(truth, np.float32))

    def windows(self, texts: Sequence[Text], *, together: int = 1) -> list[Window]:
        """Return the windows of texts; passages are put together by a few, as they would stand in one letter."""
        found, place = [], 0
        while place < len(texts):
            some = list(range(place, min(len(texts), place + int(self.draw.integers(1, together + 1)))))
            place = some[-1] + 1
            first = [self.pieces.begin, *self.pieces.of(f"to the {texts[some[0]].of.to}"), self.pieces.end]
            flat = [(number, at) for number in some for at in range(len(texts[number].read))]
            for window in windows([texts[n].read[at] for n, at in flat], len(first)):
                places = [flat[k] for k in window]
                ids, owner = list(first), [-1] * len(first)
                for number, (n, at) in enumerate(places):
                    ids += texts[n].read[at]
                    owner += [number] * len(texts[n].read[at])
                found.append(Window(ids, owner, np.array([texts[n].truth[at] for n, at in places]), places))
        return found

    def to_learn(self, told: Sequence[Text], short: Sequence[Text]) -> list[Window]:
        """Return the windows of one round: letters as they are, passages in a new company each time."""
        found = self.windows(told)
        for to in sorted({text.of.to for text in short}):
            mine = [text for text in short if text.of.to == to]
            found += self.windows([mine[k] for k in self.draw.permutation(len(mine))], together=4)
        return found

    def batches(
        self, found: Sequence[Window], *, learn: bool
    ) -> Iterator[tuple[list[Window], tuple["np.ndarray", ...]]]:
        """Yield windows of like length together, as matrices."""
        filled = [next(n for n in LENGTHS if n >= len(window.ids)) for window in found]
        order = sorted(range(len(found)), key=lambda k: (filled[k], self.draw.random()))
        groups: list[list[int]] = []
        for k in order:
            if groups and filled[groups[-1][0]] == filled[k] and len(groups[-1]) < BATCH // filled[k]:
                groups[-1].append(k)
            else:
                groups.append([k])
        for place in self.draw.permutation(len(groups)) if learn else range(len(groups)):
            group = groups[place]
            yield [found[k] for k in group], self._matrices([found[k] for k in group], filled[group[0]], learn=learn)

    def _matrices(self, group: Sequence[Window], length: int, *, learn: bool) -> tuple["np.ndarray", ...]:
        rows = BATCH // length
        ids, owner = np.zeros((rows, length), np.int32), np.full((rows, length), -1, np.int32)
        truth = np.zeros((rows, MOST_SENTENCES + 1, len(FLAGS)), np.float32)
        counts = np.zeros((rows, MOST_SENTENCES + 1), np.float32)
        for row, window in enumerate(group):
            ids[row, : len(window.ids)], owner[row, : len(window.ids)] = window.ids, window.owner
            truth[row, : len(window.places)], counts[row, : len(window.places)] = window.truth, 1
        if learn:
            ids = np.where((self.draw.random(ids.shape) < HIDDEN) & (owner >= 0), self.mask, ids)
        return ids, owner, truth, counts


class Teacher:
    """The network and what it learns from."""

    def __init__(self) -> None:
        _weights, self.words, self.names = begun(LAYERS, SEED)
        numbers = {name: number for number, name in enumerate(self.names)}
        self.corpus = Corpus(Pieces(numbers), numbers["[MASK]"], SEED)

    def taught(self, told: Sequence[Text], short: Sequence[Text]) -> dict:
        """Return weights that have learned from letters and passages."""
        weights, words, _names = begun(LAYERS, SEED)
        for rounds, rate in PASSES:
            mean = {name: jnp.zeros_like(value) for name, value in weights.items()}
            square = {name: jnp.zeros_like(value) for name, value in weights.items()}
            steps = rounds * sum(1 for _ in self.corpus.batches(self.corpus.to_learn(told, short), learn=True))
            begin, losses = time.monotonic(), []
            for done, batch in enumerate(self._batches(told, short, steps), 1):
                now = rate * min(1.0, done / (WARM * steps)) * (steps - done) / steps
                weights, mean, square, loss = step(weights, mean, square, words, batch, float(done), now)
                losses.append(float(loss))
                if done % 100 == 0:
                    print(
                        f"step {done} of {steps}: {np.mean(losses[-100:]):.3f}, {time.monotonic() - begin:.0f} s",
                        flush=True,
                    )
        return weights

    def _batches(self, told: Sequence[Text], short: Sequence[Text], steps: int) -> Iterator[tuple["np.ndarray", ...]]:
        left = steps
        while left:
            for _group, batch in itertools.islice(
                self.corpus.batches(self.corpus.to_learn(told, short), learn=True), left
            ):
                left -= 1
                yield batch

    def scores(self, weights: dict, texts: Sequence[Text]) -> list["np.ndarray"]:
        """Return how much each sentence of each text breaks each rule."""
        found = [np.full(text.truth.shape, -9.0, np.float32) for text in texts]
        for group, (ids, owner, _truth, _counts) in self.corpus.batches(self.corpus.windows(texts), learn=False):
            scores = np.array(read(weights, self.words, ids, owner))
            for row, window in enumerate(group):
                for number, (text, sentence) in enumerate(window.places):
                    found[text][sentence] = scores[row, number]
        return found

    def save(self, weights: dict, lines: "np.ndarray", texts: Sequence[Text]) -> None:
        """Write the weights in whole steps, each column with its own scale, and the pieces that are kept."""
        used = {piece for text in texts for sentence in text.read for piece in sentence}
        kept = [n for n, name in enumerate(self.names) if n in used or _is_common(n, name)]
        out = {name: np.array(value) for name, value in weights.items() if name != "head.b"}
        out["positions"] = out["positions"][:WINDOW]
        whole: dict[str, np.ndarray] = {"head.b": np.array(weights["head.b"]) - lines}
        for name, value in out.items():
            whole |= {name: value} if value.ndim == 1 or name.startswith("head") else _stepped(name, value, axis=0)
        whole |= _stepped("words", np.array(self.words)[kept], axis=1)
        whole["pieces"] = np.frombuffer("\n".join(self.names[n] for n in kept).encode(), np.uint8)
        path = DATA / "encoder.en.npz"
        np.savez_compressed(path, **whole)  # type: ignore[arg-type]
        print(f"{len(kept):,} pieces, {path.stat().st_size / 1e6:.1f} MB")


def _is_common(number: int, name: str) -> bool:
    plain = name.isascii() and not name.startswith("[unused")
    return plain and (number < COMMON or len(name.lstrip("#")) <= 2)


def _stepped(name: str, value: "np.ndarray", *, axis: int) -> dict[str, "np.ndarray"]:
    scale = np.maximum(np.abs(value).max(axis, keepdims=True), 1e-9) / 127
    return {name: np.round(value / scale).astype(np.int8), f"{name}.scale": scale.squeeze(axis).astype(np.float32)}


def lines(scores: "np.ndarray", truth: "np.ndarray") -> "np.ndarray":
    """Return from which score on each rule counts as broken: most hits, each false alarm costing as much as `ALARM` misses."""
    found = np.zeros(scores.shape[1])
    for number in range(scores.shape[1]):
        score, right = scores[:, number], truth[:, number]
        steps = np.arange(-4.0, 4.0, 0.1)
        gains = np.array([((score > s) & right).sum() - ALARM * ((score > s) & ~right).sum() for s in steps])
        found[number] = steps[
            gains >= gains.max() - 1e-9
        ].mean()  # the middle of the best, which is steadier than its edge
    return found


def main() -> None:
    """Teach, and say how well hands are read that were held out."""
    teacher = Teacher()
    everything = [*letters(), *passages()]
    texts = [teacher.corpus.text(letter) for letter in everything]
    taught = [text for text in texts if text.of.hand not in CHOOSE_BY]
    told = {id(text) for text in texts[: len(letters())]}
    weights = teacher.taught([t for t in taught if id(t) in told], [t for t in taught if id(t) not in told])
    words, unseen = Words(everything), unlearned()
    by_encoder = teacher.scores(weights, [texts[number] for number in unseen])
    teacher.save(weights, choose(by_encoder, words), texts)
    save(DATA / "weights.en.npz", *words.fit(np.full(len(everything), True)))


def words_alone() -> None:
    """Teach the model of words anew, in minutes, and choose the lines once more; the encoder stays as it is."""
    everything = [*letters(), *passages()]
    words = Words(everything)
    by_encoder = [
        encoder("en").scores([sentence.text for sentence in sentences(letter.text)], letter.to)
        for letter in (everything[number] for number in unlearned())
    ]
    chosen = choose(by_encoder, words)
    path = DATA / "encoder.en.npz"
    kept = dict(np.load(path))
    kept["head.b"] = (kept["head.b"] - chosen).astype(np.float32)
    np.savez_compressed(path, **kept)  # type: ignore[arg-type]
    save(DATA / "weights.en.npz", *words.fit(np.full(len(everything), True)))


def unlearned() -> list[int]:
    """Return which letters neither reader learns from: the lines are chosen on them."""
    return [number for number, letter in enumerate(letters()) if letter.hand in CHOOSE_BY]


def choose(by_encoder: Sequence["np.ndarray"], words: Words) -> "np.ndarray":
    """Return the lines, chosen on hands that neither reader has learned from, and print how well those are read."""
    by_words = words.fit(~np.array([letter.hand in CHOOSE_BY for letter in [*letters(), *passages()]]))
    pairs = zip(unlearned(), by_encoder, strict=True)
    scores = np.array([(mine + words.scores(*by_words, number)).max(0) for number, mine in pairs])
    told = letters()
    found = [told[number] for number in unlearned()]
    chosen = lines(scores, np.array([[flag in letter.flags for flag in FLAGS] for letter in found]))
    figures("hands held out", found, scores - chosen)
    return chosen


if __name__ == "__main__":
    words_alone() if "--words" in sys.argv else main()
