"""Measure `heard.matching` and write docs/performance.md's tables: `python -m bench.matching.figures`."""

import collections
import csv
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from bench.matching.train import WEIGHTS, Set, held_out, load, rows, triage
from heard.matching import Person, Register
from heard.matching.files import person_of

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
ASKED, REGISTER = 1000, 100_000


def table(head: list[str], lines: list[list[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *lines]) + "\n"


def overall(sets: list[Set], scores: dict[int, np.ndarray]) -> str:
    """Return F1, precision and recall of each set, on cultures the weights never saw."""
    lines = []
    titles = [f"{name}, {columns}" for name in WEIGHTS for columns in ("all columns", "names and city")]
    for number, title in enumerate(titles):
        for findable in (False, True):
            f1, precision, recall, at = triage(sets[number], scores[number], findable=findable)
            which = "findable by name" if findable else "all matches"
            lines.append([title, which, f"**{f1:.3f}**", f"{precision:.3f}", f"{recall:.3f}", f"{at:.2f}"])
    return table(["data", "counted", "triage F1", "precision", "recall", "at score"], lines)


def by_kind(each: Set, score: np.ndarray) -> str:
    """Return how many of each kind of variant, hard negative and culture are put before a person."""
    threshold = triage(each, score, findable=False)[3]
    best: dict[tuple[int, int], float] = collections.defaultdict(float)
    for pair, value in zip(zip(each.left.tolist(), each.right.tolist(), strict=True), score.tolist(), strict=True):
        best[pair] = max(best[pair], value)
    parts = []
    for title, column, wanted in (("variant", "cls", "1"), ("hard negative", "cls", "0"), ("culture", "culture", "1")):
        seen: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
        for pair, row in each.classes.items():
            if row["label"] == wanted:
                seen[row[column]][0] += 1
                seen[row[column]][1] += best[pair] >= threshold
        lines = [[name, f"{hit} of {all_}", f"{hit / all_:.2f}"] for name, (all_, hit) in sorted(seen.items())]
        parts.append(table([title, "put before a person", "share"], lines))
    return "\n".join(parts)


def single() -> list[list[str]]:
    """Return how long one question takes against 100,000 bans."""
    dice = random.Random(3)
    people = [person_of(row) for name in ("balanced", "event") for row in rows(f"{name}-registrations")]
    names = [name for person in people for name in person.names if " " in name]
    many = dict(enumerate(people))
    while len(many) < REGISTER:
        one, other = dice.choice(names).split(" "), dice.choice(names).split(" ")
        many[len(many)] = Person([f"{one[0]} {other[-1]}"], city=dice.choice(people).city)
    register: Register[int] = Register(many)
    asked = dice.sample(people, ASKED * 4)
    for person in asked[:-ASKED]:
        register.ask(person)
    times = []
    for person in asked[-ASKED:]:
        begun = time.process_time()
        register.ask(person)
        times.append(time.process_time() - begun)
    median, late = np.percentile(np.array(times) * 1000, [50, 99])
    return [["one registration against 100,000 bans, median", f"{median:.1f} ms"], ["the same, p99", f"{late:.1f} ms"]]


def whole(folder: Path) -> list[list[str]]:
    """Return how long the command takes on 12,000 × 3,000, and to start."""
    lines = []
    for name in ("bans", "registrations"):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf8") as file:
            data = rows(f"balanced-{name}")
            writer = csv.DictWriter(file, list(data[0]))
            writer.writeheader()
            writer.writerows(data)
    command = [sys.executable, "-m", "heard.cli"]
    for title, arguments in (
        ("`heard match`, start to answer", ["match", "Kate Braun", "Katherine Brown"]),
        (
            "`heard screen`, 12,000 × 3,000, whole process",
            [
                "screen",
                f"--bans={folder / 'bans.csv'}",
                f"--registrations={folder / 'registrations.csv'}",
                f"--out={folder / 'o'}",
            ],
        ),
    ):
        begun = time.time()
        subprocess.run([*command, *arguments], check=True, capture_output=True)
        lines.append([title, f"{time.time() - begun:.1f} s"])
    return lines


def main() -> None:
    """Write the tables between their marks."""
    folder = Path("build/matching")
    folder.mkdir(parents=True, exist_ok=True)
    sets = [load(name, identifiers=wanted) for name in WEIGHTS for wanted in (True, False)]
    scores = dict(held_out(sets, by="culture"))
    other_kinds = overall(sets, dict(held_out(sets, by="kind")))
    text = "\n".join(
        [
            overall(sets, scores),
            "Whole kinds of variants and of hard negatives held out instead:\n",
            other_kinds,
            table(["speed", "measured"], whole(folder) + single()),
            by_kind(sets[0], scores[0]),
        ]
    )
    page = PAGE.read_text()
    PAGE.write_text(re.sub(r"(?s)(<!-- matching -->\n).*(<!-- end matching -->)", rf"\g<1>{text}\g<2>", page))
    print(text)


if __name__ == "__main__":
    main()
