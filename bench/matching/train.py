"""Learn the weights of `heard.matching` from the data beside this file: `python -m bench.matching.train`.

`--held-out` learns without whole cultures in turn, then without whole kinds of variants and of hard negatives, and prints
how those left out fare: what to expect of unseen people, and of changes nobody thought of.
"""

import collections
import csv
import gzip
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from heard.matching import model
from heard.matching.evidence import FEATURES, Examiner
from heard.matching.files import person_of
from heard.matching.pairs import Comparison
from heard.matching.segment import Batch, Person, Segment

DATA = Path(__file__).parent / "data"
FOLDS = 5
NEEDS_IDENTIFIER = {"maiden_change", "pseudonym", "western_given"}
UNDECIDABLE = {"hn_twin_name", "hn_father_son"}
# The event's many strangers count less, or they would outnumber everybody else.
WEIGHTS = {"balanced": 1.0, "event": 0.3}


class Set(NamedTuple):
    """Pairs of one data set: evidence, truth, and the culture and the kind of variant each belongs to."""

    features: np.ndarray
    same: np.ndarray
    undecidable: np.ndarray
    culture: np.ndarray
    kind: np.ndarray
    weight: float
    left: np.ndarray
    right: np.ndarray
    classes: dict[tuple[int, int], dict[str, str]]


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf8", newline="") as file:
        return list(csv.DictReader(file))


def load(name: str, *, identifiers: bool) -> Set:
    """Return every pair that would be compared, with what is true of it."""
    registrations, bans = rows(f"{name}-registrations"), rows(f"{name}-bans")
    left = {row["reg_id"]: number for number, row in enumerate(registrations)}
    right = {row["ban_id"]: number for number, row in enumerate(bans)}
    batch = Batch([_person(row, identifiers) for row in registrations])
    segment = Segment([_person(row, identifiers) for row in bans])
    comparison = Comparison(batch, segment, counts_batch=True)
    examiner = Examiner(comparison)
    evidence = examiner.evidence(*comparison.candidates())
    examiner.add_spelling(evidence, np.arange(len(evidence.left)))
    classes = {(left[row["reg_id"]], right[row["ban_id"]]): row for row in rows(f"{name}-truth")}
    cultures = {pair[0]: row["culture"] for pair, row in classes.items()}
    pairs = list(zip(evidence.left.tolist(), evidence.right.tolist(), strict=True))
    truth = [classes.get(pair, {"label": "0", "cls": ""}) for pair in pairs]
    return Set(
        evidence.features,
        np.array([row["label"] == "1" for row in truth]),
        np.array([row["cls"] in UNDECIDABLE for row in truth]),
        np.array([zlib.crc32(cultures.get(a, f"none {a % 40}").encode()) for a, _ in pairs]),
        np.array(
            [zlib.crc32((row["cls"] or f"none {a % 40}").encode()) for (a, _), row in zip(pairs, truth, strict=True)]
        ),
        WEIGHTS[name],
        evidence.left,
        evidence.right,
        classes,
    )


def _person(row: dict[str, str], identifiers: bool) -> Person:
    person = person_of(row)
    return person if identifiers else Person(person.names, city=person.city, country=person.country)


def fit(sets: list[Set], keep: list[np.ndarray]) -> HistGradientBoostingClassifier:
    """Learn from the chosen rows of the sets; what nobody can decide teaches nothing."""
    chosen = [keep & ~each.undecidable for each, keep in zip(sets, keep, strict=True)]
    learner = HistGradientBoostingClassifier(
        max_iter=220, learning_rate=0.06, max_leaf_nodes=12, max_depth=5, min_samples_leaf=20, l2_regularization=5,
        max_features=0.7, early_stopping=False, random_state=1,
    )  # fmt: skip
    return learner.fit(
        np.vstack([each.features[keep] for each, keep in zip(sets, chosen, strict=True)]),
        np.concatenate([each.same[keep] for each, keep in zip(sets, chosen, strict=True)]),
        sample_weight=np.concatenate([np.full(keep.sum(), e.weight) for e, keep in zip(sets, chosen, strict=True)]),
    )


