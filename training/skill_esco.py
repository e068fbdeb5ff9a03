"""ESCO's skills: preferred and other labels of each concept, put back together where a copy of the file has slid apart.

In copies of the cross-sector file the column `altLabels` lies above its concept: each concept without other labels let
the rest of the column move up by one row. The other labels nearly always repeat the preferred one, which tells whose
they are.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

_AHEAD = 4
"""How many concepts in a row may have no other labels."""


def concepts(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The preferred label of each concept, and its other labels where they are surely its own."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["preferredLabel"], _lines(row["altLabels"])) for row in csv.DictReader(file)]
    preferred = [label for label, _ in rows]
    others: dict[int, tuple[str, ...]] = {}
    slid = 0
    for row, (_, labels) in enumerate(rows):
        owner = _owner(preferred, row + slid, labels)
        if owner is not None:
            slid, others[owner] = owner - row, labels
    return ((label, others.get(row, ())) for row, label in enumerate(preferred))


def _owner(preferred: list[str], nearest: int, labels: tuple[str, ...]) -> int | None:
    """Whose labels they are: of the next few concepts one that they repeat, else one that most share a word with."""
    following = range(nearest, min(nearest + _AHEAD, len(preferred)))
    for row in following:
        if preferred[row] in labels:
            return row
    for row in following:
        if labels and sum(bool(stems(preferred[row]) & stems(label)) for label in labels) > len(labels) / 2:
            return row
    return None


def _lines(labels: str) -> tuple[str, ...]:
    return tuple(" ".join(label.split()) for label in labels.splitlines())


def stems(label: str) -> set[str]:
    """How the longer words of a label begin."""
    return {word[:5] for word in label.lower().split() if len(word) > 3}
