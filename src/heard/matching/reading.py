"""Reading a name: from what somebody typed to words in plain Latin letters, in every way it may be meant."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from heard.matching import lexicon

# Letters that NFD leaves whole.
_PLAIN = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h", "ŋ": "n",
        "ə": "a", "ĸ": "k", "ŧ": "t", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ʼ": None, "’": None, "'": None, "ʿ": None,
        "ʾ": None, "ʹ": None, "ʻ": None, "`": None, "´": None,
    }
)  # fmt: skip


def words_of(text: str) -> frozenset[str]:
    """Return a set of words written down as one text."""
    return frozenset(text.split())


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """Return a word without case, accents and apostrophes; letters of other scripts stay."""
    # Classes below 10 are no accents: viramas, nuktas and the marks of kana.
    if word.isascii():
        return word.lower().replace("'", "").replace("`", "")
    parts = unicodedata.normalize("NFD", word.casefold().translate(_PLAIN))
    return unicodedata.normalize("NFC", "".join(c for c in parts if unicodedata.combining(c) < 10))


LONGEST = 200
LONGEST_WORD = 40
MOST_WORDS = 6
MOST_WORDS_READ = 12
MOST_FORMS = 10
# In longer names enough other words fit when two of them were put together.
MOST_JOINED = 3

_GAPS = re.compile(r"[\s,;:/\\|()\[\]{}\"“”„«»·・_.\-‐‑‒–—+*&!?<>=]+")
_PRONOUNS = re.compile(r"[-\s]*[(\[]\s*\w{1,6}\s*/\s*\w{1,8}(?:\s*/\s*\w{1,8})?\s*[)\]]")
_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿ]{2})(?=[A-ZÀ-ÖØ-Þ])")
_PREFIXES = {"mac", "de", "di", "la", "le", "van", "von", "fitz", "del", "da", "des", "du", "den", "der", "vande"}
TITLES = words_of(
    """dr prof professor mr mrs ms miss mx herr frau hr fr dott dottssa sig sra srta dona mme mlle monsieur madame ing dipl
    phd md msc bsc mba sir dame lord lady rev pastor fra hajji haji hadji shri sri smt kumari mgr judr mudr pani gospodin
    gospozha sama sensei cand dra lic arq hon esq drs"""
)
# Titles that are also names: dropped only where two other words are left.
NAMES_TOO = {"shri", "sri", "kumari", "lord", "sir", "dame", "lady", "pastor", "haji", "hadji", "hajji"}
GENERATIONS = {
    "jr": "younger", "jnr": "younger", "junior": "younger", "filho": "younger", "neto": "younger", "fils": "younger",
    "ii": "younger", "2nd": "younger", "iii": "third", "3rd": "third", "iv": "fourth", "sr": "elder", "snr": "elder",
    "senior": "elder", "pere": "elder",
}  # fmt: skip
PARTICLES = words_of(
    """van von de da do das dos del della dello dei degli di der den des du la le las los el al ten ter ver vande vander
    zu zum zur af av bin ibn bint ben bat abu umm und ap ab ul ur"""
)
_PATRONYMIC = re.compile(
    r"(?:[oe]vich|[oe]vych|[oe]vic|ovna|evna|ivna|ichna|owitsch|ewitsch|owna|ewna|ovych|uly|kyzy)$"
)
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅԌαοενιτυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # Cyrillic and Greek
    "aeopcyxijshdqwABEKMHOPCTYXIJSGaoevituABEZHIKMNOPTYX",
)
_COMPOUND_HAN = words_of(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 东方 東方 皇甫 尉迟 公孙 慕容 夏侯 南宮 南宫 令狐 长孙"
)
_COMPOUND_HANGUL = {"남궁", "황보", "제갈", "선우", "독고", "사공"}
_GREEK = [("μπ", "b"), ("ντ", "nt"), ("γκ", "g"), ("γγ", "ng"), ("ου", "ou"), ("αυ", "av"), ("ευ", "ev"), ("τζ", "tz"),
          ("υ", "y"), ("η", "i"), ("χ", "ch"), ("φ", "f"), ("β", "v")]  # fmt: skip
_HAN_SURNAMES = {
    "单": "shan",
    "仇": "qiu",
    "曾": "zeng",
    "解": "xie",
    "查": "zha",
    "朴": "piao",
    "任": "ren",
    "区": "ou",
}
_HANGUL_FAMILIES = {
    "김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "강": "kang", "조": "cho", "윤": "yoon", "장": "jang",
    "임": "lim", "오": "oh", "서": "seo", "신": "shin", "권": "kwon", "황": "hwang", "안": "ahn", "유": "yoo", "노": "noh",
    "문": "moon", "우": "woo", "구": "koo", "류": "ryu", "백": "baek", "허": "heo", "심": "shim", "주": "joo", "성": "sung",
}  # fmt: skip
# Marks, from the private use area, for the words of a form: family name, Japanese family name, Japanese given name.
FAMILY, FAMILY_JA, GIVEN_JA = "\ue001", "\ue002", "\ue003"
_MARKS = {FAMILY, FAMILY_JA, GIVEN_JA}
_HANGUL_START = ("g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "-", "j", "jj", "ch", "k", "t", "p", "h")
_HANGUL_MIDDLE = ("a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i")  # fmt: skip
_HANGUL_END = ("-", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t")  # fmt: skip


class Form(NamedTuple):
    """One way to read a name: its words in order, and whether some of them were put together for it."""

    words: tuple[str, ...]
    joined: bool = False


class Reading(NamedTuple):
    """A name, read: its forms, the plain one first, and whether it says elder or younger."""

    forms: tuple[Form, ...]
    generation: str


@lru_cache(maxsize=100_000)
def script_of(word: str) -> str:
    """Return the script of a word's first letter, as Unicode names it; LATIN where there is none."""
    for character in word:
        if character.isalpha():
            return "LATIN" if character.isascii() else unicodedata.name(character, "LATIN ").split()[0]
    return "LATIN"


