"""Reading a sentence: its words by their stems, what is negated, and which concepts stand in it."""

import gzip
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

import snowballstemmer

LANGUAGES = {"en": "english", "es": "spanish", "fr": "french", "pt": "portuguese", "de": "german"}
# How many words may stand where a phrase has a star; how far a "not" reaches.
MOST_BETWEEN, REACH = 3, 8

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[?!,;:—–]")
_SHORTENED = [
    (re.compile(r"\bwon['’]t\b"), "will not"), (re.compile(r"\bcan['’]t\b"), "can not"), (re.compile(r"\bcannot\b"), "can not"),
    (re.compile(r"n['’]t\b"), " not"), (re.compile(r"['’]re\b"), " are"), (re.compile(r"['’]ve\b"), " have"),
    (re.compile(r"['’]ll\b"), " will"), (re.compile(r"['’]d\b"), " would"), (re.compile(r"\bi['’]m\b"), "i am"),
    (re.compile(r"\b(he|she|it|that|what|there|who|how|here)['’]s\b"), r"\1 is"), (re.compile(r"\blet['’]s\b"), "let us"),
]  # fmt: skip
_ENGLISH = re.compile(r"\b(?:do|did|ca|wo|could|would|should|is|are|was|were|have|has|had|need|must)nt\b")


@dataclass
class Read:
    """A sentence as the check reads it: stems, which of them are negated, and concepts by the place they begin at."""

    words: list[str]
    stems: list[str]
    negated: list[bool]
    concepts: list[tuple[int, str]] = field(default_factory=list)
    # For each size of groups: the words, each by the group of words of like meaning that it belongs to.
    groups: list[list[str]] = field(default_factory=list)

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return "?" in self.words


class Lexicon:
    """The concepts of one language, ready to be looked up."""

    def __init__(self, language: str) -> None:
        text = (resources.files("heard.sendcheck") / "data" / f"{language}.toml").read_text(encoding="utf-8")
        data = tomllib.loads(text)
        self._stemmer = snowballstemmer.stemmer(LANGUAGES[language])
        self._language = language
        self.function_words = set(data["function_words"].split())
        self._negators, self._breaks = set(data["negators"].split()), set(data["breaks"].split())
        self._groups = _groups(language)
        self._sizes = len(next(iter(self._groups.values()), ()))
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for concept, phrases in data["concepts"].items():
            for phrase in phrases:
                stems = tuple("*" if word == "*" else self.stem(word) for word in words_of(phrase, language))
                self._phrases.setdefault(stems[0], []).append((stems, concept))

    @lru_cache(maxsize=20_000)  # noqa: B019 -- one lexicon per language lives as long as the program
    def stem(self, word: str) -> str:
        """Return a word's stem, without accents."""
        stem: str = self._stemmer.stemWord(word)
        return "".join(c for c in unicodedata.normalize("NFD", stem) if not unicodedata.combining(c))

    def read(self, sentence: str) -> Read:
        """Read a sentence."""
        words = words_of(sentence, self._language)
        stems = [self.stem(word) for word in words]
        read = Read(words, stems, self._negated(words))
        read.groups = [self._grouped(words, read.negated, number) for number in range(self._sizes)]
        read.concepts = sorted({(place, concept) for place in range(len(stems)) for concept in self._at(stems, place)})
        return read

    def _grouped(self, words: Sequence[str], negated: Sequence[bool], number: int) -> list[str]:
        found = []
        for word, is_negated in zip(words, negated, strict=True):
            group = None if word in self.function_words else self._groups.get(word)
            found.append(word if group is None else f"{'¬' if is_negated else ''}{number}#{group[number]}")
        return found

    def _negated(self, words: Sequence[str]) -> list[bool]:
        found, left = [], 0
        for word in words:
            if word in self._breaks or word in ",;:—–?!":
                left = 0
            found.append(left > 0)
            left = REACH if word in self._negators else left - 1
        return found

    def _at(self, stems: Sequence[str], place: int) -> set[str]:
        found = set()
        for phrase, concept in self._phrases.get(stems[place], ()):
            if concept not in found and _fits(stems, place, phrase):
                found.add(concept)
        return found


def _fits(stems: Sequence[str], place: int, phrase: Sequence[str]) -> bool:
    at, gap = place, 0
    for wanted in phrase:
        if wanted == "*":
            gap = MOST_BETWEEN
            continue
        for step in range(gap + 1):
            if at + step < len(stems) and stems[at + step] == wanted:
                at, gap = at + step + 1, 0
                break
        else:
            return False
    return True


def words_of(text: str, language: str) -> list[str]:
    """Return a text's words, with English short forms written out, and the marks between them."""
    text = text.lower().replace("’", "'").replace("-", " ").replace("*", " \x00 ")
    if language == "en":
        for pattern, whole in _SHORTENED:
            text = pattern.sub(whole, text)
        text = _ENGLISH.sub(lambda m: m.group()[:-2] + " not", text)
    return ["*" if w == "\x00" else w for w in re.findall(r"\x00|[^\W_]+(?:'[^\W_]+)*|[?!,;:—–]", text)]


def _groups(language: str) -> dict[str, tuple[str, ...]]:
    """Return which groups of like meaning a word belongs to; none for a language without such a table."""
    path = resources.files("heard.sendcheck") / "data" / f"clusters.{language}.tsv.gz"
    if not path.is_file():
        return {}
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    return {word: tuple(groups) for word, *groups in (line.split("\t") for line in lines)}


@cache
def lexicon(language: str) -> Lexicon:
    """Return the concepts of a language."""
    return Lexicon(language)


def language_of(text: str) -> str:
    """Return which of the known languages a letter is written in; empty for any other, or where it is too short to say."""
    words = [word for word in words_of(text[:5_000], "") if word.isalpha()]
    counted = {
        name: sum(word in lexicon(name).function_words for word in words) / (len(words) or 1) for name in known()
    }
    best = max(counted, key=lambda name: counted[name])
    return best if counted[best] > 0.2 else ""


@cache
def known() -> tuple[str, ...]:
    """Return the languages that letters are checked in."""
    folder = resources.files("heard.sendcheck") / "data"
    return tuple(name for name in LANGUAGES if (folder / f"{name}.toml").is_file())
