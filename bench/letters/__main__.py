"""Figures of the send check on letters that nothing was learned from or chosen by: `python -m bench.letters`."""

import time

import numpy as np

from bench.letters.corpus import letters
from bench.letters.figures import figures
from heard.sendcheck import check
from heard.sendcheck.model import FLAGS


def main() -> None:
    """Read the letters that were held out, and say how long it took."""
    unseen = letters("held_out")
    check(unseen[0].text, to="reporter")
    begun = time.process_time()
    said = [set(check(letter.text, to=letter.to).flags) for letter in unseen]
    took = (time.process_time() - begun) / len(unseen)
    beyond = np.array([[1.0 if flag in found else -1.0 for flag in FLAGS] for found in said])
    for hand in sorted({letter.hand for letter in unseen}):
        mine = [number for number, letter in enumerate(unseen) if letter.hand == hand]
        figures(f"held out, {hand}", [unseen[number] for number in mine], beyond[mine])
    print(f"\n{took * 1000:.1f} ms of CPU a letter")


if __name__ == "__main__":
    main()
