"""How a word in Latin letters sounds: spellings and romanisations of one name fall together."""

import re
from functools import lru_cache

# Capital letters stand for one sound each: S as in ship, C as in church, J as in judge, H as in Bach.
_STEPS = [
    (re.compile(pattern), sound)
    for pattern, sound in [
        (r"[^a-z]", ""),
        (r"shch|schtsch|stsch", "S"),
        (r"^x|hs(?=i)", "S"),
        (r"d(zh|sch|z|j)", "J"),
        (r"tsch|tch|cz|tx", "C"),
        (r"sch|sh|sz|zh", "S"),
        (r"ch", "C"),
        (r"^qi", "Ci"),
        (r"ck|cq|qu|q", "k"),
        (r"kh", "H"),
        (r"x", "ks"),
        (r"ph|pf", "f"),
        (r"ts|tz", "s"),
        (r"([bdgrt])h", r"\1"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"(?<=[aeiou])j$|(?<=[a-zSCH])j(?=[aou])", "i"),
        (r"^y(?=[aou])|(?<=[aeiou])y(?=[aou])", "i"),
        (r"j", "J"),
        (r"g(?=[ei])", "J"),
        (r"(?<=[aeiou])h(?![aeiou])|H$|h$", ""),
        (r"ow$|off$|ew$", "ov"),
        (r"ow(?=[^aeiou])", "au"),
        (r"w", "v"),
        (r"z", "s"),
        (r"oe|eo", "o"),
        (r"ae|aa", "a"),
        (r"ue|oo|ou", "u"),
        (r"ee|ie|iy|ij|yi|y", "i"),
        (r"ai|ei", "e"),
        (r"H", "h"),
        (r"(.)\1+", r"\1"),
    ]
]
_VOWELS = re.compile(r"(?<=.)[aeiouh]+")
_ABJAD = re.compile(r"[aeiouyhvw']+")


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """Return how a word sounds, roughly."""
    for pattern, letters in _STEPS:
        word = pattern.sub(letters, word)
    return word


@lru_cache(maxsize=50_000)
def skeleton(word: str) -> str:
    """Return the consonants of a word as they sound; a vowel at the front counts as one."""
    heard = sound(word)
    bones = _VOWELS.sub("", heard)
    return ("a" + bones[1:] if bones[:1] in "eiou" else bones) if bones else ""


_COARSE = str.maketrans("bdgvJSoe", "ptkfCCui")


@lru_cache(maxsize=50_000)
def coarse(word: str) -> str:
    """Return how a word sounds without telling b from p, o from u and the like (Korean, Wade-Giles, dialects)."""
    return re.sub(r"(.)\1+", r"\1", sound(word.replace("g", "k")).translate(_COARSE))


@lru_cache(maxsize=50_000)
def bare(word: str) -> str:
    """Return the consonants that scripts without vowels write too."""
    bones = _ABJAD.sub("", sound(word).replace("J", "g").replace("C", "S").replace("p", "b"))
    return re.sub(r"(.)\1+", r"\1", bones)
