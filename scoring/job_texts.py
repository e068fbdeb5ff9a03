"""The jobs of a screening as the match model reads them: encoded with the first resumes, and kept for those after."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from scoring.bags import Bags, Vectors
from scoring.windows import Window

KEPT = 8
"""Lists of jobs: those of the screenings that a worker has in turns, and of calls."""


@dataclass(slots=True)
class JobTexts:
    """Jobs' texts in `windows`, owned by their places; `bags` once these were encoded."""

    texts: tuple[str, ...]
    windows: tuple[Window, ...]
    bags: Bags | None = None

    def encoded(self, vectors: Vectors) -> Bags:
        """The bags of these window vectors. Vectors that no score comes of are used this once, and not kept."""
        bags = Bags.of(self.windows, vectors, len(self.texts))
        if np.isfinite(vectors).all():
            self.bags = bags
        return bags


@dataclass(frozen=True, slots=True)
class KnownJobTexts:
    """The lists that were read last. Threads may meet here: the worst that comes of it is that one is read twice."""

    _lists: deque[JobTexts] = field(default_factory=lambda: deque(maxlen=KEPT))

    def of(self, texts: Sequence[str], cut: Callable[[Sequence[str]], Sequence[Window]]) -> JobTexts:
        """These texts, cut into windows by `cut` unless they are known."""
        wanted = tuple(texts)
        for known in tuple(self._lists):
            if known.texts == wanted:
                return known
        read = JobTexts(wanted, tuple(cut(wanted)))
        self._lists.append(read)
        return read
