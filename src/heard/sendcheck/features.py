"""What the check learns from: who is asked to do what, by whom, with what allowed; written as names of features."""

from collections.abc import Iterator, Sequence

from heard.sendcheck.reading import Read

NEAR = 6
GROUP_STEPS = (1, 2, 3, 4)
MOST_CONCEPTS = 40
LENGTHS = (5, 10, 18, 28, 45)


def features(reads: Sequence[Read], place: int, to: str) -> set[str]:
    """Return the features of one sentence of a letter, with what stands around it."""
    read = reads[place]
    found = set(_of_words(read)) | set(_of_concepts(read, to)) | set(_of_groups(read))
    found |= {f"to:{to}", f"long:{sum(len(read.words) > n for n in LENGTHS)}", f"asks:{read.asks}:{to}"}
    if place:
        found |= {f"<{concept}" for concept in _marked(reads[place - 1])}
        found |= {f"<{a}|{b}" for a in _marked(reads[place - 1]) for b in _marked(read)}
    if place + 1 < len(reads):
        found |= {f">{concept}" for concept in _marked(reads[place + 1])}
    return found


def _of_words(read: Read) -> Iterator[str]:
    marked = [f"¬{stem}" if negated else stem for stem, negated in zip(read.stems, read.negated, strict=True)]
    for place, word in enumerate(marked):
        yield f"w:{word}"
        if word.isalpha() and len(word) > 4:
            yield f"p:{word[:5]}"
        for step in (1, 2, 3):
            if place + step < len(marked):
                yield f"{step if step > 1 else 'b'}:{word} {marked[place + step]}"
        if place + 2 < len(marked):
            yield f"t:{word} {marked[place + 1]} {marked[place + 2]}"
    if read.stems:
        yield f"first:{marked[0]}"
        yield f"first:{' '.join(marked[:2])}"


def _of_groups(read: Read) -> Iterator[str]:
    for size, groups in enumerate(read.groups):
        for place, group in enumerate(groups):
            yield f"k{size}:{group}"
            for step in GROUP_STEPS:
                if place + step < len(groups):
                    yield f"k{size}:{min(step, 2)}:{group} {groups[place + step]}"
            if place + 2 < len(groups):
                yield f"k{size}t:{group} {groups[place + 1]} {groups[place + 2]}"


def _of_concepts(read: Read, to: str) -> Iterator[str]:
    concepts = [(place, f"¬{name}" if read.negated[place] else name) for place, name in read.concepts[:MOST_CONCEPTS]]
    for _place, name in concepts:
        yield f"c:{name}"
        yield f"c:{name}:{to}"
        yield f"c:{name}:{'asks' if read.asks else 'says'}"
    for number, (place, name) in enumerate(concepts):
        for other_place, other in concepts[number + 1 :]:
            if other_place - place <= NEAR:
                yield f"n:{name}>{other}"
            yield f"cc:{name}&{other}" if name < other else f"cc:{other}&{name}"


def _marked(read: Read) -> set[str]:
    return {f"¬{name}" if read.negated[place] else name for place, name in read.concepts}
