"""The trained part: a linear model of features for each rule. Its weights are made by `python -m bench.letters.train`."""

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
    """Weights of one language: columns that matter, their weights for each rule, and from which score on it is marked."""

    def __init__(self, language: str) -> None:
        path = resources.files("heard.sendcheck") / "data" / f"weights.{language}.npz"
        with path.open("rb") as file:
            data = np.load(file)
            columns, scale = data["columns"], data["scale"]
            self._weights: NDArray[np.float32] = data["weights"].astype(np.float32) * scale
            self._at = np.full(1 << BITS, len(columns), np.int32)
            self._at[columns] = np.arange(len(columns), dtype=np.int32)
            self._weights = np.vstack([self._weights, np.zeros(len(FLAGS), np.float32)])
            self._bias, self._from = data["bias"], data["from"]

    def flags(self, features: Iterable[str]) -> dict[str, float]:
        """Return which rules a sentence breaks, with how far it is beyond the line."""
        columns = places(features)
        score = self._weights[self._at[columns]].sum(0) / len(columns) ** 0.5 + self._bias - self._from
        return {flag: float(score[number]) for number, flag in enumerate(FLAGS) if score[number] > 0}


@cache
def model(language: str) -> Model:
    """Return the model of a language."""
    return Model(language)
