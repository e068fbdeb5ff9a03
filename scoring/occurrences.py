"""Where features occur in a run of words, and how often in any passage of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Feature `features[i]` stands in the words from `first[i]` to `last[i]`, int[occurrences] each.

    Both rise, so that the occurrences inside any passage lie side by side: passages may overlap at little cost.
    """

    features: Numbers
    first: Numbers
    last: Numbers

    def of(self, wanted: NDArray[np.bool_]) -> "Occurrences":
        """Those of wanted features, bool[features]."""
        kept = wanted[self.features]
        return Occurrences(self.features[kept], self.first[kept], self.last[kept])

    def counts(self, passages: Numbers, width: int) -> csr_matrix:
        """How often each of `width` features occurs in each passage, float32[passages, width].

        `passages`: the number of each one's first word and of the word behind its last, int[passages, 2].
        """
        begin = np.searchsorted(self.first, passages[:, 0], "left")
        end = np.searchsorted(self.last, passages[:, 1], "left")
        lengths = np.maximum(end - begin, 0)
        bounds = np.concatenate(([0], np.cumsum(lengths)))
        places = np.repeat(begin - bounds[:-1], lengths) + np.arange(bounds[-1])
        ones = np.ones(len(places), dtype=np.float32)
        counts = csr_matrix((ones, self.features[places], bounds), shape=(len(passages), width))
        counts.sum_duplicates()
        return counts
