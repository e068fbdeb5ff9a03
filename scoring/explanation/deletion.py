"""Which pieces of a text move a score, told by deleting them and scoring the rest (occlusion)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Run = range
"""Consecutive pieces, by their places."""


@dataclass(frozen=True, slots=True)
class Change:
    """Pieces `run` raised the score by `change`: so much higher it is with them than without."""

    run: Run
    change: float


@dataclass(frozen=True, slots=True)
class Search:
    """Every change that was measured at its finest, the score of the whole, and how many texts were scored for them."""

    score: float
    changes: tuple[Change, ...]
    scored: int


def search(pieces: int, deletions: int, score: Callable[[Sequence[Run]], Sequence[float]]) -> Search:
    """Delete every piece by itself; or, of more pieces than `deletions`, first runs of them and then parts of the best.

    `score` gives the score of the text without each of some runs. At most `deletions` + 1 texts are scored, so where
    there are many pieces what is found may be a run of several, and a piece hidden among better ones may be missed.
    """
    whole, *_ = score([range(0)])
    if pieces < 2:
        return Search(whole, (), 1)
    first = pieces if pieces <= deletions else deletions // 2
    coarse = _measured(split(range(pieces), first), whole, score)
    chosen = _chosen(coarse, deletions - first)
    parts = [part for run, count in chosen for part in split(run, count)]
    fine = _measured(parts, whole, score) if parts else []
    refined = {run for run, _ in chosen}
    changes = [*fine, *(change for change in coarse if change.run not in refined)]
    return Search(whole, tuple(changes), 1 + len(coarse) + len(fine))


def split(run: Run, parts: int) -> list[Run]:
    """The run in so many parts, as even as can be; in single pieces where it has no more."""
    parts = min(parts, len(run))
    bounds = [run.start + len(run) * part // parts for part in range(parts + 1)]
    return [range(start, end) for start, end in pairwise(bounds)]


def _chosen(coarse: Sequence[Change], deletions: int) -> list[tuple[Run, int]]:
    """The runs of several pieces that move the score most, and into how many parts to take each, within `deletions`."""
    chosen: list[tuple[Run, int]] = []
    for change in sorted(coarse, key=lambda change: -abs(change.change)):
        if deletions < 2:
            break
        if len(change.run) > 1:
            count = min(len(change.run), deletions)
            chosen.append((change.run, count))
            deletions -= count
    return chosen


def _measured(runs: Sequence[Run], whole: float, score: Callable[[Sequence[Run]], Sequence[float]]) -> list[Change]:
    return [Change(run, whole - without) for run, without in zip(runs, score(runs), strict=True)]
