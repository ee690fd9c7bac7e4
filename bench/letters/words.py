"""What single words teach: a linear model of `heard.sendcheck.features` for each rule (needs scikit-learn)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bench.letters.corpus import Letter
from heard.sendcheck.features import features
from heard.sendcheck.model import BITS, FLAGS, places
from heard.sendcheck.reading import lexicon
from heard.sendcheck.sentences import sentences

STRENGTH, WEIGHT, SEED = 30.0, {0: 1, 1: 2}, 0
# Weights below this share of the largest say nothing and are left out.
SMALLEST = 0.004


class Words:
    """Sentences of letters as a matrix, with the rules that each breaks and the letter it stands in."""

    def __init__(self, found: Sequence[Letter], language: str = "en") -> None:
        rows, columns, values, truth, owner = [0], [], [], [], []
        for number, letter in enumerate(found):
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

    def fit(self, letters_to_learn: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        """Return weights (columns by rules) and biases, learned from some of the letters."""
        mine = letters_to_learn[self.owner]
        weights, bias = np.zeros((self.matrix.shape[1], len(FLAGS)), np.float32), np.zeros(len(FLAGS))
        for number in range(len(FLAGS)):
            model = LogisticRegression(
                C=STRENGTH, class_weight=WEIGHT, solver="liblinear", dual=True, max_iter=80, random_state=SEED
            ).fit(self.matrix[mine], self.truth[mine, number])
            weights[:, number], bias[number] = model.coef_[0], model.intercept_[0]
        return weights, bias

    def scores(self, weights: "np.ndarray", bias: "np.ndarray", letter: int) -> "np.ndarray":
        """Return how much each sentence of a letter breaks each rule."""
        found: np.ndarray = self.matrix[self.owner == letter] @ weights + bias
        return found


def save(path: Path, weights: "np.ndarray", bias: "np.ndarray") -> None:
    """Write the weights, those that matter, as bytes."""
    columns = np.flatnonzero(np.abs(weights).max(1) > np.abs(weights).max() * SMALLEST)
    kept = weights[columns]
    scale = np.abs(kept).max() / 127
    np.savez_compressed(
        path, columns=columns.astype(np.int32), weights=np.round(kept / scale).astype(np.int8),
        scale=np.float32(scale), bias=bias.astype(np.float32),
    )  # fmt: skip
    print(f"{len(columns):,} columns, {path.stat().st_size / 1000:.0f} kB")
