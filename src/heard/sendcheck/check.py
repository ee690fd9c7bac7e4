"""Reading a letter before it leaves."""

import hashlib
import secrets
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from heard.sendcheck import people
from heard.sendcheck.encoder import encoder
from heard.sendcheck.features import features
from heard.sendcheck.model import FLAGS, model
from heard.sendcheck.people import Hidden
from heard.sendcheck.reading import language_of, lexicon
from heard.sendcheck.rules import Rule, rules
from heard.sendcheck.sentences import sentences

NAMED, QUOTED = "named", "quoted"
# What each recipient cannot be asked: only a reporter is asked for advice.
ONLY_TO = {"advice": {"reporter"}}
# A letter is looked at several times on its way. What was found is kept by a keyed mark: the words themselves are not.
MOST_REMEMBERED = 500
_OURS = secrets.token_bytes(32)


@dataclass(frozen=True)
class Finding:
    """Words of a letter that break a rule, between two offsets; `how` says whether somebody is named or quoted."""

    flag: str
    start: int
    end: int
    how: str = ""

    @property
    def rule(self) -> Rule:
        """The rule that is broken."""
        return rules()[self.flag]

    @property
    def title(self) -> str:
        """The rule in a line."""
        return self.rule.title


_read: dict[bytes, tuple[Finding, ...]] = {}


@dataclass(frozen=True)
class Checked:
    """What the check says to a letter; `language` is empty where its words were not checked."""

    language: str
    findings: tuple[Finding, ...]

    @property
    def flags(self) -> list[str]:
        """The rules that are broken, each once, in their order."""
        found = {finding.flag for finding in self.findings}
        return [flag for flag in rules() if flag in found]

    @property
    def shows_somebody(self) -> bool:
        """Whether somebody is named or quoted whom the reader must not see: such a letter does not leave."""
        return any(finding.how for finding in self.findings)


def check(
    text: str, *, to: str, hidden: Sequence[Hidden] = (), told: Sequence[str] = (), relaxed: Collection[str] = ()
) -> Checked:
    """Read a letter. `hidden` are people it must not show, `told` what it must not quote, `relaxed` rules switched off.

    People are looked for in every language; the words are checked in those the check knows. Characters that nobody sees, such
    as soft hyphens, hide nothing.
    """
    seen = [place for place, letter in enumerate(text) if unicodedata.category(letter) != "Cf"]
    bare = "".join(text[place] for place in seen)
    found = [Finding("details", start, end, NAMED) for start, end in people.shown(bare, hidden)]
    found += [Finding("details", start, end, QUOTED) for start, end in people.quoted(bare, told)]
    language = language_of(bare)
    if language:
        found += [finding for finding in _words(bare, to, language) if finding.flag not in relaxed]
    placed = {replace(each, start=seen[each.start], end=seen[each.end - 1] + 1) for each in found}
    return Checked(language, tuple(sorted(placed, key=lambda each: (each.start, each.end, each.flag))))


def _words(text: str, to: str, language: str) -> tuple[Finding, ...]:
    """Return what the words of a letter break; what was read before is remembered by a mark that shows nothing of it."""
    mark = hashlib.blake2b(f"{language} {to} {text}".encode("utf-8", "surrogatepass"), key=_OURS).digest()
    found = _read.get(mark)
    if found is None:
        found = tuple(_broken(text, to, language))
        if len(_read) >= MOST_REMEMBERED:
            _read.clear()
        _read[mark] = found
    return found


def _broken(text: str, to: str, language: str) -> list[Finding]:
    """Find the sentences that the two readers, the encoder and the words' own model, together hold to break a rule."""
    cut = sentences(text)
    if not cut:
        return []
    reads = [lexicon(language).read(sentence.text) for sentence in cut]
    scores = encoder(language).scores([sentence.text for sentence in cut], to)
    scores += [model(language).scores(features(reads, place, to)) for place in range(len(cut))]
    return [
        Finding(FLAGS[number], cut[place].start, cut[place].end)
        for place, number in np.argwhere(scores > 0).tolist()
        if to in ONLY_TO.get(FLAGS[number], {to})
    ]
