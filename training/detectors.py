"""Fits the linear detectors of moderation as scikit-learn pipelines that `scoring.detector.Detector` reads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from scoring.detector import Block, Words, all_passages
from scoring.occurrences import Counts
from scoring.passages import Document, read

WORD = r"(?u)\b\w[\w']*\b"


@dataclass(frozen=True, slots=True)
class Features:
    """One family of features: words (1 to `most` in a row) or pieces of words (2 to `most` letters).

    One that occurs in fewer than `least` texts is not read at all.
    """

    most: int
    least: int
    pieces: bool = False
    bits: int = 20

    def vectorizer(self) -> HashingVectorizer:
        """Counts them, hashed."""
        return HashingVectorizer(
            analyzer="char_wb" if self.pieces else "word", ngram_range=(1 + self.pieces, self.most), token_pattern=WORD,
            n_features=2**self.bits, alternate_sign=False, norm=None, dtype=np.float32,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """The features of a kind and how they are weighed.

    `ratio_smoothing`: where given, features are scaled by their log-count ratio (Wang and Manning 2012), and what is
    rare and what tells the classes apart is learned from texts of full weight (the messages) alone: the clean
    documents' large vocabulary would drown it.
    """

    features: dict[str, Features]
    inverse_regularisation: float
    ratio_smoothing: float | None = None


SHAPES = {
    "spam": Shape({"words": Features(2, least=1), "pieces": Features(5, least=1, pieces=True)}, 10.0),
    "toxicity": Shape({"words": Features(2, least=2), "pieces": Features(4, least=3, pieces=True)}, 4.0, 0.3),
}


class Fitting:
    """Texts counted once, each as one passage, for fitting on any part of them."""

    def __init__(self, kind: str, texts: Sequence[str]) -> None:
        self.kind, self.shape = kind, SHAPES[kind]
        documents = [_whole(text) for text in texts]
        words, passages = Words.of(documents, kind), all_passages(documents)
        self.vectorizers = {name: one.vectorizer() for name, one in self.shape.features.items()}
        self.counts = {name: _count(one, words, passages) for name, one in self.vectorizers.items()}

    def fit(self, rows: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Pipeline:
        """Fit on these rows (int[rows]); `labels` (bool) and `weights` (float) are those of all texts."""
        labels, weights = labels[rows], weights[rows]
        telling = np.ones(len(rows), dtype=bool) if self.shape.ratio_smoothing is None else weights == 1
        blocks, parts = [], []
        for name, features in self.shape.features.items():
            counts = self.counts[name][rows]
            tfidf = _fit_tfidf(counts[telling], features.least)
            parts.append(tfidf.transform(counts))
            blocks.append((name, Pipeline([("counts", self.vectorizers[name]), ("tfidf", tfidf)])))
        model = self._fit_logistic(csr_matrix(hstack(parts)), labels, weights, telling)
        return Pipeline([("features", FeatureUnion(blocks)), ("model", model)])

    def _fit_logistic(
        self, features: csr_matrix, labels: np.ndarray, weights: np.ndarray, telling: np.ndarray
    ) -> LogisticRegression:
        """Logistic regression on features scaled by what they tell, the scale folded into its weights."""
        seen = np.flatnonzero(features.sum(0).A1)  # the hash table is mostly empty
        features, width = features[:, seen], features.shape[1]
        scale = np.ones(len(seen))
        if self.shape.ratio_smoothing is not None:
            scale = _log_ratio(features[telling], labels[telling], self.shape.ratio_smoothing)
        model = LogisticRegression(C=self.shape.inverse_regularisation, solver="liblinear", random_state=0)
        model.fit(features @ diags(scale), labels, sample_weight=weights)
        spread = np.zeros((1, width), dtype=np.float32)
        spread[:, seen] = model.coef_ * scale
        model.coef_, model.n_features_in_ = spread, width
        return model


def _whole(text: str) -> Document:
    document = read(text)
    return replace(document, passages=((0, len(document.starts)),))


def _count(vectorizer: Any, words: Words, passages: np.ndarray) -> csr_matrix:
    nothing, width = np.zeros(0), vectorizer.n_features
    counts = Counts.of(Block.of(vectorizer, nothing, nothing).occurrences(words), passages, width)
    return csr_matrix((counts.times, (counts.passages, counts.features)), shape=(len(passages), width))


def _fit_tfidf(counts: csr_matrix, least: int) -> TfidfTransformer:
    """Inverse document frequencies; a feature seen in fewer than `least` texts, or never, weighs nothing."""
    tfidf = TfidfTransformer(sublinear_tf=True).fit(counts)
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    tfidf.idf_ = np.where(seen >= least, tfidf.idf_, 0).astype(np.float32)
    return tfidf


def _log_ratio(features: csr_matrix, labels: np.ndarray, smoothing: float) -> np.ndarray:
    positive, negative = (features[labels == side].sum(0).A1 + smoothing for side in (True, False))
    return np.log((positive / positive.sum()) / (negative / negative.sum()))
