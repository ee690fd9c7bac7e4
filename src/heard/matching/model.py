"""From evidence to a probability: a small set of learned trees. `python -m bench.matching.train` makes the file."""

from functools import cache
from typing import NamedTuple

import numpy as np

from heard.matching.evidence import FEATURES
from heard.matching.lexicon import DATA

FILE = "weights.npz"
# Nothing is certain: families share addresses, and a name alone says less, however rare it is.
CERTAIN = 0.95
MOST_FROM_A_NAME, MOST = 0.94, 0.949
LOOK = 0.5
_STRONG = [FEATURES.index(name) for name in ("mailbox", "handle")]
_NO_NAME = FEATURES.index("no_name")
_ONE_NAME = FEATURES.index("one_matched")
# Pairs are judged in blocks: a block times the trees fits the processor's cache.
BLOCK = 4096


class Trees(NamedTuple):
    """Trees as arrays over all nodes of all trees; under 2n and 2n + 1 stand the children of node n, a leaf's are itself."""

    feature: np.ndarray
    threshold: np.ndarray
    child: np.ndarray
    value: np.ndarray
    start: np.ndarray
    depth: int
    base: float


@cache
def trees() -> Trees:
    """Return the learned trees."""
    with np.load(DATA / FILE) as file:
        if list(file["features"]) != FEATURES:
            raise ValueError("the weights were made for other features: run python -m bench.matching.train")
        count, size = file["feature"].shape
        start = (np.arange(count) * size)[:, None]
        child = np.stack([start + file["right"], start + file["left"]], axis=-1)
        return Trees(
            file["feature"].ravel().astype(np.intp),
            file["threshold"].ravel(),
            child.ravel().astype(np.intp),
            file["value"].ravel(),
            start.ravel(),
            int(file["depth"]),
            float(file["base"]),
        )


def probability(features: np.ndarray) -> np.ndarray:
    """Return for each row of evidence the probability that it is one person."""
    result = np.zeros(len(features))
    for start in range(0, len(features), BLOCK):
        block = features[start : start + BLOCK]
        result[start : start + BLOCK] = 1 / (1 + np.exp(-_sums(block)))
    strong = (features[:, _STRONG] > 0).any(1) & (features[:, _NO_NAME] == 0)
    return result * np.where(strong, MOST, MOST_FROM_A_NAME)


def _sums(block: np.ndarray) -> np.ndarray:
    model = trees()
    node = np.broadcast_to(model.start, (len(block), len(model.start)))
    place = (np.arange(len(block)) * block.shape[1])[:, None]
    values = np.ascontiguousarray(block).ravel()
    for _ in range(model.depth):
        low = values.take(place + model.feature.take(node)) <= model.threshold.take(node)
        node = model.child.take(2 * node + low)
    return np.asarray(model.value.take(node).sum(1) + model.base)
