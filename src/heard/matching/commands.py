"""`heard screen` and `heard match`."""

import argparse
import sys
from pathlib import Path

from heard.matching.files import NotATable, read_people, screen_files, show_progress
from heard.matching.register import Hit, Register, compare
from heard.matching.segment import Person

SHOWN = 20


def run(words: list[str]) -> int:
    """Run one of the two commands; return its exit code."""
    parser = argparse.ArgumentParser(prog="heard")
    commands = parser.add_subparsers(dest="command", required=True)
    screen = commands.add_parser("screen", help="compare a list of registrations with a list of bans (CSV or XLSX)")
    for option in ("bans", "registrations", "out"):
        screen.add_argument(f"--{option}", type=Path, required=True)
    match = commands.add_parser("match", help="is the first name one of the others?")
    match.add_argument("names", nargs="+", metavar="NAME", help="the name asked for, then the names to look among")
    match.add_argument("--bans", type=Path, help="look in this list instead")
    options = parser.parse_args(words)
    try:
        return _screen(options) if options.command == "screen" else _match(options)
    except NotATable as wrong:
        print(f"heard: {wrong}", file=sys.stderr)
        return 1
    except OSError as wrong:
        print(f"heard: {options.out} cannot be written ({type(wrong).__name__}).", file=sys.stderr)
        return 1


def _screen(options: argparse.Namespace) -> int:
    done = screen_files(options.bans, options.registrations, options.out, show_progress)
    for name, rows in done["broken"].items():
        for row in rows[:SHOWN]:
            print(f"{name}, line {row.line}: left out, {row.reason}", file=sys.stderr)
        if len(rows) > SHOWN:
            print(f"{name}: {len(rows) - SHOWN} more rows left out", file=sys.stderr)
    print(
        f"{done['registrations']:,} registrations against {done['bans']:,} bans: a person should look at {done['look']:,}"
        f" of {done['pairs']:,} pairs. They stand in {options.out.name}."
    )
    return 0


def _match(options: argparse.Namespace) -> int:
    asked, *others = options.names
    found: list[tuple[str, Hit]]
    if options.bans:
        register = Register(read_people(options.bans, "ban_id")[0])
        found = [(hit.key, hit) for hit in register.ask(Person([asked]))]
    elif others:
        found = [(name, compare(Person([asked]), Person([name]))) for name in others]
    else:
        print("heard: give a second name, or a list with --bans.", file=sys.stderr)
        return 2
    for name, hit in found:
        print(f"{name}: {hit.answer.value}, {hit.score:.2f} – {'; '.join(hit.why)}")
    if not found:
        print("clear")
    return 0
