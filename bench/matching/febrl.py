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


def people(path: Path, *, number: bool) -> dict[str, Person]:
    """Return the persons of one file by record number: name and suburb, and on wish the number they are insured under."""
    with path.open(encoding="utf8") as file:
        return {
            row["rec_id"].split("-")[1]: Person(
                [f"{row['given_name']} {row['surname']}".strip()],
                city=row["suburb"],
                phones=[row["soc_sec_id"]] if number else [],
            )
            for row in csv.DictReader(file)
        }


def main() -> None:
    """Print how well copies find their originals, by name and suburb alone, and with a number."""
    folder = Path(sys.argv[1])
    for title, number in (("name and suburb", False), ("name, suburb and number", True)):
        originals, copies = (people(folder / file, number=number) for file in ("a.csv", "b.csv"))
        keys = list(copies)
        found = Register(originals).screen(list(copies.values()))
        pairs = [(hit.score, hit.key == keys[n]) for n, hit in found]
        print(f"FEBRL4, {title}: F1 {{:.3f}} P {{:.3f}} R {{:.3f}}".format(*best_f1(pairs, len(originals))))


if __name__ == "__main__":
    main()
