"""The curves of a training run as one picture: loss, precision against recall, reliability and confusion.

`draw(run / CURVES, predictions, read_log(run))` at the end of a run, with its validation side.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import average_precision_score, precision_recall_curve

LOG, CURVES = "log.jsonl", "curves.png"
BINS = 10


@dataclass(frozen=True, slots=True)
class Predictions:
    """`truth` of 0 and 1 and `probabilities`, (rows, labels) each, and a threshold a label; one label for a binary."""

    labels: tuple[str, ...]
    truth: np.ndarray
    probabilities: np.ndarray
    thresholds: np.ndarray

    @classmethod
    def binary(cls, label: str, truth: np.ndarray, probabilities: np.ndarray, threshold: float) -> "Predictions":
        """Of a yes or no: truth and probabilities of shape (rows,)."""
        return cls((label,), truth[:, None], probabilities[:, None], np.array([threshold]))


def read_log(run: Path) -> list[dict]:
    """The entries of a run's log.jsonl; none when there is no log yet."""
    path = run / LOG
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def draw(path: Path, predictions: Predictions, log: Sequence[Mapping]) -> None:
    """Write the picture. Entries of `log` hold `step`, and `loss` or the validation `score` or both."""
    figure = Figure(figsize=(12, 9), layout="constrained")
    losses, recall, reliability, confusion = figure.subplots(2, 2).flat
    _losses(losses, log)
    _recall(recall, predictions)
    _reliability(reliability, predictions)
    _confusion(confusion, predictions)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def _losses(axes: Axes, log: Sequence[Mapping]) -> None:
    axes.set(title="Training loss and validation score", xlabel="step", ylabel="loss")
    axes.plot(*_series(log, "loss"), marker=".", color="C0", label="loss")
    scores = axes.twinx()
    scores.set_ylabel("score")
    scores.plot(*_series(log, "score"), marker="o", color="C1", label="score")
    lines = [*axes.get_lines(), *scores.get_lines()]
    axes.legend(handles=lines, loc="center right")


def _series(log: Sequence[Mapping], name: str) -> tuple[list[int], list[float]]:
    entries = [entry for entry in log if entry.get(name) is not None]
    return [entry["step"] for entry in entries], [entry[name] for entry in entries]


def _recall(axes: Axes, predictions: Predictions) -> None:
    axes.set(title="Precision and recall", xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.01))
    for place, label in enumerate(predictions.labels):
        truth, scores = predictions.truth[:, place], predictions.probabilities[:, place]
        if truth.any():
            precision, recall, _ = precision_recall_curve(truth, scores)
            axes.plot(recall, precision, label=f"{label} (AP {average_precision_score(truth, scores):.3f})")
    if axes.get_lines():
        axes.legend(loc="lower left", fontsize="small")


def _reliability(axes: Axes, predictions: Predictions) -> None:
    """Equal-mass bins over all labels together: the mean probability of a bin against the share that was true."""
    scores, truth = predictions.probabilities.ravel(), predictions.truth.ravel()
    bins = [part for part in np.array_split(np.argsort(scores, kind="stable"), BINS) if len(part)]
    axes.set(title=f"Reliability, {BINS} bins of equal mass", xlabel="probability", ylabel="share that is true")
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--")
    axes.plot([scores[part].mean() for part in bins], [truth[part].mean() for part in bins], marker="o")


def _confusion(axes: Axes, predictions: Predictions) -> None:
    """Of the rows that a label is true of: the share given that label, and the shares wrongly given the others."""
    truth, assigned = predictions.truth > 0, predictions.probabilities >= predictions.thresholds
    labels: tuple[str, ...] = predictions.labels
    if len(labels) == 1:
        labels = (f"not {labels[0]}", labels[0])
        truth, assigned = np.hstack([~truth, truth]), np.hstack([~assigned, assigned])
    counts = truth.astype(float).T @ (assigned & ~truth) + np.diag((truth & assigned).sum(0))
    shares = counts / np.maximum(truth.sum(0), 1)[:, None]
    axes.set(title="Confusion: right on the diagonal, wrong beside it", xlabel="predicted", ylabel="true")
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", fontsize="small")
    axes.set_yticks(range(len(labels)), labels, fontsize="small")
    for (row, column), share in np.ndenumerate(shares):
        color = "white" if share > 0.5 else "black"
        axes.text(column, row, f"{share:.2f}", ha="center", va="center", fontsize="small", color=color)
