"""Figures of merit, and what is fitted on a validation side: temperatures and thresholds."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import spearmanr
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    hamming_loss,
    ndcg_score,
    precision_recall_fscore_support,
    roc_auc_score,
)  # fmt: skip

GRID = np.linspace(0.05, 0.95, 91)
"""Thresholds that are tried on the validation side."""


def binary_metrics(probabilities: np.ndarray, truth: np.ndarray, threshold: float) -> dict:
    """AUC, accuracy, F1 and calibration of a binary decision beside the majority class's accuracy."""
    decisions = probabilities >= threshold
    return {
        "auc": roc_auc_score(truth, probabilities) if 0 < truth.mean() < 1 else None,
        "accuracy": accuracy_score(truth, decisions),
        "f1": f1_score(truth, decisions, zero_division=0),
        "majority_accuracy": max(truth.mean(), 1 - truth.mean()),
        "ece": calibration_error(probabilities, truth),
        "brier": float(np.mean((probabilities - truth) ** 2)),
    }


def ranking_metrics(scores: np.ndarray, graded: np.ndarray, truth: np.ndarray, job: np.ndarray) -> dict:
    """The ranking inside a job, averaged over jobs with both classes: AUC, Spearman and NDCG@10 by graded score."""
    rows = [job == name for name in np.unique(job)]
    rows = [row for row in rows if 0 < truth[row].mean() < 1]
    if not rows:
        return {"auc_in_job": None, "spearman_in_job": None, "ndcg10_in_job": None, "jobs": 0}
    return {
        "auc_in_job": float(np.mean([roc_auc_score(truth[row], scores[row]) for row in rows])),
        "spearman_in_job": float(np.mean([_rank_correlation(graded[row], scores[row]) for row in rows])),
        "ndcg10_in_job": float(np.mean([ndcg_score(graded[row][None], scores[row][None], k=10) for row in rows])),
        "jobs": len(rows),
    }


def _rank_correlation(graded: np.ndarray, scores: np.ndarray) -> float:
    """Spearman's; 0 where all are scored, or graded, alike: nothing is said of their order then."""
    if np.ptp(graded) == 0 or np.ptp(scores) == 0:
        return 0.0
    return float(spearmanr(graded, scores).statistic)


def label_metrics(probabilities: np.ndarray, truth: np.ndarray, thresholds: np.ndarray, labels: tuple) -> dict:
    """Multi-label figures of (resumes, labels) probabilities at each label's own threshold."""
    decisions = probabilities >= thresholds
    clipped = probabilities.clip(1e-7, 1 - 1e-7)
    precision, recall, f1, support = precision_recall_fscore_support(truth, decisions, zero_division=0)
    present = truth.any(0)
    per_label = {
        label: {
            "precision": precision[n], "recall": recall[n], "f1": f1[n], "support": int(support[n]),
            "threshold": float(thresholds[n]), "ece": calibration_error(probabilities[:, n], truth[:, n]),
        }
        for n, label in enumerate(labels)
    }  # fmt: skip
    return {
        "micro_f1": f1_score(truth, decisions, average="micro", zero_division=0),
        "macro_f1": f1_score(truth, decisions, average="macro", zero_division=0),
        "map": average_precision_score(truth[:, present], probabilities[:, present], average="macro"),
        "micro_f1_at_half": f1_score(truth, probabilities >= 0.5, average="micro", zero_division=0),
        "subset_accuracy": accuracy_score(truth, decisions),
        "hamming_loss": hamming_loss(truth, decisions),
        "bce": float(-np.mean(truth * np.log(clipped) + (1 - truth) * np.log(1 - clipped))),
        "per_label": per_label,
    }


def argmax_metrics(scores: np.ndarray, truth: np.ndarray) -> dict:
    """Reference 001's own figures: one class a row on either side, whatever the row's labels."""
    predicted, first = scores.argmax(1), truth.argmax(1)
    precision, recall, f1, _ = precision_recall_fscore_support(first, predicted, average="weighted", zero_division=0)
    accuracy = accuracy_score(first, predicted)
    return {
        "argmax_accuracy": accuracy, "argmax_precision": precision, "argmax_recall": recall, "argmax_f1": f1,
    }  # fmt: skip


def calibration_error(probabilities: np.ndarray, truth: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over equal-mass bins."""
    parts = np.array_split(np.argsort(probabilities, kind="stable"), bins)
    gaps = [len(part) * abs(probabilities[part].mean() - truth[part].mean()) for part in parts if len(part)]
    return float(sum(gaps) / len(truth))


def calibration_interval(
    probabilities: np.ndarray, truth: np.ndarray, clusters: np.ndarray, draws: int = 1000
) -> tuple[float, float, float]:
    """The calibration error with its 95% interval: whole clusters of rows drawn again with replacement."""
    random, members = np.random.default_rng(0), [np.flatnonzero(clusters == one) for one in np.unique(clusters)]
    errors = []
    for _ in range(draws):
        drawn = np.concatenate([members[place] for place in random.integers(0, len(members), len(members))])
        errors.append(calibration_error(probabilities[drawn], truth[drawn]))
    low, high = np.quantile(errors, (0.025, 0.975))
    return calibration_error(probabilities, truth), float(low), float(high)


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that minimises the log loss of sigmoid(logits / temperature)."""

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float(np.mean(np.logaddexp(0, scaled) - truth * scaled))

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def best_f1_threshold(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """The middle of the thresholds that give the best F1."""
    return _best([f1_score(truth, probabilities >= threshold, zero_division=0) for threshold in GRID])


def _best(values: list[float]) -> float:
    return round(float(np.median(GRID[np.isclose(values, max(values))])), 3)
