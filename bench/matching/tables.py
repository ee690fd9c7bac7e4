"""Make the tables of `heard.matching` from published lists: `python -m bench.matching.tables RIGOUR_1.6 OUT`.

Needs, beside the development packages: Faker, names, nicknames, unidic-lite (each named with its licence in
src/heard/matching/data/README.md), and an unpacked wheel of rigour 1.6.
"""

import collections
import gzip
import importlib
import math
import re
import sys
import unicodedata
import zlib
from pathlib import Path

import numpy as np
from anyascii import anyascii

from heard.matching.reading import fold
from heard.matching.sounds import sound

NATIVE = {"ARABIC", "HEBREW", "DEVANAGARI", "GREEK", "HANGUL", "BENGALI", "GEORGIAN", "ARMENIAN"}
WEIGHTS = {"en_US": 0.35, "es_MX": 0.05, "pt_BR": 0.05, "de_DE": 0.05, "fr_FR": 0.04, "es_ES": 0.04}
OTHER_WEIGHT = 0.008
READINGS = 6


def script(token: str) -> str:
    """Return the name of the script of the first letter."""
    for character in token:
        if character.isalpha():
            return unicodedata.name(character, "? ").split()[0]
    return "?"


def faker_lists() -> dict[str, dict[str, dict[str, float]]]:
    """Return locale → given or family → name → share."""
    import faker.providers.person as person

    lists: dict[str, dict[str, dict[str, float]]] = {}
    for folder in sorted(Path(person.__file__).parent.iterdir()):
        if not (folder / "__init__.py").exists():
            continue
        provider = importlib.import_module(f"faker.providers.person.{folder.name}").Provider
        parts: dict[str, dict[str, float]] = {"given": {}, "family": {}}
        for attribute in dir(provider):
            kind = "given" if attribute.startswith("first_") else "family" if attribute.startswith("last_") else ""
            values = getattr(provider, attribute)
            if not kind or not isinstance(values, (dict, list, tuple)):
                continue
            weights = dict(values) if isinstance(values, dict) else dict.fromkeys(values, 1.0)
            for name, weight in weights.items():
                for part in name if isinstance(name, tuple) else (name,):
                    if isinstance(part, str):
                        parts[kind][part] = parts[kind].get(part, 0) + float(weight)
        for kind, values in parts.items():
            total = sum(values.values()) or 1
            parts[kind] = {name: weight / total for name, weight in values.items()}
        lists[folder.name] = parts
    return lists


def census() -> dict[str, float]:
    """Return the share of the names of the US census, as `names` carries it."""
    import names

    shares: dict[str, float] = collections.defaultdict(float)
    for path in ("dist.all.last", "dist.female.first", "dist.male.first"):
        for line in (Path(names.__file__).parent / path).read_text().splitlines():
            name, percent, *_ = line.split()
            shares[name.lower()] += float(percent) / 100 / (1 if "last" in path else 2)
    return shares


def frequent(lists: dict, shares: dict[str, float]) -> dict[str, float]:
    """Return how many of a million people carry a word in their name."""
    table: dict[str, float] = collections.defaultdict(float)
    for locale, kinds in lists.items():
        weight = WEIGHTS.get(locale, OTHER_WEIGHT) * (0.3 if locale == "en_US" else 1)
        for values in kinds.values():
            for name, share in values.items():
                for word in re.split(r"[\s\-']+", name):
                    if fold(word):
                        table[fold(word)] += share * weight * 1e6
    for name, share in shares.items():
        table[fold(name)] += share * WEIGHTS["en_US"] * 0.7 * 1e6
    return {word: rate for word, rate in table.items() if rate >= 8 and len(word) > 1}


def persons(path: Path) -> list[list[str]]:
    """Return the groups of spellings of one name (Wikidata, through rigour)."""
    lines = path.read_text(encoding="utf8").splitlines()
    return [line.split(" => ")[0].split(", ") for line in lines if " => " in line]


def scripts(groups: list[list[str]]) -> dict[str, list[str]]:
    """Return for a word in another script how it is written in Latin letters."""
    table: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    for group in groups:
        latin = [fold(word) for word in group if script(word) == "LATIN"]
        latin = [word for word in latin if word.isascii() and word.isalpha()][:8]
        for word in group:
            if script(word) in NATIVE and len(word) > 1 and latin:
                table[fold(word)].update(latin)
    return {word: [w for w, _ in counts.most_common(READINGS)] for word, counts in table.items()}