def export(learner: HistGradientBoostingClassifier, path: Path) -> None:
    """Write the trees as arrays."""
    trees = [predictor.nodes for (predictor,) in learner._predictors]
    size = max(map(len, trees))
    shape = (len(trees), size)
    arrays = {name: np.zeros(shape, np.int16) for name in ("feature", "left", "right")}
    threshold, value = np.full(shape, np.inf, np.float32), np.zeros(shape, np.float32)
    deepest = 0
    for number, nodes in enumerate(trees):
        for at, node in enumerate(nodes):
            leaf = bool(node["is_leaf"])
            arrays["feature"][number, at] = 0 if leaf else node["feature_idx"]
            arrays["left"][number, at] = at if leaf else node["left"]
            arrays["right"][number, at] = at if leaf else node["right"]
            threshold[number, at] = np.inf if leaf else node["num_threshold"]
            value[number, at] = node["value"] if leaf else 0
            deepest = max(deepest, int(node["depth"]))
    np.savez_compressed(
        path, **arrays, threshold=threshold, value=value, depth=deepest,
        base=float(np.ravel(learner._baseline_prediction)[0]), features=np.array(FEATURES),
    )  # fmt: skip


def triage(each: Set, score: np.ndarray, *, findable: bool) -> tuple[float, float, float, float]:
    """Return the best F1 with its precision, recall and threshold, as the scorer counts."""
    best: dict[tuple[int, int], float] = collections.defaultdict(float)
    for pair, value in zip(zip(each.left.tolist(), each.right.tolist(), strict=True), score.tolist(), strict=True):
        best[pair] = max(best[pair], value)
    same = {pair for pair, row in each.classes.items() if row["label"] == "1"}
    truth = {p for p in same if not findable or each.classes[p]["cls"] not in NEEDS_IDENTIFIER}
    dropped = (same - truth) | {p for p, row in each.classes.items() if row["cls"] in UNDECIDABLE}
    ranked = sorted(((value, pair in truth) for pair, value in best.items() if pair not in dropped), reverse=True)
    hits = np.cumsum([hit for _, hit in ranked])
    count = np.arange(1, len(ranked) + 1)
    f1 = 2 * hits / (count + len(truth))
    at = int(f1.argmax())
    return float(f1[at]), float(hits[at] / count[at]), float(hits[at] / len(truth)), float(ranked[at][0])


def held_out(sets: list[Set], *, by: Literal["culture", "kind"]) -> Iterator[tuple[int, np.ndarray]]:
    """Yield for each set the scores its rows get from weights that never saw their cultures, or their kinds."""
    groups = [each.culture if by == "culture" else each.kind for each in sets]
    scores = [np.zeros(len(each.same)) for each in sets]
    distinct = np.unique(np.concatenate(groups))
    np.random.RandomState(0).shuffle(distinct)
    for fold in range(FOLDS):
        out = distinct[fold::FOLDS]
        learner = fit(sets, [~np.isin(group, out) for group in groups])
        for each, group, score in zip(sets, groups, scores, strict=True):
            test = np.isin(group, out)
            score[test] = learner.predict_proba(each.features[test])[:, 1]
    yield from enumerate(scores)


def main() -> None:
    """Learn, and write the weights; or say what unseen cultures get."""
    sets = [load(name, identifiers=wanted) for name in WEIGHTS for wanted in (True, False)]
    if "--held-out" in sys.argv:
        titles = [f"{name}, {columns}" for name in WEIGHTS for columns in ("all columns", "names and city")]
        for by in ("culture", "kind"):
            for number, score in held_out(sets, by=by):
                for findable in (False, True):
                    f1, precision, recall, at = triage(sets[number], score, findable=findable)
                    which = "findable by name" if findable else "all matches"
                    print(
                        f"without its {by}: {titles[number]}, {which}: "
                        f"F1 {f1:.3f} P {precision:.3f} R {recall:.3f} at {at:.2f}"
                    )
        return
    export(fit(sets, [np.ones(len(each.same), bool) for each in sets]), model.DATA / model.FILE)


if __name__ == "__main__":
    main()
