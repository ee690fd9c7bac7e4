"""FEBRL4: 5,000 records of people and a damaged copy of each. Reads CSV files that `bench.matching.peers` exports."""

import csv
import sys
from pathlib import Path

import numpy as np

from heard.matching import Person, Register


def best_f1(pairs: list[tuple[float, bool]], truths: int) -> tuple[float, float, float]:
    """Return the best F1 with precision and recall."""
    hits = np.cumsum([true for _, true in sorted(pairs, reverse=True)])
    count = np.arange(1, len(pairs) + 1)
    at = int((2 * hits / (count + truths)).argmax())
    return float(2 * hits[at] / (count[at] + truths)), float(hits[at] / count[at]), float(hits[at] / truths)


def people(path: Path) -> dict[str, Person]:
    """Return the persons of one file by record number: name, suburb, state; the postcode tells suburbs apart."""
    with path.open(encoding="utf8") as file:
        return {
            row["rec_id"].split("-")[1]: Person(
                [f"{row['given_name']} {row['surname']}".strip()], city=row["suburb"], country=row["state"]
            )
            for row in csv.DictReader(file)
        }


def main() -> None:
    """Print how well copies find their originals, by names and place alone."""
    folder = Path(sys.argv[1])
    originals, copies = people(folder / "a.csv"), people(folder / "b.csv")
    register = Register(originals)
    keys = list(copies)
    pairs = [(hit.score, hit.key == keys[n]) for n, hit in register.screen(list(copies.values()))]
    print("FEBRL4, names and place: F1 {:.3f} P {:.3f} R {:.3f}".format(*best_f1(pairs, len(originals))))


if __name__ == "__main__":
    main()