def spellings(groups: list[list[str]]) -> list[str]:
    """Return words in Latin letters that are spellings of one name and do not sound alike by rule."""
    found = set()
    for group in groups:
        words = sorted({fold(word) for word in group if script(word) == "LATIN"})
        words = [word for word in words if word.isascii() and word.isalpha() and len(word) > 1]
        if len({sound(word) for word in words}) > 1:
            found.add(" ".join(words))
    return sorted(found)


def japanese(dictionary: Path) -> tuple[dict, dict, dict]:
    """Return readings of family names, given names, and of single characters at the begin and end of given names."""
    family: dict[str, set[str]] = collections.defaultdict(set)
    given: dict[str, set[str]] = collections.defaultdict(set)
    pattern = "名詞,固有名詞,人名,".encode() + rb"[^\0]*"
    for found in re.finditer(pattern, dictionary.read_bytes()):
        parts = found.group().decode("utf8", "replace").split(",")
        kind, kana, written = parts[3], parts[6], parts[8]
        if script(written) == "CJK" and len(written) < 5 and len(kana) > 1 and kind in {"姓", "名"}:
            (family if kind == "姓" else given)[written].add(kana)
    chars: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    seen: collections.Counter = collections.Counter()
    for written, readings in given.items():
        if len(written) == 2:
            for kana in readings:
                for place, (character, kept) in enumerate(((written[0], 0), (written[1], 1))):
                    seen[f"{place}{character}"] += 1
                    for cut in range(1, min(4, len(kana))):
                        part = kana[:cut] if not kept else kana[len(kana) - cut :]
                        chars[f"{place}{character}"][part] += 1
    single: dict[str, list[str]] = {}
    for key, counts in chars.items():
        total = seen[key]
        # Two kana explain more than one: the share of a longer part counts more.
        ranked = sorted(counts.items(), key=lambda x: -x[1] * (1, 1.9, 2.4)[len(x[0]) - 1])
        kept = [part for part, count in ranked if count >= max(1, 0.12 * total)][:4]
        if kept:
            single[key] = kept
    return family, given, single


def romaji(kana: str) -> str:
    """Return kana in Latin letters, long vowels short."""
    return re.sub(r"([aeiou])\1+", r"\1", anyascii(kana).lower().replace("ou", "o"))


def write(path: Path, lines: list[str]) -> None:
    """Write compressed lines, the same bytes each time."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write("\n".join(lines).encode())


def main(rigour: Path, out: Path) -> None:
    """Write every table."""
    import unidic_lite

    lists, shares = faker_lists(), census()
    groups = persons(rigour / "rigour/data/names/persons.txt")
    often = frequent(lists, shares)
    write(
        out / "frequent.tsv.gz",
        [f"{word}\t{math.ceil(rate)}" for word, rate in sorted(often.items(), key=lambda x: (-x[1], x[0]))],
    )
    write(out / "scripts.tsv.gz", [f"{w}\t{' '.join(r)}" for w, r in sorted(scripts(groups).items())])
    write(out / "spellings.txt.gz", spellings(groups))
    family, given, single = japanese(Path(unidic_lite.DICDIR) / "sys.dic")
    rows = []
    for kind, table in (("f", family), ("g", given), ("c", single)):
        for written, kanas in sorted(table.items()):
            latin = sorted({romaji(kana) for kana in kanas}, key=lambda r: (len(r), r))[:READINGS]
            rows.append(f"{kind}\t{written}\t{' '.join(latin)}")
    write(out / "japanese.tsv.gz", rows)
    known = {fold(word) for group in groups for word in group if len(word) > 1}
    known |= set(often) | {
        fold(w) for k in lists.values() for v in k.values() for n in v for w in re.split(r"[\s\-']+", n)
    }
    known |= {fold(name) for name in shares}
    hashes = sorted({zlib.crc32(word.encode()) for word in known if len(word) > 1})
    np.savez_compressed(out / "known.npz", np.diff(np.array([0, *hashes], dtype=np.uint32)))
    print({p.name: p.stat().st_size for p in sorted(out.iterdir())}, len(known))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
