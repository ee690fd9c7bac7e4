"""Screening lists in files: registrations against bans, CSV or XLSX."""

import csv
import multiprocessing
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heard.matching.register import FLOOR, Hit, Register
from heard.matching.segment import LARGE, Person

AT_ONCE = 50_000
# In a large register a pair below this is one of very many.
FLOOR_OF_MANY = 0.1
COLUMNS = ["reg_id", "ban_id", "score", "answer", "why"]
NAME_COLUMNS = ("full_name", "name")
_LIST = re.compile(r"\s*[;|]\s*")


class NotATable(Exception):
    """The file cannot be read as a table of persons; the words say why."""


@dataclass(frozen=True)
class Broken:
    """A row that could not be used."""

    line: int
    reason: str


def person_of(row: Mapping[str, str]) -> Person:
    """Return the person of a row. Columns that are missing count as empty; several values stand between semicolons."""
    whole = next((row[column] for column in NAME_COLUMNS if row.get(column)), "")
    name = whole or " ".join(filter(None, (row.get("given_name"), row.get("family_name"))))
    names = [part for part in (name, *_several(row, "aliases")) if part.strip()]
    return Person(
        names, _several(row, "email"), _several(row, "handle"), _several(row, "phone"), row.get("city") or "",
        row.get("country") or "",
    )  # fmt: skip


def _several(row: Mapping[str, str], column: str) -> list[str]:
    return [part for part in _LIST.split(row.get(column) or "") if part]


def read_people(path: Path, id_column: str) -> tuple[dict[str, Person], list[Broken]]:
    """Return the persons of a file by id, and the rows that could not be used. Raises NotATable."""
    people: dict[str, Person] = {}
    broken: list[Broken] = []
    for line, row in _rows(path, id_column):
        key = (row.get(id_column) or "").strip()
        person = person_of(row)
        if not key:
            broken.append(Broken(line, f"{id_column} is empty"))
        elif key in people:
            broken.append(Broken(line, f"{id_column} {key} stands there twice"))
        elif not (person.names or person.emails or person.handles or person.phones):
            broken.append(Broken(line, "no name, address, handle or phone"))
        elif None in row:
            broken.append(Broken(line, "more values than columns"))
        else:
            people[key] = person
    return people, broken


def _rows(path: Path, id_column: str) -> Iterator[tuple[int, dict[Any, Any]]]:
    try:
        source = _sheet(path) if path.suffix.lower() == ".xlsx" else _csv(path)
        for number, (line, row) in enumerate(source):
            if number == 0 and id_column not in row:
                raise NotATable(f"{path.name} has no column {id_column}.")
            yield line, row
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        raise NotATable(f"{path.name} cannot be read as a table ({type(wrong).__name__}).") from None


def _csv(path: Path) -> Iterator[tuple[int, dict[Any, Any]]]:
    csv.field_size_limit(1_000_000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            yield reader.line_num, row


def _sheet(path: Path) -> Iterator[tuple[int, dict[Any, Any]]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
    except (BadZipFile, KeyError, ValueError):
        raise NotATable(f"{path.name} is no workbook.") from None
    lines = sheet.iter_rows(values_only=True)
    head = [str(cell or "").strip() for cell in next(lines, ())]
    for line, cells in enumerate(lines, 2):
        values = ["" if cell is None else str(cell) for cell in cells]
        if any(values):
            yield line, dict(zip(head, values, strict=False))


def screen_files(bans: Path, registrations: Path, out: Path, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Compare two files and write the pairs that may be one person. Returns counts and the broken rows by file."""
    register_people, broken_bans = read_people(bans, "ban_id")
    people, broken = read_people(registrations, "reg_id")
    everybody = list(people.items())
    look = written = done = 0
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for lines in screened(Register(register_people), everybody):
            writer.writerows(lines)
            written += len(lines)
            look += sum(line[3] == "look" for line in lines)
            done = min(done + AT_ONCE, len(everybody))
            progress(done, len(everybody))
    counts = {"bans": len(register_people), "registrations": len(people), "pairs": written, "look": look}
    return counts | {"broken": {bans.name: broken_bans, registrations.name: broken}}


def screened(register: Register[str], people: list[tuple[str, Person]]) -> Iterator[list[list[str]]]:
    """Yield the lines of parts of a list, in order; a long list is shared out among the processors."""
    starts = range(0, len(people), AT_ONCE)
    if len(starts) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from (_part(register, people, start) for start in starts)
        return
    # Forked processes share what was read; nothing large is sent to them.
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork"), _share, (register, people)) as pool:
        yield from pool.map(_shared_part, starts)


_shared: list[Any] = []


def _share(register: Register[str], people: list[tuple[str, Person]]) -> None:
    _shared[:] = [register, people]


def _shared_part(start: int) -> list[list[str]]:
    register, people = _shared
    return _part(register, people, start)


def _part(register: Register[str], people: list[tuple[str, Person]], start: int) -> list[list[str]]:
    part = people[start : start + AT_ONCE]
    floor = FLOOR if len(register) < LARGE else FLOOR_OF_MANY
    hits = register.screen([person for _, person in part], floor=floor)
    return [_line(part[number][0], hit) for number, hit in hits]


def _line(key: str, hit: Hit[str]) -> list[str]:
    return [key, hit.key, f"{hit.score:.4f}", hit.answer.value, "; ".join(hit.why)]


def show_progress(done: int, total: int) -> None:
    """Say on the terminal how far it is."""
    if sys.stderr.isatty():
        print(f"\r{done:,} of {total:,} registrations", end="\n" if done == total else "", file=sys.stderr, flush=True)
