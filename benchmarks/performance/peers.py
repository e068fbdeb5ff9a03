"""Peers take turns, so that what else goes on with the machine falls on all of them alike."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def interleave(repeats: int, peers: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """What each peer returned, round by round. Every round begins with another peer, as caches may be colder."""
    order = list(peers)
    found: dict[str, list[T]] = {name: [] for name in order}
    for turn in range(repeats):
        start = turn % len(order)
        for name in order[start:] + order[:start]:
            found[name].append(peers[name]())
    return found


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ours by theirs, round by round."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def medians(found: Mapping[str, Sequence[float]], unit: str) -> dict[str, float]:
    """The median of each peer, named with its unit, as `Row.rates` wants it."""
    return {f"{name}, {unit}": statistics.median(values) for name, values in found.items()}
