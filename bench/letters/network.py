"""The encoder's layers once more, in JAX, so that they can be taught; `heard.sendcheck.encoder` runs them with NumPy alone."""

import functools
import importlib.resources
import io
import json
import zipfile
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import load

from heard.sendcheck.encoder import HEADS, MOST_SENTENCES
from heard.sendcheck.model import FLAGS

DECAY, CLIP, MEAN, SQUARE = 0.01, 1.0, 0.9, 0.999
# The readings of the last layer begin from nothing, and learn so much faster than the layers.
HEAD = 10.0
# How likely a sentence breaks a rule before anything was learned, as a logit.
BEFORE = -3.0
Weights = dict[str, Any]


def begun(layers: int, seed: int) -> tuple[Weights, jax.Array, list[str]]:
    """Return the weights to begin from, word vectors (which stay as they are), and pieces: all-MiniLM-L6-v2, Apache-2.0."""
    package = importlib.resources.files("all_minilm_l6_v2") / "model.zip"
    with zipfile.ZipFile(io.BytesIO(package.read_bytes())) as files:
        raw = load(files.read("model.safetensors"))
        pieces = json.loads(files.read("tokenizer.json"))["model"]["vocab"]
    put = {
        "positions": raw["embeddings.position_embeddings.weight"], "type": raw["embeddings.token_type_embeddings.weight"][0],
        "g": raw["embeddings.LayerNorm.weight"], "b": raw["embeddings.LayerNorm.bias"],
    }  # fmt: skip
    for number in range(layers):
        put |= _layer(raw, number)
    draw = np.random.default_rng(seed)
    width = len(put["type"])
    for name in ("head.mean", "head.words"):
        put[name] = draw.normal(0, 0.02, (width, len(FLAGS))).astype(np.float32)
    put["head.b"] = np.full(len(FLAGS), BEFORE, np.float32)
    weights = {name: jnp.array(value) for name, value in put.items()}
    return weights, jnp.array(raw["embeddings.word_embeddings.weight"]), sorted(pieces, key=pieces.__getitem__)


def _layer(raw: Weights, number: int) -> Weights:
    of, to = f"encoder.layer.{number}.", f"{number}."
    three = [f"{of}attention.self.{name}." for name in ("query", "key", "value")]
    found = {
        f"{to}qkv": np.concatenate([raw[name + "weight"].T for name in three], 1),
        f"{to}qkv.b": np.concatenate([raw[name + "bias"] for name in three]),
    }
    for short, dense in (("out", "attention.output"), ("in", "intermediate"), ("up", "output")):
        found |= {f"{to}{short}": raw[f"{of}{dense}.dense.weight"].T, f"{to}{short}.b": raw[f"{of}{dense}.dense.bias"]}
    for short, norm in (("1", "attention.output"), ("2", "output")):
        found |= {
            f"{to}g{short}": raw[f"{of}{norm}.LayerNorm.weight"],
            f"{to}b{short}": raw[f"{of}{norm}.LayerNorm.bias"],
        }
    return found


def _normal(x: jax.Array, gain: jax.Array, bias: jax.Array) -> jax.Array:
    x = x - x.mean(-1, keepdims=True)
    return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-12) * gain + bias


def logits(w: Weights, words: jax.Array, ids: jax.Array, owner: jax.Array) -> jax.Array:
    """Return how much each sentence breaks each rule (windows by sentences by rules); `owner` is each piece's sentence."""
    length = ids.shape[1]
    x = _normal(words[ids] + w["positions"][:length] + w["type"], w["g"], w["b"])
    shut = jnp.where(ids > 0, 0.0, -1e9)[:, None, None, :]
    for number in range(sum(name.endswith(".qkv") for name in w)):
        x = _taught(w, f"{number}.", x, shut)
    belongs = owner[:, None, :] == jnp.arange(MOST_SENTENCES + 1)[None, :, None]
    mean = (belongs @ x) / jnp.maximum(belongs.sum(-1, keepdims=True), 1)
    by_word = jnp.where(belongs[..., None], (x @ w["head.words"])[:, None], -1e9).max(2)
    by_word = jnp.where(belongs.any(-1)[..., None], by_word, 0.0)
    return mean @ w["head.mean"] + by_word + w["head.b"]


def _taught(w: Weights, name: str, x: jax.Array, shut: jax.Array) -> jax.Array:
    rows, length, width = x.shape
    mixed = (x @ w[name + "qkv"] + w[name + "qkv.b"]).reshape(rows, length, 3, HEADS, -1).transpose(2, 0, 3, 1, 4)
    near = jax.nn.softmax(mixed[0] @ mixed[1].swapaxes(-1, -2) / mixed.shape[-1] ** 0.5 + shut, -1)
    seen = (near @ mixed[2]).transpose(0, 2, 1, 3).reshape(rows, length, width)
    x = _normal(x + seen @ w[name + "out"] + w[name + "out.b"], w[name + "g1"], w[name + "b1"])
    inner = jax.nn.gelu(x @ w[name + "in"] + w[name + "in.b"], approximate=True)
    return _normal(x + inner @ w[name + "up"] + w[name + "up.b"], w[name + "g2"], w[name + "b2"])


def _loss(
    w: Weights, words: jax.Array, ids: jax.Array, owner: jax.Array, truth: jax.Array, counts: jax.Array
) -> jax.Array:
    z = logits(w, words, ids, owner)
    wrong = jnp.maximum(z, 0) - z * truth + jnp.log1p(jnp.exp(-jnp.abs(z)))
    wrong *= 1 + truth  # what is broken is rare, and counts twice
    return (wrong * counts[..., None]).sum() / jnp.maximum(counts.sum(), 1)


@functools.partial(jax.jit, donate_argnums=(0, 1, 2))
def step(
    w: Weights,
    mean: Weights,
    square: Weights,
    words: jax.Array,
    batch: tuple[jax.Array, ...],
    number: float,
    rate: float,
) -> tuple[Weights, Weights, Weights, jax.Array]:
    """Learn from a batch (AdamW with a clipped gradient); return weights, both moments, and the loss."""
    loss, slope = jax.value_and_grad(_loss)(w, words, *batch)
    size = jnp.sqrt(sum((a * a).sum() for a in jax.tree.leaves(slope)))
    slope = jax.tree.map(lambda a: a * jnp.minimum(1.0, CLIP / (size + 1e-6)), slope)
    mean = jax.tree.map(lambda m, a: MEAN * m + (1 - MEAN) * a, mean, slope)
    square = jax.tree.map(lambda s, a: SQUARE * s + (1 - SQUARE) * a * a, square, slope)

    def moved(name: str) -> jax.Array:
        p = w[name]
        way = (mean[name] / (1 - MEAN**number)) / (jnp.sqrt(square[name] / (1 - SQUARE**number)) + 1e-8)
        faster = HEAD if name.startswith("head") else 1.0
        return p - rate * faster * (way + (DECAY * p if p.ndim > 1 else 0.0))

    return {name: moved(name) for name in w}, mean, square, loss


read = jax.jit(logits)
