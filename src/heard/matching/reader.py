"""Finding people in running text: where somebody is named, and where it is just an ordinary word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from heard.matching import identifiers, lexicon
from heard.matching.reading import (
    GENERATIONS,
    LONGEST_WORD,
    MOST_WORDS,
    PARTICLES,
    TITLES,
    fold,
    script_of,
    unmask,
    words_of,
)
from heard.matching.segment import Batch, Person
from heard.matching.words import Level, Postings, Vocabulary, neighbours

LONGEST_TEXT = 200_000
MOST_PER_KEY = 2_000
# A text in which so few words begin with a capital letter is written without them.
FEW_CAPITALS = 0.02

_TOKEN = re.compile(
    r"(?P<mail>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})|(?P<at>(?<![\w@])@[\w.-]{2,60})"
    r"|(?P<url>(?:https?://|www\.)[^\s<>()]{3,200}|\b(?:github|gitlab|twitter|linkedin|instagram|facebook|x)\.com/[^\s<>()]{1,100})"
    r"|(?P<masked>(?<!\w)[^\W\d_]{1,3}[*_•·…]{2,12}[^\W\d_]{0,3}(?!\w)|(?<!\w)[^\W\d_]\.{3}(?!\w))"
    r"|(?P<letters>(?<!\w)(?:[^\W\d_]\.[\s-]?){2,4}(?![\w]))"
    r"|(?P<word>[^\W\d_][\w\u200c\u0300-\u036f]*(?:['’ʼ`][^\W\d_]\w*)*)"
)
_POSSESSIVE = re.compile(r"['’ʼ`]s?$", re.IGNORECASE)
_MONTHS = {"april", "may", "june", "august", "mai"}
_BEFORE_ORDINARY = words_of(
    "the a an this that these those our your my his her their its in on last next every each no of early late mid by until since"
    " der die das ein eine einen dem den im am le la les un une el los las una o os as um uma em no na"
)
_BEFORE_MONTH = words_of("in last next this early late mid by until since before after during of im bis seit en em")
_ENDS = re.compile(r"[.!?:;…]['\"”’)\]]*\s*$|\n\s*$|^\s*$|[-•*–]\s*$")
_SOUND_LEVELS = {Level.SPELLED, Level.LISTED, Level.COARSE, Level.BONES, Level.UNVOWELED}


@dataclass(frozen=True)
class Mention:
    """That a text names somebody between two offsets; `how` says in what way, in words a page can translate."""

    start: int
    end: int
    person: int
    how: tuple[str, ...]


@dataclass
class _Word:
    """A token of the text that may be part of a name."""

    start: int
    end: int
    text: str
    number: int
    possessive: bool
    hits: dict[int, tuple[int, Level]] = field(default_factory=dict)


def find(text: str, people: Sequence[Person]) -> list[Mention]:
    """Return where a text names which of some people, in order. Beyond 200,000 characters a text is not read."""
    text = text[:LONGEST_TEXT]
    found = [*_identifiers(text, people), *_native(text, people)]
    words = _words(text)
    _match(words, people, _has_capitals(words))
    for number, person in enumerate(people):
        found += _names(text, words, number, person.names)
        found += _short_hand(text, number, person)
    return sorted(_widest(found), key=lambda mention: (mention.start, mention.person))


def _identifiers(text: str, people: Sequence[Person]) -> Iterator[Mention]:
    boxes = {
        b.key: n for n, p in enumerate(people) for e in p.emails if (b := identifiers.mailbox(e)) and not b.is_role
    }
    handles = {h: n for n, p in enumerate(people) for t in p.handles if (h := identifiers.handle(t))}
    for token in _TOKEN.finditer(text):
        kind, typed = token.lastgroup, token.group().rstrip(".")
        if kind == "mail":
            box = identifiers.mailbox(typed)
            if box and box.key in boxes:
                yield Mention(token.start(), token.start() + len(typed), boxes[box.key], ("address",))
        elif kind in {"at", "url", "word"}:
            name = identifiers.handle(typed) if kind != "word" else fold(typed)
            if name in handles and (kind != "word" or (len(name) > 3 and not is_ordinary(name))):
                yield Mention(token.start(), token.start() + len(typed), handles[name], ("handle",))


def _native(text: str, people: Sequence[Person]) -> Iterator[Mention]:
    """Yield names in scripts that put no space between words."""
    for number, person in enumerate(people):
        for name in person.names:
            if script_of(name) not in {"CJK", "HANGUL", "HIRAGANA", "KATAKANA", "THAI"}:
                continue
            whole = re.sub(r"[\s·・]", "", name)
            given = whole[1:] if len(whole) == 3 else whole[2:] if len(whole) > 3 else ""
            parts = {
                (name, "full"),
                (whole, "full"),
                *((part, "part") for part in {given, *name.split()} - {name, whole}),
            }
            for part, how in parts:
                if len(part) > 1:
                    yield from (Mention(m.start(), m.end(), number, (how,)) for m in re.finditer(re.escape(part), text))


def _words(text: str) -> list[_Word]:
    words = []
    for number, token in enumerate(t for t in _TOKEN.finditer(text) if t.lastgroup == "word"):
        typed = token.group()
        bare = _POSSESSIVE.sub("", typed)
        words.append(_Word(token.start(), token.start() + len(bare), bare, number, bare != typed))
    return words


def _has_capitals(words: list[_Word]) -> bool:
    capitals = sum(word.text[0].isupper() for word in words if len(word.text) > 1)
    return capitals > FEW_CAPITALS * len(words)


def _match(words: list[_Word], people: Sequence[Person], capitals: bool) -> None:
    """Note for each word which word of whose name it may be."""
    batch = Batch([Person(person.names) for person in people])
    if not len(batch.vocabulary) or not words:
        return
    owners = _owners(batch)
    asked = sorted({fold(unmask(word.text)) for word in words if _may_be_name(word.text, capitals)})
    vocabulary = Vocabulary(asked)
    table = Postings(*batch.vocabulary.keys(asking=False))
    a, b, level = neighbours(vocabulary, vocabulary.keys(asking=True), batch.vocabulary, table, MOST_PER_KEY)
    near: dict[str, list[tuple[int, Level]]] = {}
    for left, right, found in zip(a.tolist(), b.tolist(), level.tolist(), strict=True):
        if _is_close(vocabulary, left, batch.vocabulary, right, Level(found)):
            near.setdefault(asked[left], []).append((right, Level(found)))
    exact = {word: number for number, word in enumerate(batch.vocabulary.words)}
    for word in words:
        folded = fold(unmask(word.text))
        hits = near.get(folded) or ([(exact[folded], Level.SAME)] if folded in exact else [])
        if not hits and folded.endswith("s") and folded[:-1] in exact and len(folded) > 4 and word.text[0].isupper():
            hits, word.possessive, word.end = [(exact[folded[:-1]], Level.SAME)], True, word.end - 1
        for number, found in hits:
            for person, place in owners.get(number, ()):
                best = word.hits.get(person)
                if best is None or (found, place) < (best[1], best[0]):
                    word.hits[person] = (place, found)


def _owners(batch: Batch) -> dict[int, list[tuple[int, int]]]:
    """Return for each word of a name whose it is and where in the name: 0 first, 1 between, 2 last, 3 joined."""
    owners: dict[int, list[tuple[int, int]]] = {}
    for row, numbers in enumerate(batch.words.tolist()):
        mine = [number for number in numbers if number >= 0]
        for at, number in enumerate(mine):
            place = 3 if batch.joined[row] else 0 if at == 0 else 2 if at == len(mine) - 1 else 1
            owners.setdefault(number, []).append((int(batch.owner[row]), place))
    return owners


def _may_be_name(word: str, capitals: bool) -> bool:
    return 1 < len(word) <= LONGEST_WORD and (not capitals or not word[0].islower() or script_of(word) != "LATIN")


def _is_close(ours: Vocabulary, a: int, theirs: Vocabulary, b: int, level: Level) -> bool:
    """Tell whether a word in a text is near enough to a word of a name: a slip in a word of the language is none."""
    if level in {Level.SAME, Level.SHORT, Level.SPELLED}:
        return True
    if level == Level.INITIAL or level in {Level.ALIKE, Level.BEGINS, Level.UNVOWELED_EDIT, Level.EDIT_OF_FEW}:
        return False
    if is_ordinary(ours.words[a]) or (lexicon.rate(ours.words[a]) > 2e-5 and level in {Level.EDIT, Level.EDITS}):
        return False  # a name of its own
    if level == Level.LISTED:
        return int(min(ours.size[a], theirs.size[b])) > 3
    if level in {Level.COARSE, Level.BONES}:
        return not ours.words[a].isascii() or not theirs.words[b].isascii() or int(ours.size[a]) > 5
    return True


def _names(text: str, words: list[_Word], person: int, names: Sequence[str]) -> Iterator[Mention]:
    """Yield the runs of words that name one person."""
    particles = frozenset(fold(word) for name in names for word in name.split()) & PARTICLES
    run: list[_Word] = []
    for word in [w for w in words if person in w.hits]:
        if run and not _follows(text, run[-1], word, person, run):
            yield from _mention(text, run, person, particles)
            run = []
        run.append(word)
    if run:
        yield from _mention(text, run, person, particles)


def _follows(text: str, one: _Word, other: _Word, person: int, run: list[_Word]) -> bool:
    between = text[one.end : other.start]
    if (
        len(run) >= MOST_WORDS
        or len(between) > 12
        or one.possessive
        or re.search(r"[.!?;:\n()]", re.sub(r"(?<=\b[^\W\d_])\.", "", between))
    ):
        return False
    taken = {word.hits[person][0] for word in run}
    place = other.hits[person][0]
    inner = [fold(part) for part in re.findall(r"\w+", between)]
    return (place not in taken or place == 1) and all(part in PARTICLES or len(part) == 1 for part in inner)


def _mention(text: str, run: list[_Word], person: int, particles: frozenset[str]) -> Iterator[Mention]:
    places = {word.hits[person][0] for word in run}
    found = {word.hits[person][1] for word in run}
    before = re.findall(r"\w+", text[max(0, run[0].start - 20) : run[0].start])
    after_particle = bool(before) and fold(before[-1]) in particles and run[0].text[0].isupper()
    if len(run) == 1 and not (after_particle or _is_meant(text, run[0], found)):
        return
    how = ["full" if len(places) > 1 or 3 in places else "last" if 2 in places else "first" if 0 in places else "part"]
    if Level.SHORT in found:
        how.append("short form")
    if found & {Level.EDIT, Level.EDITS}:
        how.append("misspelt")
    if found & _SOUND_LEVELS:
        how.append("written another way")
    if run[-1].possessive:
        how.append("possessive")
    yield Mention(run[0].start, run[-1].end, person, tuple(how))


def _is_meant(text: str, word: _Word, found: set[Level]) -> bool:
    """Tell a single word that is a name from one that is just a word."""
    folded = fold(word.text)
    lower = word.text[0].islower()
    if not is_ordinary(folded):
        return not lower or (folded not in PARTICLES and len(folded) > 2)
    before = re.findall(r"[\w']+", text[max(0, word.start - 40) : word.start])
    previous = fold(before[-1]) if before else ""
    if previous in TITLES and not lower:
        return True
    if lower or previous in _BEFORE_ORDINARY or found == {Level.SHORT}:
        return False
    after = text[word.end : word.end + 12]
    if folded in _MONTHS and (previous in _BEFORE_MONTH or re.match(r"\s+\d|,?\s+(?:19|20)\d\d", after)):
        return False
    begins = bool(_ENDS.search(text[max(0, word.start - 20) : word.start]))
    return (
        word.possessive
        or not begins
        or bool(re.match(r"\s+(?:and|said|says|told|asked|wrote|has|had|was|is|did)\b", after))
    )


def _short_hand(text: str, number: int, person: Person) -> Iterator[Mention]:
    """Yield initials, masked names, and an initial before a last name."""
    names = [[fold(w) for w in re.findall(r"[^\W\d_]+", name) if fold(w) not in GENERATIONS] for name in person.names]
    names = [[w for w in name if w not in PARTICLES] or name for name in names if name]
    initials = {"".join(word[0] for word in name) for name in names if len(name) > 1}
    initials |= {name[0][0] + name[-1][0] for name in names if len(name) > 2}
    for token in _TOKEN.finditer(text):
        typed = token.group()
        if token.lastgroup == "letters":
            if "".join(fold(c) for c in typed if c.isalpha()) in initials:
                yield Mention(token.start(), token.start() + len(typed.rstrip()), number, ("initials",))
        elif token.lastgroup == "masked":
            if any(_fits(typed, word) for name in names for word in name):
                yield Mention(token.start(), token.end(), number, ("masked",))
        elif token.lastgroup == "word" and typed.isupper() and 1 < len(typed) < 4 and typed.casefold() in initials:
            letters = typed.casefold()
            if not (is_ordinary(letters) or lexicon.is_known(letters)):
                yield Mention(token.start(), token.end(), number, ("initials",))


def _fits(masked: str, word: str) -> bool:
    shown = re.match(r"([^\W\d_]+)([*_•·….]+)([^\W\d_]*)$", masked)
    if not shown:
        return False
    head, stars, tail = fold(shown[1]), len(shown[2]), fold(shown[3])
    counted = "*" in shown[2] or "_" in shown[2]
    fits = word.startswith(head) and word.endswith(tail) and len(word) > len(head) + len(tail)
    return fits and (not counted or stars in {2, 3} or abs(len(word) - len(head) - len(tail) - stars) <= 1)


def _widest(found: Iterable[Mention]) -> list[Mention]:
    """Return the mentions without those that lie inside another of the same person."""
    kept: list[Mention] = []
    for mention in sorted(set(found), key=lambda m: (m.person, m.start, -(m.end - m.start))):
        if not kept or kept[-1].person != mention.person or mention.end > kept[-1].end or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


@cache
def _ordinary() -> frozenset[str]:
    return frozenset(w for line in lexicon.lines("ordinary.txt") if not line.startswith("#") for w in line.split())


def is_ordinary(word: str) -> bool:
    """Tell whether a name is an ordinary word as well."""
    return word in _ordinary()
