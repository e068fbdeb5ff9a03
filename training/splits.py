"""Fixed, grouped splits: no resume, and no near-duplicate of one, stands on both sides.

The side is a function of the group's own text and a seed alone, so that adding or removing rows moves no other row.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Literal

import numpy as np

from scoring.readable import match_text
from scoring.text import job_text
from training.data import Matches

Side = Literal["train", "valid", "test"]
SEED = 20
SIDES: dict[str, tuple[float, float]] = {"match": (0.20, 0.10), "categories": (0.10, 0.05)}
"""Shares of groups held out for the test and the validation side."""
ALIKE = 0.5
"""Two short texts are near-duplicates when they share this much of all their words."""


def near_duplicate_keys(texts: Iterable[str]) -> list[str]:
    """Words 20..120, lower-cased: the same resume found by several searches differs in its first words only."""
    keys = []
    for text in texts:
        words = text.lower().split()
        keys.append(" ".join(words[20:120] or words))
    return keys


def alike(texts: Sequence[str]) -> list[str]:
    """A key a text: the same for texts that share at least ALIKE of their words, or are joined by such texts."""
    words = [frozenset(text.lower().split()) for text in texts]
    keys = list(texts)
    for one, other in combinations(range(len(texts)), 2):
        if keys[one] != keys[other] and len(words[one] & words[other]) >= ALIKE * len(words[one] | words[other]):
            old, new = sorted((keys[one], keys[other]), reverse=True)
            keys = [new if key == old else key for key in keys]
    return keys


def match_keys(matches: Matches, holdout: str) -> list[str]:
    """The group of every pair: its resume, its job, or (`rows`, which leaks both) the pair itself."""
    resumes = alike([match_text(resume) for resume in matches.resumes])
    jobs = [job_text(job) for job in matches.jobs]
    pairs = zip(matches.resume, matches.job, strict=True)
    if holdout == "resumes":
        return [resumes[resume] for resume, _ in pairs]
    if holdout == "jobs":
        return [jobs[job] for _, job in pairs]
    return [f"{resumes[resume]}\x1f{jobs[job]}" for resume, job in pairs]


def sides(keys: Sequence[str], name: str, seed: int = SEED) -> np.ndarray:
    """The side of every row, str[rows], from the hash of its group's key."""
    test, valid = SIDES[name]
    places = np.array([_place(key, seed) for key in keys])
    return np.where(places < test, "test", np.where(places < test + valid, "valid", "train"))


def match_sides(matches: Matches, holdout: str) -> np.ndarray:
    """The side of every pair, str[pairs]. Jobs are too few for shares by hash: they are dealt into tenths."""
    keys = match_keys(matches, holdout)
    if holdout != "jobs":
        return sides(keys, "match")
    fold = folds(keys, 10)
    return np.where(fold < 2, "test", np.where(fold == 2, "valid", "train"))


def folds(keys: Sequence[str], count: int, seed: int = SEED) -> np.ndarray:
    """The fold of every row, int[rows]; groups are dealt out in the order of their hashes, so folds are even."""
    ordered = sorted(set(keys), key=lambda key: _place(key, seed))
    fold = {key: place % count for place, key in enumerate(ordered)}
    return np.array([fold[key] for key in keys])


def _place(key: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}\x1f{key}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
