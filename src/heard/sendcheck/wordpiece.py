"""Words as pieces of a fixed list, as the encoder was taught to read them (BERT's WordPiece, lower case, without accents)."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

UNKNOWN, BEGIN, END = "[UNK]", "[CLS]", "[SEP]"
# A longer word is no word.
LONGEST = 100

_PARTS = re.compile(r"\w+|[^\w\s]", re.UNICODE)


class Pieces:
    """A list of pieces, and texts as their numbers in it."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers
        self.unknown, self.begin, self.end = numbers[UNKNOWN], numbers[BEGIN], numbers[END]

    def of(self, text: str) -> list[int]:
        """Return the numbers of a text's pieces."""
        bare = unicodedata.normalize("NFD", text.lower())
        bare = "".join(c for c in bare if unicodedata.category(c) not in {"Mn", "Cc", "Cf"} or c.isspace())
        words = (word for part in _PARTS.findall(bare) for word in part.replace("_", " _ ").split())
        return [number for word in words for number in self._word(word)]

    @lru_cache(maxsize=20_000)  # noqa: B019 -- one list per language lives as long as the program
    def _word(self, word: str) -> tuple[int, ...]:
        if len(word) > LONGEST:
            return (self.unknown,)
        found, start = [], 0
        while start < len(word):
            for stop in range(len(word), start, -1):
                number = self._numbers.get(("##" if start else "") + word[start:stop])
                if number is not None:
                    found.append(number)
                    start = stop
                    break
            else:
                return (self.unknown,)
        return tuple(found)
