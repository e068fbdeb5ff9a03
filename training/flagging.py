"""Scores of whole texts, the threshold above which one is flagged, and figures of merit with their spread."""

from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.metrics import precision_recall_curve

from scoring.detector import Detector
from scoring.passages import read

RESAMPLES = 1000
"""Of the measured texts, for 95% intervals (percentiles of the bootstrap)."""
SLICE = 50
"""Texts that are read, or resamples that are drawn, at once."""


def worst_scores(detector: Detector, texts: Sequence[str]) -> np.ndarray:
    """The score of each text's worst passage, float[texts]; 0 for a text without words."""
    parts = (texts[at : at + SLICE] for at in range(0, len(texts), SLICE))
    scores = (own for part in parts for own in detector.scores([read(text) for text in part]))
    return np.array([own.max(initial=0.0) for own in scores])


def least_threshold(untouched: Sequence[np.ndarray], limit: float) -> float:
    """The lowest threshold that flags at most this share of clean documents, each sort of them counting the same."""
    scores = np.concatenate(untouched)
    shares = np.concatenate([np.full(len(sort), 1 / len(sort) / len(untouched)) for sort in untouched])
    order = np.argsort(-scores, kind="stable")
    within = np.cumsum(shares[order]) <= limit
    return float(np.nextafter(scores[order][within.argmin()], 2)) if not within.all() else 0.0


def choose_threshold(scores: np.ndarray, truth: np.ndarray, least: float, beta: float = 1) -> float:
    """The threshold of the best F-beta that is no lower than `least`."""
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    f_beta = (1 + beta**2) * precision * recall / np.maximum(beta**2 * precision + recall, 1e-12)
    allowed = thresholds >= least
    return float(thresholds[np.argmax(np.where(allowed, f_beta[:-1], -1))]) if allowed.any() else least


def figures(scores: np.ndarray, truth: np.ndarray, threshold: float) -> dict:
    """Figures of merit of scores in [0, 1] against bool labels, None where a class is absent; `_95`: their interval."""
    order = np.argsort(-scores, kind="stable")
    scores, truth = scores[order], truth[order]
    found: dict[str, float | None] = {
        name: float(values[0]) for name, values in _merits(np.ones((1, len(truth))), scores, truth, threshold)
    }
    if not truth.any():
        found["auc_pr"] = None
    random, share = np.random.default_rng(0), np.full(len(truth), 1 / len(truth))
    parts = [
        dict(_merits(random.multinomial(len(truth), share, size=SLICE), scores, truth, threshold))
        for _ in range(RESAMPLES // SLICE if truth.any() else 0)
    ]
    intervals = {
        f"{name}_95": np.percentile(np.concatenate([part[name] for part in parts]), (2.5, 97.5)).round(3).tolist()
        for name in found
        if parts
    }
    counts = {"n": len(truth), "positives": int(truth.sum()), "flagged": int((scores >= threshold).sum())}
    return {**found, **intervals, **counts, "threshold": threshold}


def _merits(
    times: np.ndarray, scores: np.ndarray, truth: np.ndarray, threshold: float
) -> Iterator[tuple[str, np.ndarray]]:
    """Precision, recall, F1 and average precision, float[resamples] each, where text i is there `times[:, i]` times.

    `scores` fall. What has no divisor is 0.
    """
    positives = times @ truth
    flagged = scores >= threshold
    right = times @ (flagged & truth)
    yield "precision", _ratio(right, times @ flagged)
    yield "recall", _ratio(right, positives)
    yield "f1", _ratio(2 * right, times @ flagged + positives)
    ends = np.flatnonzero(np.diff(scores, append=-1))  # texts of one score stand together
    found, seen = np.cumsum(times * truth, axis=1)[:, ends], np.cumsum(times, axis=1)[:, ends]
    yield "auc_pr", _ratio((np.diff(found, axis=1, prepend=0) * _ratio(found, seen)).sum(1), positives)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole > 0)
