"""Reference 001, categories: `python -m training.recipes.categories_001 --data resume_corpus.parquet`.

Ten labels, a sigmoid each; rows split at random, 90 to 10; the first 512 tokens; batches of 8, a learning rate of 2e-5,
three epochs of the whole BERT. A rate that falls is optional (--scheduler constant keeps it), the search-hit tags are
stripped (--keep-tags leaves them in, as the reference did).

Its own figures take the largest of ten logits and the first of the labels that are true, so a resume of two labels
counts as wrong when the model is surest of the second, and as right when it misses the second altogether. They are
reported as `argmax_...`, weighted by label as its printed recall, equal to its accuracy, shows; the others are honest
ones of all labels at 0.5.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.special import expit
from sklearn.model_selection import train_test_split

from training.category_figures import micro_f1_interval
from training.curves import Predictions
from training.data import LABELS, Corpus, read_corpus
from training.metrics import argmax_metrics, label_metrics
from training.recipes.base import BERT, base_named
from training.recipes.command import command, parser
from training.recipes.finetuning import Settings, Texts, finetune
from training.recipes.record import record

STRIPPED, KEPT = "tags stripped", "tags kept"
DEFAULTS = Settings(
    BERT, None, epochs=3, batch=8, learning_rate=2e-5, scheduler="linear", max_length=512, texts=STRIPPED
)  # fmt: skip
NAME = "reference 001"


def split(count: int, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the training and the test side."""
    rows = np.arange(count)
    if settings.rows is not None and settings.rows < count:
        rows = np.random.default_rng(settings.seed).permutation(rows)[: settings.rows]
    train, test = train_test_split(rows, test_size=0.1, random_state=settings.seed)
    return train, test


def run(data: Path, directory: Path, settings: Settings) -> dict:
    """The whole recipe; returns its figures. Raises BaseError and OtherRunError."""
    base, corpus = base_named(settings.base), read_corpus(data)
    train, test = split(len(corpus.texts), settings)
    sides = _texts(corpus, train, settings), _texts(corpus, test, settings)
    outcome = finetune(
        base, *sides, settings, directory, num_labels=len(LABELS), problem_type="multi_label_classification"
    )  # fmt: skip
    scores, truth, thresholds = expit(outcome.logits), corpus.labels[test], np.full(len(LABELS), 0.5)
    metrics = label_metrics(scores, truth, thresholds, LABELS) | argmax_metrics(outcome.logits, truth)
    metrics["micro_f1_95"] = micro_f1_interval(scores >= thresholds, truth)
    return record(directory, NAME, settings, sides, outcome, Predictions(LABELS, truth, scores, thresholds), metrics)


def _texts(corpus: Corpus, rows: np.ndarray, settings: Settings) -> Texts:
    texts = corpus.raw if settings.texts == KEPT else corpus.texts
    return Texts([texts[row] for row in rows], None, corpus.labels[rows].tolist())


def main() -> int:
    """The command line; 0 when it worked."""
    made = parser(__doc__, DEFAULTS, "resume_corpus.parquet", "runs/categories_001")
    made.add_argument("--keep-tags", dest="texts", action="store_const", const=KEPT, help="leave search-hit tags in")
    return command(made, run)


if __name__ == "__main__":
    sys.exit(main())
