"""Fits the linear detectors of moderation as scikit-learn pipelines that `scoring.moderation.Detector` reads."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline

from scoring.moderation import Block, canonical

WORD = r"(?u)\b\w[\w']*\b"
SHAPES = {
    "spam": {"words": ({"ngram_range": (1, 2), "n_features": 2**19}, 1)},
    "toxicity": {
        "words": ({"ngram_range": (1, 2), "n_features": 2**20}, 2),
        "pieces": ({"analyzer": "char_wb", "ngram_range": (2, 4), "n_features": 2**20}, 3),
    },
}
"""The features of each kind: how they are counted, and in how many texts one must occur to be read at all."""
INVERSE_REGULARISATION = 4.0
SMOOTHING = 0.02
"""Of naive Bayes."""
RATIO_SMOOTHING = 0.3
"""Of the log-count ratios."""


class Fitting:
    """Texts counted once, for fitting on any part of them."""

    def __init__(self, kind: str, texts: Sequence[str]) -> None:
        self.kind = kind
        canonicals = [canonical(text, kind) for text in texts]
        self.vectorizers = {name: _vectorizer(shape) for name, (shape, _) in SHAPES[kind].items()}
        nothing = np.zeros(0)
        self.counts = {name: Block(one, None, nothing).count(canonicals) for name, one in self.vectorizers.items()}

    def fit(self, rows: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Pipeline:
        """Fit on these rows (int[rows]); `labels` (bool) and `weights` (float) are those of all texts.

        For logistic regression, what is rare and what tells the classes apart is learned from texts of full weight (the
        messages) alone: the clean documents' large vocabulary would drown it. Naive Bayes must know that vocabulary.
        """
        telling = np.ones(len(rows), dtype=bool) if self.kind == "spam" else weights[rows] == 1
        blocks, parts = [], []
        for name, (_, least) in SHAPES[self.kind].items():
            counts = self.counts[name][rows]
            tfidf = _fit_tfidf(counts[telling], least)
            parts.append(tfidf.transform(counts))
            blocks.append((name, Pipeline([("counts", self.vectorizers[name]), ("tfidf", tfidf)])))
        fit = _fit_bayes if self.kind == "spam" else _fit_logistic
        model = fit(csr_matrix(hstack(parts)), labels[rows], weights[rows])
        return Pipeline([("features", FeatureUnion(blocks)), ("model", model)])


def _vectorizer(shape: dict) -> HashingVectorizer:
    return HashingVectorizer(**{"token_pattern": WORD, **shape}, alternate_sign=False, norm=None, dtype=np.float32)


def _fit_tfidf(counts: csr_matrix, least: int) -> TfidfTransformer:
    """Inverse document frequencies; a feature seen in fewer than `least` texts, or never, weighs nothing."""
    tfidf = TfidfTransformer(sublinear_tf=True).fit(counts)
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    tfidf.idf_ = np.where(seen >= least, tfidf.idf_, 0).astype(np.float32)
    return tfidf


def _fit_bayes(features: csr_matrix, labels: np.ndarray, weights: np.ndarray) -> MultinomialNB:
    seen = _seen(features)
    model = MultinomialNB(alpha=SMOOTHING).fit(features[:, seen], labels, sample_weight=weights)
    model.feature_log_prob_ = _spread(model.feature_log_prob_, seen, features.shape[1])
    del model.feature_count_  # scoring does not need the counts, and they are as large again
    return model


def _fit_logistic(features: csr_matrix, labels: np.ndarray, weights: np.ndarray) -> LogisticRegression:
    """Logistic regression on features scaled by their log-count ratio (Wang and Manning 2012), folded back into one."""
    seen = _seen(features)
    features, width = features[:, seen], features.shape[1]
    telling = weights == 1
    positive, negative = (features[telling & (labels == side)].sum(0).A1 + RATIO_SMOOTHING for side in (True, False))
    ratio = np.log((positive / positive.sum()) / (negative / negative.sum()))
    model = LogisticRegression(C=INVERSE_REGULARISATION, solver="liblinear", random_state=0)
    model.fit(features @ diags(ratio), labels, sample_weight=weights)
    model.coef_ = _spread(model.coef_ * ratio, seen, width)
    return model


def _seen(features: csr_matrix) -> np.ndarray:
    """Columns that weigh anything: the empty places of the hash table must take no share of the smoothing."""
    return np.flatnonzero(features.sum(0).A1)


def _spread(values: np.ndarray, seen: np.ndarray, width: int) -> np.ndarray:
    """float[rows, seen] in their places of float32[rows, width], zero elsewhere."""
    spread = np.zeros((len(values), width), dtype=np.float32)
    spread[:, seen] = values
    return spread
