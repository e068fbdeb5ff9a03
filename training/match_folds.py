"""Measures the match recipe and what it is held against: `python -m training.match_folds --data FOLDER`.

Four ways to hold pairs out, five folds each; every model is trained anew on each fold, with all that is chosen or
calibrated taken from inside its training side. A fold's figures are kept under runs/match_folds as soon as they are
there, so that the same command goes on where it stopped; then the table of docs/MODELS.md is written.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from training.data import MATCHED_ABOVE, Matches, read_matches
from training.grid import Grid
from training.match_baselines import cosine_model, linear_model, majority_model
from training.match_fit import THRESHOLD, train
from training.match_texts import Sides, read_sides
from training.metrics import binary_metrics, calibration_interval, ranking_metrics
from training.recipes.record import FIGURES as FIGURES_FILE
from training.recipes.record import table_rows
from training.report import keep
from training.splits import folds

COUNT = 5
SPLITS = ("random rows", "unseen resumes", "unseen jobs", "both unseen")
FIGURES = ("accuracy", "auc", "f1", "spearman_in_job", "ndcg10_in_job", "auc_in_job")
RUN = Path("runs/match_folds")


@dataclass(frozen=True, slots=True)
class Task:
    """One fold: cells of the grid that may be seen and cells that are tested, bool[resumes, jobs] each."""

    matches: Matches
    sides: Sides
    grid: Grid
    seen: np.ndarray
    test: np.ndarray


Model = Callable[[Task], tuple[np.ndarray, float | None]]
"""Probabilities for every cell of the grid, and how many pairs a second it scores, texts in; None if it reads none."""


def recipe(task: Task) -> tuple[np.ndarray, float | None]:
    """The shipped pack's recipe."""
    trained = train(task.grid, task.seen, task.sides.groups())
    began = time.monotonic()
    probabilities = trained.probabilities(task.grid)
    return probabilities, probabilities.size / (time.monotonic() - began + task.sides.seconds)


RECIPE = "recipe of match/2"
MODELS: dict[str, Model] = {
    "majority class": majority_model,
    "TF-IDF + logistic regression": linear_model,
    "MiniLM cosine, untrained": cosine_model,
    RECIPE: recipe,
}


def tasks(matches: Matches, sides: Sides, split: str) -> Iterator[Task]:
    """The folds of one split, dealt by hash of the texts."""
    grid, groups = sides.grid(matches), sides.groups()
    there = ~np.isnan(grid.scores)
    resume, job = folds(groups.resumes, COUNT), folds(groups.jobs, COUNT)
    keys = [f"{one}\x1f{other}" for one in groups.resumes for other in groups.jobs]
    cell = folds(keys, COUNT).reshape(grid.scores.shape)
    for fold in range(COUNT):
        rows, columns = (resume == fold)[:, None], (job == fold)[None]
        test, hidden = {
            "random rows": (cell == fold, cell == fold),
            "unseen resumes": (rows & (job >= 0)[None], rows),
            "unseen jobs": (columns & (resume >= 0)[:, None], columns),
            "both unseen": (rows & columns, rows | columns),
        }[split]
        yield Task(matches, sides, grid, there & ~hidden, there & test)


def measured(task: Task, model: Model) -> dict:
    """The figures of one fold, and what pooling needs: probability, label and cluster of every tested pair."""
    probabilities, rate = model(task)
    rows, columns = np.nonzero(task.test)
    scores, graded = probabilities[task.test], task.grid.scores[task.test]
    truth = (graded > MATCHED_ABOVE).astype(float)
    return {
        **binary_metrics(scores, truth, THRESHOLD), **ranking_metrics(scores, graded, truth, columns),
        "n": len(truth), "per_second": rate,
        "pooled": [scores.tolist(), truth.tolist(), rows.tolist(), columns.tolist()],
    }  # fmt: skip


def table(run: Path) -> dict[str, dict]:
    """A row a split and model: mean and spread over the folds, the calibration error of all folds pooled."""
    rows = {}
    for split in SPLITS:
        for name in MODELS:
            found = [json.loads(path.read_text()) for path in sorted(run.glob(f"{_name(split, name)}-*.json"))]
            rows[f"{split}: {name}"] = _row(found, split)
    return rows


def _row(found: list[dict], split: str) -> dict:
    figures = {name: [fold[name] for fold in found if fold[name] is not None] for name in FIGURES}
    pools = zip(*(fold["pooled"] for fold in found), strict=True)
    scores, truth, rows, columns = (np.concatenate(part) for part in pools)
    means = {
        name: {"mean": float(np.mean(values)), "spread": float(np.std(values))}
        for name, values in figures.items()
        if values and np.isfinite(values).all()
    }
    pooled = calibration_interval(scores, truth, columns if split == "unseen jobs" else rows)
    return {
        **means, "ece": pooled[0], "ece_95": list(pooled[1:]), "folds": len(found), "n": len(scores),
        "per_second": _rate([fold["per_second"] for fold in found]),
    }  # fmt: skip


def _rate(rates: list[float | None]) -> int | None:
    measured = [rate for rate in rates if rate is not None]
    return round(float(np.mean(measured))) if measured else None


def _references(run: Path) -> dict[str, dict]:
    """The reference's recipe on random rows, where it was run (training.recipes.match_000)."""
    if not (run / FIGURES_FILE).exists():
        return {}
    return {f"random rows, one fold: {name}": row for name, row in table_rows([run]).items()}


def run_folds(matches: Matches, sides: Sides, run: Path) -> None:
    """Every fold that is not measured yet."""
    run.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        for fold, task in enumerate(tasks(matches, sides, split)):
            for name, model in tqdm(MODELS.items(), desc=f"{split} {fold}", leave=False):
                path = run / f"{_name(split, name)}-{fold}.json"
                if not path.exists():
                    path.write_text(json.dumps(measured(task, model), default=float))


def _name(split: str, model: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in f"{split}-{model}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds resume_data.csv")
    parser.add_argument("--run", type=Path, default=RUN)
    parser.add_argument("--reference", type=Path, default=Path("runs/match_000"), help="training.recipes.match_000's")
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    options = parser.parse_args()
    matches = read_matches(options.data / "resume_data.csv")
    run_folds(matches, read_sides(matches), options.run)
    keep(options.page, "match", {**table(options.run), **_references(options.reference)})


if __name__ == "__main__":
    main()
