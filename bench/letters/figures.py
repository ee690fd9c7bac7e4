"""How well letters are read: recall, precision and false alarms by rule."""

from collections.abc import Sequence

import numpy as np

from bench.letters.corpus import Letter
from heard.sendcheck.model import FLAGS


def figures(title: str, found: Sequence[Letter], beyond: "np.ndarray") -> None:
    """Print the figures of letters, given how far each is beyond the line of each rule (a table for docs/performance.md)."""
    truth = np.array([[flag in letter.flags for flag in FLAGS] for letter in found])
    said = beyond > 0
    hits, _misses, alarms = (said & truth).sum(0), (~said & truth).sum(0), (said & ~truth).sum(0)
    good = ~truth.any(1)
    recall, precision = hits.sum() / max(1, truth.sum()), hits.sum() / max(1, said.sum())
    print(f"\n{title}: {len(found)} letters, {good.sum()} good")
    print(
        f"recall {recall:.3f}, precision {precision:.3f}, F1 {2 * recall * precision / max(1e-9, recall + precision):.3f}"
    )
    print(f"false alarms on good letters {said[good].any(1).mean():.3f}")
    print("| rule | letters | recall | precision | false alarms on good letters |\n|---|---|---|---|---|")
    for number, flag in enumerate(FLAGS):
        r, p = hits[number] / max(1, truth[:, number].sum()), hits[number] / max(1, hits[number] + alarms[number])
        print(f"| {flag} | {truth[:, number].sum()} | {r:.2f} | {p:.2f} | {said[good, number].mean():.3f} |")
