"""What a detector of moderation learns from: labelled messages in folds, and passages of clean documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.messages import SPLIT_SEED, group_keys, read_messages
from training.splits import folds

FOLDS, HELD_OUT = 5, 0


@dataclass(frozen=True, slots=True)
class Examples:
    """All texts, the measured file's first; `fold` is -1 for texts that are always learned from."""

    texts: list[str]
    labels: np.ndarray
    weights: np.ndarray
    fold: np.ndarray
    measured: int
    fingerprints: dict[str, str]
    counts: dict[str, int]

    def with_clean(self, texts: Sequence[str], weight: float, fold: int = -1) -> "Examples":
        """These examples and more negatives, all of one fold."""
        count = len(texts)
        return Examples(
            [*self.texts, *texts], np.r_[self.labels, np.zeros(count, dtype=bool)],
            np.r_[self.weights, np.full(count, weight)], np.r_[self.fold, np.full(count, fold)],
            self.measured, self.fingerprints, self.counts,
        )  # fmt: skip

    def outside(self, *excluded: int) -> np.ndarray:
        """Rows of no excluded fold, int[rows]."""
        return np.flatnonzero(~np.isin(self.fold, excluded))

    def measured_in(self, fold: int) -> np.ndarray:
        """Rows of the measured file in this fold, int[rows]."""
        return np.flatnonzero(self.fold[: self.measured] == fold)


def read_examples(names: Sequence[str], data_dir: Path) -> Examples:
    """The messages of these files, the measured one first; a near-duplicate in another file stands in the same fold."""
    files = [read_messages(data_dir / name) for name in names]
    texts = [text for file in files for text in file.texts]
    keys = group_keys([text for file in files for text in file.raw])
    return Examples(
        texts, np.concatenate([file.labels for file in files]), np.ones(len(texts)), folds(keys, FOLDS, SPLIT_SEED),
        len(files[0].texts), {name: file.fingerprint for name, file in zip(names, files, strict=True)},
        {name: len(file.texts) for name, file in zip(names, files, strict=True)},
    )  # fmt: skip
