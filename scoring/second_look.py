"""A second look at what a linear detector suspects: at what a passage means, not only at the words that stand in it.

The base encoder, as it was published, embeds a suspected passage, and a logistic regression over the detector's
log-odds and that embedding decides. A clean document has few suspected passages, so the encoder has little to read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from scipy.special import expit

from scoring.canonical import canonical
from scoring.embedding import Embedder, Vectors
from scoring.packs import Pack, PackError, find_base
from scoring.passages import Document

SECOND_LOOK = "second_look.safetensors"
MOST_SUSPECTS = 64
"""Passages of one document that are looked at again, the worst ones: a hostile text may be abuse from end to end."""
SURE = 8.0
"""Log-odds of the first look count up to here, on either side: beyond they tell how long a passage is."""

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Suspects:
    """Passages of one document that the first look suspects: their places, texts as it reads them, and log-odds."""

    places: NDArray[np.int64]
    texts: tuple[str, ...]
    log_odds: Reals

    @classmethod
    def of(cls, document: Document, kind: str, log_odds: Reals, sieve: float) -> "Suspects":
        """The worst passages of at least the probability `sieve`, in order of their log-odds (float[passages])."""
        order = np.argsort(-log_odds, kind="stable")[:MOST_SUSPECTS]
        places = order[expit(log_odds[order]) >= sieve]
        words = document.words if len(places) else []
        runs = (document.passages[place] for place in places)
        texts = (" ".join(canonical(word, kind) for word in words[first:end]) for first, end in runs)
        return cls(places, tuple(" ".join(text.split()) for text in texts), log_odds[places])


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Logistic regression over [log-odds of the first look, embedding].

    `sieve`: the probability from which the first look's word is not the last. `weights`: float[1 + hidden].
    """

    embedder: Embedder
    sieve: float
    weights: Reals
    intercept: float

    @classmethod
    def load(cls, pack: Pack) -> "SecondLook":
        """Read a verified pack's weights, and the base encoder that it names. Raises PackError."""
        base = find_base(pack)
        try:
            arrays: Mapping[str, NDArray[np.float32]] = load_file(pack.path(SECOND_LOOK))
            weights, intercept = arrays["weights"].astype(np.float64), float(arrays["intercept"][0])
        except (OSError, SafetensorError, KeyError) as error:
            raise PackError(f"cannot read {SECOND_LOOK} of pack {pack.name} {pack.version}: {error}") from error
        embedder = _embedder(base, pack.manifest["base"]["sha256"])
        if weights.shape != (1 + embedder.encoder.shape.hidden_size,):
            raise PackError(f"pack {pack.name} {pack.version} does not fit the base encoder: {weights.shape} weights")
        return cls(embedder, pack.manifest["sieve"], weights, intercept)

    def probabilities(self, document: Document, kind: str, log_odds: Reals) -> Reals:
        """Of each passage, float[passages], from the first look's log-odds.

        What was not suspected keeps the first look's probability; what was, but is not among the worst, gets no more
        than the sieve's. Documents are embedded one by one, so that no score depends on what else is scored.
        """
        suspects, found = Suspects.of(document, kind, log_odds, self.sieve), np.minimum(expit(log_odds), self.sieve)
        if len(suspects.places):
            seen = self.features(suspects.log_odds, self.embedder.embed(suspects.texts))
            found[suspects.places] = expit(seen @ self.weights + self.intercept)
        return np.asarray(found, dtype=np.float64)

    @staticmethod
    def features(log_odds: Reals, vectors: Vectors) -> Reals:
        """What the regression reads of passages, float[passages, 1 + hidden]."""
        return np.column_stack((np.clip(log_odds, -SURE, SURE), vectors.astype(np.float64)))


@lru_cache(maxsize=1)
def _embedder(base: Path, sha256: str) -> Embedder:
    """One for spam and toxicity, whose packs name the same base; its digest tells states of the folder apart."""
    return Embedder.load(base)
