"""What is known of names beforehand: how often they occur, short forms, other scripts. Tables: data/README.md."""

import gzip
import zlib
from functools import cache
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"
MILLION = 1_000_000.0


def lines(name: str) -> list[str]:
    """Return the lines of a table."""
    raw = (DATA / name).read_bytes()
    text = gzip.decompress(raw) if name.endswith(".gz") else raw
    return text.decode().splitlines()


@cache
def _frequent() -> dict[str, float]:
    return {word: float(rate) for word, _, rate in (line.partition("\t") for line in lines("frequent.tsv.gz"))}


def rate(word: str) -> float:
    """Return the share of people who carry a word in their name; a rare one gets a small share."""
    return _frequent().get(word, 4.0 if is_known(word) else 1.0) / MILLION


@cache
def _known() -> np.ndarray:
    with np.load(DATA / "known.npz") as file:
        return np.cumsum(file["arr_0"], dtype=np.uint32)[1:]


def is_known(word: str) -> bool:
    """Tell whether a word stands in a list of names (by hash: one in ten thousand others passes too)."""
    hashed = np.uint32(zlib.crc32(word.encode()))
    table = _known()
    at = int(np.searchsorted(table, hashed))
    return at < len(table) and bool(table[at] == hashed)


@cache
def _short_forms() -> dict[str, frozenset[str]]:
    roots: dict[str, set[str]] = {}
    for line in lines("nicknames.tsv"):
        if line and not line.startswith("#"):
            root, _, forms = line.partition("\t")
            for form in [root, *forms.split()]:
                roots.setdefault(form, set()).add(root)
    return {form: frozenset(names) for form, names in roots.items()}


def roots(word: str) -> frozenset[str]:
    """Return the full names that a word is a short form of, or itself one."""
    return _short_forms().get(word, frozenset())


@cache
def _spellings() -> dict[str, tuple[int, ...]]:
    # Tuples and unsplit lines: a server keeps these tables in every process.
    groups: dict[str, tuple[int, ...]] = {}
    for number, line in enumerate(lines("spellings.txt.gz")):
        for word in line.split(" "):
            groups[word] = (*groups.get(word, ()), number)
    return groups


def spellings(word: str) -> frozenset[int]:
    """Return the numbers of the groups of spellings that a word belongs to."""
    return frozenset(_spellings().get(word, ()))


@cache
def _scripts() -> dict[str, str]:
    return {word: latin for word, _, latin in (line.partition("\t") for line in lines("scripts.tsv.gz"))}


def latin(word: str) -> list[str]:
    """Return how a word in another script is usually written in Latin letters."""
    return _scripts().get(word, "").split()


@cache
def _japanese() -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {"f": {}, "g": {}, "c": {}}
    for line in lines("japanese.tsv.gz"):
        kind, written, readings = line.split("\t")
        tables[kind][written] = readings
    return tables


def japanese_family(written: str) -> list[str]:
    """Return the readings of a Japanese family name."""
    return _japanese()["f"].get(written, "").split()


def japanese_given(written: str) -> list[str]:
    """Return the readings of a Japanese given name; a rare one is put together from its characters."""
    tables = _japanese()
    whole = tables["g"].get(written, "").split()
    if whole or len(written) != 2:
        return whole
    first, last = tables["c"].get("0" + written[0], ""), tables["c"].get("1" + written[1], "")
    return [a + b for a in first.split() for b in last.split()][:12]
