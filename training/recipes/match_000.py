"""Reference 000, matching: `python -m training.recipes.match_000 --data resume_data.csv --base bert-base-uncased`.

Its columns as they stand in the file, joined by spaces; a match is a matched_score above 0.6; rows split at random, 80
to 20, stratified; 256 tokens; the whole BERT fine-tuned by the Trainer; accuracy. What it does not say is the Trainer's
own default: three epochs, batches of 8, a learning rate of 5e-5 that falls to zero. Every resume and every job stands
on both sides of such a split: docs/MODELS.md says what that flatters.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.model_selection import train_test_split

from training.curves import Predictions
from training.data import JOB_COLUMNS, MATCHED_ABOVE
from training.metrics import binary_metrics, ranking_metrics
from training.recipes.base import BERT, base_named
from training.recipes.command import command, parser
from training.recipes.finetuning import Settings, Texts, finetune
from training.recipes.record import record

RESUME_COLUMNS = ("career_objective", "skills", "major_field_of_studies", "professional_company_names")
NAME = "reference 000"
DEFAULTS = Settings(BERT, None, epochs=3, batch=8, learning_rate=5e-5, scheduler="linear", max_length=256)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the file: texts of both halves, the label, the graded score and the number of the job."""

    resume: list[str]
    job: list[str]
    matched: np.ndarray
    score: np.ndarray
    posting: np.ndarray

    def texts(self, rows: np.ndarray) -> Texts:
        """Sentence pairs, the resume first, of these rows."""
        return Texts([self.resume[row] for row in rows], [self.job[row] for row in rows], self.matched[rows].tolist())


def read(path: Path) -> Rows:
    """Read resume_data.csv as the reference does: empty strings for what is missing, list columns left as they are."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False).rename(columns=lambda name: name.strip("\ufeff "))
    resume, job = (frame[list(columns)].agg(" ".join, axis=1) for columns in (RESUME_COLUMNS, JOB_COLUMNS.values()))
    score = frame["matched_score"].astype(float).to_numpy()
    matched = (score > MATCHED_ABOVE).astype(int)
    return Rows(resume.tolist(), job.tolist(), matched, score, pd.factorize(job)[0])


def split(rows: Rows, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the training and the test side."""
    kept = np.arange(len(rows.matched))
    if settings.rows is not None and settings.rows < len(kept):
        kept, _ = train_test_split(
            kept, train_size=settings.rows, stratify=rows.matched, random_state=settings.seed
        )  # fmt: skip
    train, test = train_test_split(kept, test_size=0.2, stratify=rows.matched[kept], random_state=settings.seed)
    return train, test


def run(data: Path, directory: Path, settings: Settings) -> dict:
    """The whole recipe; returns its figures. Raises BaseError and OtherRunError."""
    base, rows = base_named(settings.base), read(data)
    train, test = split(rows, settings)
    sides = rows.texts(train), rows.texts(test)
    outcome = finetune(base, *sides, settings, directory, num_labels=2)
    scores, matched = softmax(outcome.logits, axis=1)[:, 1], rows.matched[test].astype(float)
    metrics = binary_metrics(scores, matched, 0.5)
    metrics |= ranking_metrics(scores, rows.score[test], matched, rows.posting[test])
    return record(directory, NAME, settings, sides, outcome, Predictions.binary("match", matched, scores, 0.5), metrics)


if __name__ == "__main__":
    sys.exit(command(parser(__doc__, DEFAULTS, "resume_data.csv", "runs/match_000"), run))
