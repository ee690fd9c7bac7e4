"""What single words say: a linear model of features for each rule. Its weights are made by `make letters`."""

import zlib
from collections.abc import Iterable
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

BITS = 18
FLAGS = (
    "withdrawal", "advice", "penalty", "details", "interrogation", "apology", "mediation", "apology_long", "sorry_but",
    "police_pressure", "appeal_suspends",
)  # fmt: skip


def places(features: Iterable[str]) -> list[int]:
    """Return the columns of some features."""
    return sorted({zlib.crc32(feature.encode()) & ((1 << BITS) - 1) for feature in features})


class Model:
    """Weights of one language: the columns that matter, and what each adds to the score of each rule."""

    def __init__(self, language: str) -> None:
        path = resources.files("heard.sendcheck") / "data" / f"weights.{language}.npz"
        with path.open("rb") as file:
            data = np.load(file)
            columns, scale = data["columns"], data["scale"]
            self._weights: NDArray[np.float32] = data["weights"].astype(np.float32) * scale
            self._at = np.full(1 << BITS, len(columns), np.int32)
            self._at[columns] = np.arange(len(columns), dtype=np.int32)
            self._weights = np.vstack([self._weights, np.zeros(len(FLAGS), np.float32)])
            self._bias: NDArray[np.float32] = data["bias"]

    def scores(self, features: Iterable[str]) -> NDArray[np.float32]:
        """Return how much a sentence breaks each rule, as logits."""
        columns = places(features)
        found: NDArray[np.float32] = self._weights[self._at[columns]].sum(0) / len(columns) ** 0.5 + self._bias
        return found


@cache
def model(language: str) -> Model:
    """Return the model of a language."""
    return Model(language)
