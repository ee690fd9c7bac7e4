"""`heard check-letter`."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from heard.sendcheck.check import check
from heard.sendcheck.rules import TO, rules


def run(words: list[str]) -> int:
    """Check letters from a file of lines, or one letter from the standard input; return the exit code."""
    parser = argparse.ArgumentParser(prog="heard check-letter", description="Read letters before they leave.")
    parser.add_argument(
        "--jsonl", type=Path, metavar="FILE", help='lines of {"id", "to", "text"}; writes one line for each'
    )
    parser.add_argument("--to", choices=TO, default="reporter", help="whom the letter on the standard input is for")
    options = parser.parse_args(words)
    if options.jsonl is None:
        return _one(sys.stdin.read(), options.to)
    try:
        with options.jsonl.open(encoding="utf-8") as lines:
            for answer in answers(lines):
                print(json.dumps(answer, ensure_ascii=False))
    except (OSError, ValueError) as wrong:
        print(f"heard: {options.jsonl.name} cannot be read: {wrong}", file=sys.stderr)
        return 1
    return 0


def answers(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield for each line what is marked in its letter. Raises ValueError, naming the line, for one that is no letter."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            letter = json.loads(line)
            name, to, text = letter["id"], letter["to"], letter["text"]
        except (ValueError, KeyError, TypeError):
            raise ValueError(f'line {number} is not {{"id", "to", "text"}}') from None
        if to not in TO or not isinstance(text, str):
            raise ValueError(f"line {number}: `to` is one of {', '.join(TO)}, and `text` is a text")
        found = check(text, to=to)
        spans = [
            {"flag": f.flag, "start": f.start, "end": f.end, "text": text[f.start : f.end]} for f in found.findings
        ]
        yield {"id": name, "flags": found.flags, "spans": spans, "language": found.language}


def _one(text: str, to: str) -> int:
    found = check(text, to=to)
    if not found.language:
        print("not checked: this language is not known here, or it is too short to say")
    for finding in found.findings:
        rule = rules()[finding.flag]
        print(f"{finding.flag}: {text[finding.start : finding.end]!r}\n  {rule.why}\n  Better: {rule.better}")
    return 1 if found.findings else 0
