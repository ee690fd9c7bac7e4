"""Make a large list of registrations and of bans: `python -m bench.matching.scale REGISTRATIONS BANS FOLDER`.

Names of the data beside this file, put together anew within a culture's words; one registration in a hundred is a ban,
slightly changed. Then `heard screen` on it, with seconds, memory, and recall at 20 false alerts per 1,000.
"""

import csv
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

from bench.matching.train import rows

ALERTS = 20


def make(registrations: int, bans: int, folder: Path) -> None:
    """Write the two lists and the truth."""
    dice = random.Random(7)
    source = [
        r
        for name in ("balanced", "event")
        for r in rows(f"{name}-registrations")
        if r["given_name"] and r["family_name"]
    ]
    by_country: dict[str, list[dict[str, str]]] = {}
    for row in source:
        by_country.setdefault(row["country"], []).append(row)

    def somebody() -> tuple[str, str, str]:
        one = dice.choice(source)
        other = dice.choice(by_country[one["country"]])
        return one["given_name"], other["family_name"], one["city"]

    folder.mkdir(parents=True, exist_ok=True)
    banned = [somebody() for _ in range(bans)]
    with (folder / "bans.csv").open("w", newline="", encoding="utf8") as file:
        writer = csv.writer(file)
        writer.writerow(["ban_id", "name", "city"])
        writer.writerows([f"B{n}", f"{given} {family}", city] for n, (given, family, city) in enumerate(banned))
    with (
        (folder / "registrations.csv").open("w", newline="", encoding="utf8") as file,
        (folder / "truth.csv").open("w", newline="", encoding="utf8") as truth,
    ):
        writer, truths = csv.writer(file), csv.writer(truth)
        writer.writerow(["reg_id", "given_name", "family_name", "city"])
        truths.writerow(["reg_id", "ban_id"])
        for n in range(registrations):
            given, family, city = somebody()
            if dice.random() < 0.01:
                which = dice.randrange(bans)
                given, family, city = changed(dice, *banned[which])
                truths.writerow([f"R{n}", f"B{which}"])
            writer.writerow([f"R{n}", given, family, city])


def changed(dice: random.Random, given: str, family: str, city: str) -> tuple[str, str, str]:
    """Return somebody as they may write themselves another time."""
    kind = dice.randrange(5)
    if kind == 0 and len(family) > 4:
        at = dice.randrange(1, len(family) - 1)
        family = family[:at] + family[at + 1 :]
    elif kind == 1:
        given, family = family, given
    elif kind == 2:
        given = given[0] + "."
    elif kind == 3:
        given, family = given.upper(), family.upper()
    return given, family, city if dice.random() < 0.5 else ""


def recall(folder: Path, registrations: int) -> float:
    """Return the recall at 20 false alerts per 1,000 registrations."""
    with (folder / "truth.csv").open(encoding="utf8") as file:
        truth = {(row["reg_id"], row["ban_id"]) for row in csv.DictReader(file)}
    with (folder / "out.csv").open(encoding="utf8") as file:
        ranked = sorted(
            ((float(r["score"]), (r["reg_id"], r["ban_id"]) in truth) for r in csv.DictReader(file)), reverse=True
        )
    found = wrong = 0
    for _, true in ranked:
        found, wrong = found + true, wrong + (not true)
        if wrong > ALERTS * registrations / 1000:
            break
    return found / len(truth)


def main() -> None:
    """Make the lists, screen them, and print what it took."""
    registrations, bans, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    make(registrations, bans, folder)
    begun = time.time()
    arguments = [f"--{name}={folder / f'{name}.csv'}" for name in ("bans", "registrations")] + [
        f"--out={folder / 'out.csv'}"
    ]
    subprocess.run([sys.executable, "-m", "heard.cli", "screen", *arguments], check=True)
    seconds = time.time() - begun
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{registrations:,} × {bans:,}: {seconds:.0f} s, {registrations / seconds:,.0f} registrations a second, "
        f"largest process {usage.ru_maxrss / 1e6:.1f} GB, recall at {ALERTS} false alerts per 1,000 {recall(folder, registrations):.3f}"
    )


if __name__ == "__main__":
    main()