def unmask(word: str) -> str:
    """Return a word with letters that only look like Latin ones replaced, where it also has Latin ones."""
    if word.isascii() or not any("a" <= c <= "z" or "A" <= c <= "Z" for c in word):
        return word
    return word.translate(_LOOKALIKES)


def read(name: str) -> Reading:
    """Return a name in every way it may be meant. Takes any text; what is beyond 200 characters does not count."""
    text = unicodedata.normalize("NFKC", name[:LONGEST])
    if not text.isascii():
        text = _unmask_all(text)
    text = _PRONOUNS.sub(" ", text)
    words, generation = _words(text)
    forms = [Form(words)] if words else []
    native = [script_of(word) for word in words]
    if "CJK" in native or "HANGUL" in native:
        forms = _east_asian(words, native) or forms
    return Reading(tuple(_with_joined(forms))[:MOST_FORMS], generation)


def _unmask_all(text: str) -> str:
    parts = [unmask(part) for part in text.split(" ")]
    if any(part.isascii() and part.isalpha() for part in parts):
        # Beside Latin words, a word made wholly of look-alikes is one of them.
        parts = [p if p.isascii() or not (t := p.translate(_LOOKALIKES)).isascii() else t for p in parts]
    return " ".join(parts)


def _words(text: str) -> tuple[tuple[str, ...], str]:
    """Return the words of a name without titles, and its generation."""
    found: list[str] = []
    titles: list[str] = []
    generation = ""
    for part in (part for rough in _GAPS.split(text) for part in _split_camel(rough)):
        word = fold(part[:LONGEST_WORD])
        if word in TITLES:
            titles.append(word)
        elif word in GENERATIONS and found:
            generation = GENERATIONS[word]
        elif word and word[0].isalnum():
            found.append(word)
    if len(found) < 2:
        found = [title for title in titles if title in NAMES_TOO] + found
    return tuple(found[:MOST_WORDS_READ]), generation


def _split_camel(word: str) -> list[str]:
    if word.islower() or word.isupper() or (word.istitle() and word.isascii()):
        return [word]
    parts = _CAMEL.split(word)
    if len(parts) > 1 and fold(parts[0]) in _PREFIXES:
        return [word]
    return parts


def _with_joined(forms: list[Form]) -> Iterator[Form]:
    """Yield each form without particles, then with neighbours put together."""
    for form in forms:
        plain = tuple(w for w in form.words if w not in PARTICLES) or form.words
        yield Form(plain[:MOST_WORDS])
    for form in forms:
        words = form.words
        if 1 < len(words) <= MOST_WORDS and not any(word[-1] in _MARKS for word in words):
            is_long = sum(w not in PARTICLES for w in words) > MOST_JOINED
            for at in range(0 if is_long else len(words) - 1):
                if words[at][-1] not in _MARKS and words[at].isascii() == words[at + 1].isascii():
                    merged = (*words[:at], words[at] + words[at + 1], *words[at + 2 :])
                    kept = tuple(w for w in merged if w not in PARTICLES)
                    if kept:
                        yield Form(kept, joined=True)
            if any(w in PARTICLES for w in words):
                yield Form(_particles_joined(words), joined=True)


