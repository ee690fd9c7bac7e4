"""Whether a letter shows somebody whom its reader must not see: by name in any spelling, by what only they are, by their own words."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from heard.matching import Person, find

# So many words in a row that stand in what was told are a quotation; so many words of a description point to one person.
QUOTED, TRAIT_WORDS = 7, 2
SHORTEST_TRAIT = 4
# So many digits in a row of a telephone number are one person's.
NUMBER_DIGITS = 7
LONGEST_TOLD = 100_000

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_DATE = re.compile(r"\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\s?\d{1,2}[./]\s?\d{4})\b")
_NUMBER = re.compile(r"\d(?:[\s().\-–/]{0,3}\d){6,30}")
# Words that point to nobody, of those long enough to.
_EVERYBODYS = (
    "with from that this there their they them have been were what when where which would could should about after before "
    "very much more some somebody someone other another person people team event talk long short tall small young wearing "
    "named called works work working"
)
_COMMON = frozenset(_EVERYBODYS.split())


@dataclass(frozen=True)
class Hidden:
    """Somebody whom a letter must not show, with what else points to them: looks, badge, employer, telephone numbers.

    With `kept_back` not even whoever writes the letter may learn who it is: then it is not said where they are shown.
    """

    person: Person
    traits: tuple[str, ...] = field(default=(), repr=False)
    kept_back: bool = False
    numbers: tuple[str, ...] = field(default=(), repr=False)


def shown(text: str, hidden: Sequence[Hidden]) -> Iterator[tuple[int, int]]:
    """Yield where a letter shows one of some people."""
    for mention in find(text, [each.person for each in hidden if not each.kept_back]):
        yield mention.start, mention.end
    if text and find(text, [each.person for each in hidden if each.kept_back]):
        yield 0, len(text)
    for number, kept_back in ((number, each.kept_back) for each in hidden for number in each.numbers):
        places = _by_number(text, number)
        yield from [(0, len(text))] * any(True for _ in places) if kept_back else places
    words = list(_WORD.finditer(text))
    for trait, kept_back in ((trait, each.kept_back) for each in hidden for trait in each.traits):
        places = _by_trait(words, trait)
        yield from [(0, len(text))] * any(True for _ in places) if kept_back else places


def numbers_in(text: str) -> tuple[str, ...]:
    """Return what may be telephone numbers in a text, as it spells them; dates are none."""
    return tuple(found.group() for found in _numbers(text))


def _by_number(text: str, number: str) -> Iterator[tuple[int, int]]:
    """Yield where enough of a number stands, with or without its country, in whatever groups, with hours beside it."""
    known = _runs(number)
    for found in _numbers(text):
        if not known.isdisjoint(_runs(found.group())):
            yield found.span()


def _numbers(text: str) -> Iterator[re.Match[str]]:
    return _NUMBER.finditer(_DATE.sub(lambda date: "x" * len(date.group()), text))


def _runs(number: str) -> set[str]:
    """Return every so many digits in a row."""
    digits = "".join(str(unicodedata.digit(letter)) for letter in number if letter.isdigit())
    return {digits[at : at + NUMBER_DIGITS] for at in range(len(digits) - NUMBER_DIGITS + 1)}


def _by_trait(words: Sequence[re.Match[str]], trait: str) -> Iterator[tuple[int, int]]:
    """Yield where two telling words of a description stand close together, or its only one."""
    telling = set(_telling(trait))
    needed = min(TRAIT_WORDS, len(telling))
    if not needed or (needed == 1 and len(_WORD.findall(trait)) > 1):
        return
    places = [number for number, word in enumerate(words) if word.group().casefold() in telling]
    for first, number in enumerate(places):
        near = [at for at in places[first : first + TRAIT_WORDS + 4] if at - number <= TRAIT_WORDS + 3]
        if len({words[place].group().casefold() for place in near}) >= needed:
            yield words[number].start(), words[near[-1]].end()


def _telling(trait: str) -> Iterable[str]:
    return (w for w in _WORD.findall(trait.casefold()) if len(w) >= SHORTEST_TRAIT and w not in _COMMON)


def quoted(text: str, told: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where a letter repeats so many words in a row of what somebody told."""
    known: set[tuple[str, ...]] = set()
    for each in told:
        words = [word.casefold() for word in _WORD.findall(each[:LONGEST_TOLD])]
        known |= {tuple(words[at : at + QUOTED]) for at in range(len(words) - QUOTED + 1)}
    ours = list(_WORD.finditer(text))
    for at in range(len(ours) - QUOTED + 1):
        if tuple(word.group().casefold() for word in ours[at : at + QUOTED]) in known:
            yield ours[at].start(), ours[at + QUOTED - 1].end()
