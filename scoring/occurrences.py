"""Where features occur in a run of words, and how often in any passage of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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

    def inside(self, passages: Numbers) -> tuple[Numbers, Numbers]:
        """The places of the passages and the features in them, one entry an occurrence that lies inside a passage.

        `passages`: the number of each one's first word and of the word behind its last, int[passages, 2].
        """
        begin = np.searchsorted(self.first, passages[:, 0], "left")
        end = np.searchsorted(self.last, passages[:, 1], "left")
        lengths = np.maximum(end - begin, 0)
        bounds = np.concatenate(([0], np.cumsum(lengths)))
        places = np.repeat(begin - bounds[:-1], lengths) + np.arange(bounds[-1])
        return np.repeat(np.arange(len(passages)), lengths), self.features[places]


@dataclass(frozen=True, slots=True)
class Counts:
    """Feature `features[i]` stands `times[i]` times (float32) in passage `passages[i]`; by passage, then by feature."""

    passages: Numbers
    features: Numbers
    times: NDArray[np.float32]

    @classmethod
    def of(cls, layers: Sequence[Occurrences], passages: Numbers, width: int) -> "Counts":
        """Of all layers together, in features numbered below `width`. One sort of integers: faster than a matrix."""
        inside = [layer.inside(passages) for layer in layers]
        keys = np.sort(np.concatenate([place * width + features for place, features in inside]))
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        place, features = np.divmod(keys[first], width)
        return cls(place, features, np.diff(first, append=len(keys)).astype(np.float32))
