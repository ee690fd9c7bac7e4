"""Makes the weights of the send check from the corpus: `python -m bench.letters.train` (needs scikit-learn).

Whole hands are held out, one after the other, to choose from which score on a rule counts as broken; then everything is learned.
`--figures` says how well hands that were held out are read, and the letters of `held_out`, which nothing was chosen by.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bench.letters.corpus import Letter, letters, passages
from bench.letters.figures import figures
from heard.sendcheck.features import features
from heard.sendcheck.model import BITS, FLAGS, places
from heard.sendcheck.reading import known, lexicon
from heard.sendcheck.sentences import sentences

DATA = Path("src/heard/sendcheck/data")
ALARM = 1.5
STRENGTH, WEIGHT = 30.0, {0: 1, 1: 2}
# Weights below this share of the largest say nothing and are left out.
SMALLEST = 0.004


class Set:
    """Sentences of letters as a matrix, with the rules that each breaks and the letter it stands in."""

    def __init__(self, found: Sequence[Letter], language: str) -> None:
        self.letters = list(found)
        rows, columns, values, truth, owner = [0], [], [], [], []
        for number, letter in enumerate(self.letters):
            cut = sentences(letter.text)
            reads = [lexicon(language).read(sentence.text) for sentence in cut]
            for place, sentence in enumerate(cut):
                at = places(features(reads, place, letter.to))
                columns += at
                values += [len(at) ** -0.5] * len(at)
                rows.append(len(columns))
                broken = letter.flags_at(sentence.start, sentence.end)
                truth.append([flag in broken for flag in FLAGS])
                owner.append(number)
        self.matrix = csr_matrix((np.array(values, np.float32), columns, rows), shape=(len(rows) - 1, 1 << BITS))
        self.truth, self.owner = np.array(truth), np.array(owner)

    def of_hands(self, hands: set[str]) -> "np.ndarray":
        """Return which sentences are by some hands."""
        return np.array([self.letters[number].hand in hands for number in self.owner])

    def scores(self, per_sentence: "np.ndarray") -> "np.ndarray":
        """Return for each letter the highest score of its sentences, by rule."""
        found = np.full((len(self.letters), len(FLAGS)), -9.0)
        np.maximum.at(found, self.owner, per_sentence)
        return found


def fit(matrix: csr_matrix, truth: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
    """Return weights (columns by rules) and biases."""
    weights, bias = np.zeros((matrix.shape[1], len(FLAGS)), np.float32), np.zeros(len(FLAGS))
    for number in range(len(FLAGS)):
        if truth[:, number].any():
            model = LogisticRegression(
                C=STRENGTH, class_weight=WEIGHT, solver="liblinear", dual=True, max_iter=80, random_state=0
            ).fit(matrix, truth[:, number])
            weights[:, number], bias[number] = model.coef_[0], model.intercept_[0]
        else:
            bias[number] = -9.0
    return weights, bias


def held_out_scores(data: Set, folds: Sequence[set[str]]) -> "np.ndarray":
    """Return for each letter its scores by a model that has seen nothing of its hand; NaN for hands in no fold."""
    found = np.full((len(data.letters), len(FLAGS)), np.nan)
    for hands in folds:
        out = data.of_hands(hands)
        weights, bias = fit(data.matrix[~out], data.truth[~out])
        per_sentence = np.full(data.truth.shape, -9.0)
        per_sentence[out] = data.matrix[out] @ weights + bias
        mine = np.array([letter.hand in hands for letter in data.letters])
        found[mine] = data.scores(per_sentence)[mine]
    return found


def lines(scores: "np.ndarray", truth: "np.ndarray") -> "np.ndarray":
    """Return from which score on each rule counts as broken: most hits, each false alarm costing as much as `ALARM` misses."""
    found = np.zeros(scores.shape[1])
    for number in range(scores.shape[1]):
        score, right = scores[:, number], truth[:, number]
        steps = np.arange(-2.4, 1.6, 0.05)
        gains = [((score > s) & right).sum() - ALARM * ((score > s) & ~right).sum() for s in steps]
        best = np.flatnonzero(np.array(gains) >= max(gains) - 1e-9)
        found[number] = steps[best].mean()  # the middle of the best, which is steadier than its edge
    return found


def truth_of(found: Sequence[Letter]) -> "np.ndarray":
    """Return which rules each letter breaks."""
    return np.array([[flag in letter.flags for flag in FLAGS] for letter in found])


def save(language: str, weights: "np.ndarray", bias: "np.ndarray", line: "np.ndarray") -> None:
    """Write the weights, those that matter, as bytes."""
    columns = np.flatnonzero(np.abs(weights).max(1) > np.abs(weights).max() * SMALLEST)
    kept = weights[columns]
    scale = np.abs(kept).max() / 127
    path = DATA / f"weights.{language}.npz"
    np.savez_compressed(
        path, columns=columns.astype(np.int32), weights=np.round(kept / scale).astype(np.int8),
        scale=np.float32(scale), bias=bias.astype(np.float32), **{"from": line.astype(np.float32)},
    )  # fmt: skip
    print(f"{language}: {len(columns):,} columns, {path.stat().st_size / 1000:.0f} kB")


def folds_of(language: str, hands: set[str]) -> list[set[str]]:
    """Return which hands are held out together."""
    if language != "en":
        return []
    artful = sorted(hand for hand in hands if not hand.startswith(("everyday", "good", "natural")))
    plain = sorted(hands - set(artful))
    return [{hand} for hand in plain] + [set(artful[part::3]) for part in range(3)]


def main() -> None:
    """Train, and say how well it reads what it has not seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", choices=known(), action="append")
    parser.add_argument("--figures", action="store_true")
    options = parser.parse_args()
    for language in options.language or known():
        train(language, show=options.figures)


def train(language: str, *, show: bool) -> None:
    """Train one language."""
    short = passages(language)
    told = letters(language) if language == "en" else []
    data = Set([*told, *short], language)
    if language == "en":
        scores = held_out_scores(data, folds_of(language, {letter.hand for letter in told}))[: len(told)]
    else:  # its letters choose the line, and are no proof of how well it reads
        test = Set(letters(language), language)
        weights, bias = fit(data.matrix, data.truth)
        told, scores = test.letters, test.scores(test.matrix @ weights + bias)
    if language != "en":  # too few letters to choose a line for each rule
        everything = lines(scores.reshape(-1, 1), truth_of(told).reshape(-1, 1))
        line = np.full(len(FLAGS), everything[0])
        finish(language, data, line, told, scores, show=show)
        return
    plain = np.array([letter.hand.startswith(("everyday", "good", "natural")) for letter in told])
    line = lines(scores[plain], truth_of([letter for letter, is_plain in zip(told, plain, strict=True) if is_plain]))
    finish(language, data, line, told, scores, show=show)


def finish(
    language: str, data: Set, line: "np.ndarray", told: Sequence[Letter], scores: "np.ndarray", *, show: bool
) -> None:
    """Learn from everything, write the weights, and say how well what was held out is read."""
    weights, bias = fit(data.matrix, data.truth)
    save(language, weights, bias, line)
    if show:
        figures(f"{language}, hands held out", told, scores - line)
        everyday = [n for n, letter in enumerate(told) if letter.hand.startswith(("everyday", "good", "natural"))]
        if everyday:
            figures("of them the everyday ones", [told[n] for n in everyday], (scores - line)[everyday])


if __name__ == "__main__":
    main()
