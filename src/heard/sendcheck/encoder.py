"""The trained reader: a small transformer that sees each sentence in its letter. Made by `make letters`.

BERT's layers as in "MiniLM" (Wang and others, 2020), run with NumPy alone; two linear readings of their last layer, of a
sentence's mean and of its single words, say which rules the sentence breaks.
"""

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from heard.sendcheck.model import FLAGS
from heard.sendcheck.wordpiece import Pieces

# A letter is read in windows of so many pieces, cut between sentences; a sentence's pieces beyond it are not read.
WINDOW, MOST_SENTENCES = 160, 23
HEADS = 12
_TINY = 1e-12

Floats = NDArray[np.float32]


class Encoder:
    """The reader of one language."""

    def __init__(self, language: str) -> None:
        path = resources.files("heard.sendcheck") / "data" / f"encoder.{language}.npz"
        with path.open("rb") as file:
            data = np.load(file)
            kept = {name: data[name] for name in data.files}
        words = bytes(kept.pop("pieces")).decode().split("\n")
        self.pieces = Pieces({word: number for number, word in enumerate(words)})
        self._words, self._words_scale = kept.pop("words"), kept.pop("words.scale")
        self._weights = {name: _widened(kept, name) for name in kept if not name.endswith(".scale")}
        self._layers = sum(name.endswith(".qkv") for name in self._weights)

    def scores(self, sentences: Sequence[str], to: str) -> Floats:
        """Return how much each sentence of a letter breaks each rule (sentences by rules, as logits)."""
        first = [self.pieces.begin, *self.pieces.of(f"to the {to}"), self.pieces.end]
        read = [self.pieces.of(sentence)[: WINDOW - 8] for sentence in sentences]
        found = np.full((len(read), len(FLAGS)), -9.0, np.float32)
        for window in windows(read, len(first)):
            places = np.cumsum([len(first), *(len(read[number]) for number in window)])
            ids = first + [piece for number in window for piece in read[number]]
            self._read(np.array(ids), places, found[window[0] : window[-1] + 1])
        return found

    def _read(self, ids: "NDArray[np.int_]", places: "NDArray[np.int_]", found: Floats) -> None:
        """Write the scores of a window's sentences, which stand between the places."""
        w = self._weights
        state = self._words[ids] * self._words_scale[ids, None] + w["positions"][: len(ids)] + w["type"]
        state = _normal(state, w["g"], w["b"])
        for number in range(self._layers):
            state = self._layer(state, f"{number}.")
        by_word = state @ w["head.words"]
        for number, (start, stop) in enumerate(itertools.pairwise(places.tolist())):
            if stop > start:
                mean = state[start:stop].mean(0)
                found[number] = mean @ w["head.mean"] + by_word[start:stop].max(0) + w["head.b"]

    def _layer(self, state: Floats, name: str) -> Floats:
        w = self._weights
        mixed = (state @ w[name + "qkv"] + w[name + "qkv.b"]).reshape(len(state), 3, HEADS, -1).transpose(1, 2, 0, 3)
        near = mixed[0] @ mixed[1].transpose(0, 2, 1) / np.float32(mixed.shape[-1] ** 0.5)
        near = np.exp(near - near.max(-1, keepdims=True))
        near /= near.sum(-1, keepdims=True)
        seen = (near @ mixed[2]).transpose(1, 0, 2).reshape(len(state), -1)
        state = _normal(state + seen @ w[name + "out"] + w[name + "out.b"], w[name + "g1"], w[name + "b1"])
        inner = _gelu(state @ w[name + "in"] + w[name + "in.b"])
        return _normal(state + inner @ w[name + "up"] + w[name + "up.b"], w[name + "g2"], w[name + "b2"])


def windows(read: Sequence[Sequence[int]], before: int) -> Iterator[list[int]]:
    """Yield which sentences are read together: as many as fit after the first pieces, which stand before each window."""
    window: list[int] = []
    size = before
    for number, sentence in enumerate(read):
        if window and (size + len(sentence) > WINDOW or len(window) >= MOST_SENTENCES):
            yield window
            window, size = [], before
        window.append(number)
        size += len(sentence)
    if window:
        yield window


def _normal(state: Floats, gain: Floats, bias: Floats) -> Floats:
    state = state - state.mean(-1, keepdims=True)
    normal: Floats = state / np.sqrt((state * state).mean(-1, keepdims=True) + _TINY) * gain + bias
    return normal


def _gelu(x: Floats) -> Floats:
    curved: Floats = 0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x * x * x)))
    return curved


def _widened(kept: "dict[str, NDArray[np.float32]]", name: str) -> Floats:
    """Return weights as numbers that are multiplied fast; on disk each column lies in whole steps of its own scale."""
    scale = kept.get(name + ".scale")
    wide: Floats = kept[name].astype(np.float32) * scale if scale is not None else kept[name].astype(np.float32)
    return wide


@cache
def encoder(language: str) -> Encoder:
    """Return the reader of a language."""
    return Encoder(language)
