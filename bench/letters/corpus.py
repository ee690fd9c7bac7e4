"""The corpus: letters by several hands with the offending words marked, and short passages."""

import re
from dataclasses import dataclass
from pathlib import Path

from heard.sendcheck.model import FLAGS
from heard.sendcheck.sentences import sentences

HERE = Path(__file__).parent / "corpus"
_HEAD = re.compile(r"^=== (\S+) \| to: (\w+) \| situation: (.*)$", re.MULTILINE)
_MARK = re.compile(r"\{\{([\w+]+):\s*(.*?)\}\}|\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True)
class Letter:
    """A letter or a passage, and where it offends: (flag, start, end)."""

    hand: str
    name: str
    to: str
    text: str
    marks: tuple[tuple[str, int, int], ...]

    @property
    def flags(self) -> set[str]:
        """Which rules it breaks."""
        return {flag for flag, _start, _end in self.marks}

    def flags_at(self, start: int, end: int) -> set[str]:
        """Return which rules the words between two offsets break: a good part of a mark, or of the words, is there."""
        found = set()
        for flag, first, last in self.marks:
            shared = min(end, last) - max(start, first)
            if shared > 0 and shared >= 0.3 * min(end - start, last - first):
                found.add(flag)
        return found


def letters(part: str = "en") -> list[Letter]:
    """Return every letter of a part of the corpus: a language, or `held_out`."""
    found = []
    for path in sorted((HERE / part).glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        heads = list(_HEAD.finditer(text))
        for number, head in enumerate(heads):
            end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
            found.append(_letter(path.stem, head[1], head[2], text[head.end() : end].strip(), ""))
    return found


def passages(part: str = "en") -> list[Letter]:
    """Return every passage of a part of the corpus."""
    found = []
    for path in sorted((HERE / part).glob("*.psv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            if line.count(" | ") >= 2:
                flag, to, text = line.split(" | ", 2)
                default = "" if flag.startswith("ok") else flag.strip()
                found.append(_letter(path.stem, str(number), to.strip(), text.strip(), default))
    return found


def _letter(hand: str, name: str, to: str, marked: str, default: str) -> Letter:
    """Take the marks out of the text and remember where they were."""
    text, marks, last = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[last : mark.start()]
        flags, words = (mark[1], mark[2]) if mark[1] else (default, mark[3])
        marks += [(flag, len(text), len(text) + len(words)) for flag in flags.split("+") if flag]
        text += words
        last = mark.end()
    text += marked[last:]
    if default and not marks:
        marks = [(flag, 0, len(text)) for flag in default.split("+")]
    unknown = {flag for flag, _s, _e in marks} - set(FLAGS)
    if unknown:
        raise ValueError(f"{hand} {name}: {unknown}")
    return Letter(hand, name, to, text, tuple(marks))


def labelled(letter: Letter) -> list[tuple[str, set[str]]]:
    """Return each sentence of a letter with the rules it breaks."""
    return [(s.text, letter.flags_at(s.start, s.end)) for s in sentences(letter.text)]
