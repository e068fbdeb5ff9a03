"""Figures of the categories model and of what it is measured against."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from sklearn.metrics import f1_score

from training.data import LABELS
from training.metrics import argmax_metrics, best_f1_threshold, fit_temperature, label_metrics
from training.splits import SEED

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Calibration:
    """A temperature and a threshold a label, float[labels] each, chosen on a validation side."""

    temperatures: np.ndarray
    thresholds: np.ndarray

    @classmethod
    def fit(cls, logits: np.ndarray, truth: np.ndarray) -> "Calibration":
        """Temperatures by log loss, then thresholds by each label's F1."""
        count = truth.shape[1]
        temperatures = np.array([fit_temperature(logits[:, n], truth[:, n]) for n in range(count)])
        scores = expit(logits / temperatures)
        return cls(temperatures, np.array([best_f1_threshold(scores[:, n], truth[:, n]) for n in range(count)]))

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """(rows, labels) calibrated probabilities."""
        return np.asarray(expit(logits / self.temperatures))


@dataclass(frozen=True, slots=True)
class Held:
    """One model on a test side: probabilities and truth, (rows, labels) each, and a threshold a label.

    `long`: bool[rows], the resumes that hold more than a BERT reads.
    """

    probabilities: np.ndarray
    thresholds: np.ndarray
    truth: np.ndarray
    long: np.ndarray

    @property
    def decisions(self) -> np.ndarray:
        """Where a label is given: bool[rows, labels]."""
        return np.asarray(self.probabilities >= self.thresholds)


def figures(held: Held) -> dict:
    """Multi-label figures, the reference's own by argmax, and micro-F1 with its 95% interval and by length."""
    return {
        **label_metrics(held.probabilities, held.truth, held.thresholds, LABELS),
        **argmax_metrics(held.probabilities, held.truth),
        "micro_f1_95": micro_f1_interval(held.decisions, held.truth),
        "by_length": {
            name: {"n": int(rows.sum()), "micro_f1": f1_score(held.truth[rows], held.decisions[rows], average="micro")}
            for name, rows in (("up to 512 tokens", ~held.long), ("over 512 tokens", held.long))
            if rows.any()
        },
        "n": len(held.truth),
    }


def micro_f1(right: float, given: float, true: float) -> float:
    """F1 of labels given right, given at all and true; 0 where there are none."""
    return 2 * right / max(given + true, 1)


def micro_f1_interval(decisions: np.ndarray, truth: np.ndarray) -> list[float]:
    """The 95% interval of micro-F1, by a bootstrap over resumes; labels given and true, (rows, labels) each."""
    counts = _counts(decisions, truth)
    drawn = np.random.default_rng(SEED).integers(0, len(counts), (RESAMPLES, len(counts)))
    found = [micro_f1(*counts[draw].sum(0)) for draw in drawn]
    return [float(end) for end in np.percentile(found, (2.5, 97.5))]


def difference(ours: Held, theirs: Held) -> dict:
    """Micro-F1 of ours less theirs on the same long resumes, with a paired bootstrap interval of 95% over resumes."""
    rows = ours.long
    counts = np.stack([_counts(held.decisions, held.truth)[rows] for held in (ours, theirs)], axis=1)
    drawn = np.random.default_rng(SEED).integers(0, len(counts), (RESAMPLES, len(counts)))
    apart = [micro_f1(*first) - micro_f1(*second) for first, second in (counts[draw].sum(0) for draw in drawn)]
    first, second = counts.sum(0)
    return {
        "n": int(rows.sum()), "micro_f1": micro_f1(*first), "micro_f1_cut": micro_f1(*second),
        "difference": micro_f1(*first) - micro_f1(*second),
        "difference_95": np.percentile(apart, (2.5, 97.5)).tolist(),
    }  # fmt: skip


def _counts(given: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Labels given right, given and true, a resume: int[rows, 3]."""
    true = truth > 0
    return np.stack([(given & true).sum(1), given.sum(1), true.sum(1)], axis=1)
