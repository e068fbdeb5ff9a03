"""Learns the second look of a moderation pack (scoring/second_look.py) from what the first look suspects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from scoring.detector import Detector
from scoring.embedding import Embedder
from scoring.passages import read
from scoring.second_look import SecondLook, Suspects

INVERSE_REGULARISATION = 0.001
"""Of embeddings in units of their mean spread; 0.0005 and 0.002 gave the same average precision within 0.002."""
FIRST_LOOK = 3.0
"""Log-odds are read times this, so that what the first look says is hardly shrunk."""
SLICE = 200
"""Passages embedded at once."""


@dataclass(frozen=True, slots=True)
class Suspected:
    """The worst passage of each text that the first look suspects.

    `features`: float[texts, 1 + hidden] as SecondLook.features; `labels`: bool[texts]; `fold`: int[texts]; `weights`:
    float[texts].
    """

    features: np.ndarray
    labels: np.ndarray
    fold: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(
        cls, detector: Detector, embedder: Embedder, sieve: float, texts: Sequence[str], labels: np.ndarray, fold: int
    ) -> "Suspected":
        """Of texts with their labels (bool[texts]), all of one fold, that the detector has not learned from.

        Each weighs 1.
        """
        documents = [read(text) for text in texts]
        scored = zip(documents, detector.log_odds(documents), strict=True)
        suspects = [Suspects.of(document, detector.kind, own, sieve) for document, own in scored]
        rows = [row for row, own in enumerate(suspects) if len(own.places)]
        log_odds = np.array([suspects[row].log_odds[0] for row in rows])
        vectors = _embedded(embedder, [suspects[row].texts[0] for row in rows])
        return cls(SecondLook.features(log_odds, vectors), labels[rows], np.full(len(rows), fold), np.ones(len(rows)))

    @classmethod
    def clean(
        cls, detector: Detector, embedder: Embedder, texts: Sequence[str], fold: int, weight: float
    ) -> "Suspected":
        """Of clean texts of one fold, suspected or not, so that they count although few are suspected."""
        part = cls.of(detector, embedder, 0, texts, np.zeros(len(texts), dtype=bool), fold)
        return replace(part, weights=part.weights * weight)

    @classmethod
    def together(cls, parts: Iterable["Suspected"]) -> "Suspected":
        """All parts as one."""
        arrays = zip(*((part.features, part.labels, part.fold, part.weights) for part in parts), strict=True)
        return cls(*map(np.concatenate, arrays))

    def fit(self, embedder: Embedder, sieve: float, excluded: int) -> SecondLook | None:
        """Learn from all folds but one; None where all that is suspected is alike, and nothing is left to decide."""
        rows = self.fold != excluded
        if len(np.unique(self.labels[rows])) < 2:
            return None
        features, vectors = self.features[rows], self.features[rows, 1:]
        middle = np.r_[0, vectors.mean(0)]
        scale = np.r_[FIRST_LOOK, np.full(vectors.shape[1], 1 / vectors.std(0).mean())]
        model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000)
        model.fit((features - middle) * scale, self.labels[rows], self.weights[rows])
        weights = model.coef_[0] * scale
        return SecondLook(embedder, sieve, weights, float(model.intercept_[0] - middle @ weights))


def _embedded(embedder: Embedder, texts: Sequence[str]) -> np.ndarray:
    slices = range(0, len(texts), SLICE)
    parts = [embedder.embed(texts[at : at + SLICE]) for at in tqdm(slices, desc="embedding", disable=not texts)]
    return np.concatenate([np.zeros((0, embedder.encoder.shape.hidden_size), np.float16), *parts])
