"""A linear model over a whole text: which word pieces, and which neighbouring two, it holds, and how often.

Attention finds the few words that decide; where no such words stand, many small signs add up to something, and a sum
over all of a text is what weighs them. Pairs are hashed (Weinberger et al. 2009), so there is no vocabulary to carry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from scoring.packs import Pack, PackError
from scoring.tokens import TokenIds

BAG = "bag.safetensors"
_NAMES = ("idf", "weights", "bias")

Reals = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WordBag:
    """`idf`: (pieces + pairs,) inverse document frequencies; `weights`: (pieces + pairs, labels); `bias`: (labels,).

    A text is a row of length 1: (1 + log count) times idf, column by column.
    """

    pieces: int
    idf: Reals
    weights: Reals
    bias: Reals

    @classmethod
    def load(cls, pack: Pack, pieces: int) -> "WordBag":
        """Read a pack's bag (stored in fp16, used in fp32) for a vocabulary of `pieces`. Raises PackError."""
        stored = load_file(pack.path(BAG))
        if set(stored) != set(_NAMES) or len(stored["idf"]) <= pieces:
            raise PackError(f"{BAG} of pack {pack.name} {pack.version} does not fit its tokenizer")
        return cls(pieces, *(stored[name].astype(np.float32) for name in _NAMES))

    def save(self, directory: Path) -> None:
        """Store as a pack does, in fp16."""
        tensors = {name: np.ascontiguousarray(getattr(self, name).astype(np.float16)) for name in _NAMES}
        save_file(tensors, directory / BAG)

    def scaled(self, shares: Reals, shifts: Reals) -> "WordBag":
        """The bag whose logits are these times `shares` plus `shifts`, (labels,) each."""
        return replace(self, weights=self.weights * shares, bias=self.bias * shares + shifts)

    def logits(self, texts: Sequence[TokenIds]) -> Reals:
        """The (texts, labels) logits of texts by their ids; a text without ids gets the bias."""
        return np.stack([self._logits(ids) for ids in texts]) if texts else np.zeros((0, len(self.bias)), np.float32)

    def _logits(self, ids: TokenIds) -> Reals:
        columns, counts = features(ids, self.pieces, len(self.idf) - self.pieces)
        values = weigh(counts, self.idf[columns])
        logits: Reals = values @ self.weights[columns] + self.bias
        return logits


def features(ids: NDArray[np.integer], pieces: int, pairs: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct columns of a text, its word pieces and then its hashed pairs, and how often each occurs."""
    wide = ids.astype(np.int64)
    hashed = (wide[:-1] * 0x9E3779B1 ^ wide[1:] * 0x85EBCA6B) % pairs + pieces
    return np.unique(np.concatenate([wide, hashed]), return_counts=True)


def weigh(counts: NDArray[np.int64], idf: Reals) -> Reals:
    """Counts of one text and their idf to a row of length 1."""
    values = (1 + np.log(counts)) * idf
    weighed: Reals = (values / max(float(np.linalg.norm(values)), 1e-9)).astype(np.float32)
    return weighed