def _particles_joined(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words with every run of particles put before the word that follows it."""
    found: list[str] = []
    run = ""
    for word in words:
        run += word
        if word not in PARTICLES:
            found.append(run)
            run = ""
    return tuple(found) + ((run,) if run else ())


def _east_asian(words: tuple[str, ...], native: list[str]) -> list[Form]:
    """Return the readings of a name in Han or Hangul, family name first."""
    if len(words) == 1:
        word = words[0]
        if native[0] == "HANGUL":
            cut = 2 if word[:2] in _COMPOUND_HANGUL else 1
            return (
                [Form((word[:cut] + FAMILY, *word[cut:])), Form((word[:cut] + FAMILY, word[cut:]))]
                if len(word) > 1
                else []
            )
        if len(word) > 1:
            cut = 2 if word[:2] in _COMPOUND_HAN else 1
            chinese = [Form((word[:cut] + FAMILY, *word[cut:])), Form((word[:cut] + FAMILY, word[cut:]))]
            return chinese + _japanese_forms(word)
    if len(words) == 2 and set(native) == {"CJK"}:
        forms = []
        for family, given in (words, words[::-1]):
            forms.append(Form((family + FAMILY, given)))
            forms.append(Form((family + FAMILY, *given)))
            if lexicon.japanese_family(family):
                forms.append(Form((family + FAMILY_JA, given + GIVEN_JA)))
        return forms
    if len(words) == 2 and set(native) == {"HANGUL"}:
        family, given = words if len(words[0]) <= len(words[1]) else words[::-1]
        return [Form((family + FAMILY, given)), Form((family + FAMILY, *given))]
    return []


def _japanese_forms(word: str) -> list[Form]:
    """Return the ways to split a Japanese name: the likeliest first."""
    forms = []
    for cut in (2, 1, 3):
        family, given = word[:cut], word[cut:]
        if given and lexicon.japanese_family(family) and lexicon.japanese_given(given):
            forms.append(Form((family + FAMILY_JA, given + GIVEN_JA)))
    return forms[:2]


@lru_cache(maxsize=200_000)
def romanise(word: str) -> tuple[str, ...]:
    """Return a word of a form in Latin letters, in the ways it may be written; the likeliest first."""
    if word.isascii():
        return (word,)
    script = script_of(word)
    mark, stem = (word[-1], word[:-1]) if word[-1] in _MARKS and len(word) > 1 else ("", word)
    if script == "HANGUL":
        return _hangul(stem, family=mark == FAMILY)
    if script == "CJK":
        if mark == FAMILY_JA:
            return tuple(lexicon.japanese_family(stem)) or (_ascii(stem),)
        if mark == GIVEN_JA:
            return tuple(lexicon.japanese_given(stem)) or (_ascii(stem),)
        return (_HAN_SURNAMES.get(stem, _ascii(stem)) if mark else _ascii(stem),)
    if script == "GREEK":
        plain = word
        for greek, roman in _GREEK:
            plain = plain.replace(greek, roman)
        return _unique(_ascii(plain), *lexicon.latin(word))
    if script == "CYRILLIC":
        return _unique(
            *(_ascii(w) for w in (word, word.replace("г", "h"), word.replace("ъ", "a"), word.replace("и", "y")))
        )
    if script in {"HIRAGANA", "KATAKANA"}:
        return _unique(re.sub(r"([aeiou])\1+", r"\1", _ascii(word).replace("ou", "o")))
    return _unique(*lexicon.latin(word), _ascii(word))


def is_abjad(word: str) -> bool:
    """Tell whether a word stands in a script that leaves vowels out."""
    return not word.isascii() and script_of(word) in {"ARABIC", "HEBREW", "DEVANAGARI", "BENGALI", "GURMUKHI"}


def is_patronymic(word: str) -> bool:
    """Tell whether a word names the father, and may be left out."""
    return bool(_PATRONYMIC.search(word if word.isascii() else romanise(word)[0]))


def _hangul(word: str, *, family: bool) -> tuple[str, ...]:
    plain = "".join(_syllable(character) for character in word)
    usual = _HANGUL_FAMILIES.get(word, "") if family else ""
    return _unique(usual, plain, *(lexicon.latin(word) if len(word) > 1 else ()))


def _syllable(character: str) -> str:
    at = ord(character) - 0xAC00
    if not 0 <= at < 11172:
        return _ascii(character)
    start, middle, end = at // 588, at % 588 // 28, at % 28
    return (_HANGUL_START[start] + _HANGUL_MIDDLE[middle] + _HANGUL_END[end]).replace("-", "")


def _ascii(word: str) -> str:
    return "".join(c for c in anyascii(word).lower() if c.isalnum())


def _unique(*readings: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reading for reading in readings if reading)) or ("",)
