"""Texts as bags of window vectors, and how far apart two bags are: what the match model compares."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.windows import Window

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Bags:
    """`vectors`, (windows, hidden), of length 1 each, text after text; `counts`, (texts,): windows of each, above 0."""

    vectors: Vectors
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, windows: Sequence[Window], vectors: Vectors, texts: int) -> "Bags":
        """The vectors of windows that stand in the order of their owners, the texts' places."""
        return cls(vectors, np.bincount([window.owner for window in windows], minlength=texts))

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, texts: slice) -> "Bags":
        ends = np.cumsum(self.counts)
        starts = ends - self.counts
        counts = self.counts[texts]
        if not len(counts):
            return Bags(self.vectors[:0], counts)
        return Bags(self.vectors[starts[texts][0] : ends[texts][-1]], counts)

    def averaged(self, values: Vectors) -> Vectors:
        """(windows, n) to (texts, n): the mean over the windows of each text."""
        sums = np.add.reduceat(values, np.cumsum(self.counts) - self.counts)
        return np.asarray(sums / self.counts[:, None], dtype=np.float32)

    def directions(self) -> Vectors:
        """(texts, hidden): the mean vector of each text, scaled to length 1."""
        means = self.averaged(self.vectors)
        scaled: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True).clip(1e-9)
        return scaled


def cosines(first: Bags, second: Bags) -> Vectors:
    """(first, second): the cosine of the mean vectors, what sentence embeddings are usually compared by."""
    cosine: Vectors = first.directions() @ second.directions().T
    return cosine


def distances(first: Bags, second: Bags, sharpness: float) -> Vectors:
    """(first, second): the squared maximum mean discrepancy under the kernel exp(-sharpness |u - v|^2).

    So two texts are near when their windows are alike window for window, not only in the mean (Gretton et al., JMLR 13,
    2012; a Gaussian of it is a kernel between distributions: Christmann and Steinwart, NIPS 2010).
    """
    between = first.averaged(second.averaged(_kernel(second.vectors, first.vectors, sharpness)).T)
    own = [_own(bags, sharpness) for bags in (first, second)]
    apart: Vectors = (own[0][:, None] + own[1][None] - 2 * between).clip(0)
    return apart


def _own(bags: Bags, sharpness: float) -> Vectors:
    parts = np.split(bags.vectors, np.cumsum(bags.counts)[:-1])
    return np.array([_kernel(part, part, sharpness).mean() for part in parts], dtype=np.float32)


def _kernel(first: Vectors, second: Vectors, sharpness: float) -> Vectors:
    alike: Vectors = np.exp(2 * sharpness * (first @ second.T - 1))
    return alike
