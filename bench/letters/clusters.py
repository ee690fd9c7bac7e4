"""Groups of words with like meaning, from the static word vectors of WordLlama (MIT), for the send check's English.

Run once in an environment that has `wordllama` and `scikit-learn`: `python -m bench.letters.clusters`. What it writes is in the repository;
training and running the check need neither.
"""

import gzip
import re
from importlib import resources
from pathlib import Path

import numpy as np

from bench.letters.corpus import letters, passages
from heard.sendcheck.reading import words_of

OUT = Path("src/heard/sendcheck/data/clusters.en.tsv.gz")
SIZES = (100, 300, 1000)


def vectors() -> tuple[list[str], "np.ndarray"]:
    """Return words and their vectors, of length one: those of the corpus, and whole words of the tokenizer."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = Path(str(resources.files("wordllama")))
    table = next(iter(load_file(folder / "weights" / "l2_supercat_256.safetensors").values())).astype(np.float32)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    words = {word for letter in [*letters("en"), *passages("en")] for word in words_of(letter.text, "en")}
    whole = {token[1:] for token in tokenizer.get_vocab() if token.startswith("▁")}
    words |= {word for word in whole if re.fullmatch(r"[a-z]{3,}", word)}
    chosen = sorted(word for word in words if word.isalpha())
    found = np.stack([table[tokenizer.encode(word, add_special_tokens=False).ids].mean(0) for word in chosen])
    return chosen, found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-9)


def main() -> None:
    """Write each word with its group at three sizes."""
    from sklearn.cluster import KMeans

    words, found = vectors()
    groups = [KMeans(size, random_state=0, n_init=1, max_iter=40).fit_predict(found) for size in SIZES]
    lines = [f"{word}\t" + "\t".join(str(group[place]) for group in groups) for place, word in enumerate(words)]
    with OUT.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
        file.write("\n".join(lines).encode())
    print(f"{len(words):,} words, {OUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
