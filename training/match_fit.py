"""How the match regression is chosen and calibrated: by folds inside the cells that may be seen, and nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from scoring.match import Calibration
from training.data import MATCHED_ABOVE
from training.grid import Fit, Grid, Setting, fit
from training.splits import folds

SETTINGS = tuple(Setting(noise, share) for noise, share in product((0.3, 1.0), (0.5, 0.75)))
INNER_FOLDS, INNER_SEED = 5, 21
THRESHOLD = 0.5
"""On calibrated probabilities: where a match is likelier than not."""

Log = Callable[[dict], None]


@dataclass(frozen=True, slots=True)
class Groups:
    """The keys of a grid's resumes and jobs: equal keys never stand on two sides of a fold."""

    resumes: Sequence[str]
    jobs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Trained:
    """A fit, the setting that was chosen for it, and its calibration."""

    fit: Fit
    setting: Setting
    calibration: Calibration

    def probabilities(self, grid: Grid) -> np.ndarray:
        """Of every cell of the grid."""
        return self.calibration.probabilities(self.fit.scores(grid))


def train(grid: Grid, seen: np.ndarray, groups: Groups, log: Log = lambda _: None) -> Trained:
    """Choose a setting by its squared error on inner folds, calibrate on the same folds, and fit all that is seen.

    Inner folds hold out resumes, then jobs, so that neither is favoured.
    """
    seen = seen & ~np.isnan(grid.scores)
    sides = inner_sides(seen, groups)
    tried = [_tried(grid, seen, sides, setting) for setting in SETTINGS]
    for step, (setting, (scores, truth)) in enumerate(zip(SETTINGS, tried, strict=True)):
        error = float(np.mean((scores - truth) ** 2))
        auc = float(roc_auc_score(truth > MATCHED_ABOVE, scores))
        log({"step": step, "loss": error, "score": auc, "noise": setting.noise, "share": setting.share})
    best = int(np.argmin([np.mean((scores - truth) ** 2) for scores, truth in tried]))
    scores, truth = tried[best]
    return Trained(fit(grid, seen, SETTINGS[best]), SETTINGS[best], calibrate(scores, truth > MATCHED_ABOVE))


def inner_sides(seen: np.ndarray, groups: Groups) -> list[np.ndarray]:
    """Cells that each inner fold holds out, bool[resumes, jobs] each, among those seen."""
    resume = np.array(folds(groups.resumes, INNER_FOLDS, INNER_SEED))
    job = np.array(folds(groups.jobs, INNER_FOLDS, INNER_SEED))
    by_resume = [seen & (resume == fold)[:, None] for fold in range(INNER_FOLDS)]
    return [held for held in (*by_resume, *(seen & (job == fold)[None] for fold in range(INNER_FOLDS))) if held.any()]


def calibrate(scores: np.ndarray, matched: np.ndarray) -> Calibration:
    """Logistic regression from predicted scores to labels."""
    fitted = LogisticRegression(C=10.0).fit(scores[:, None], matched)
    return Calibration(round(float(fitted.coef_[0, 0]), 5), round(float(fitted.intercept_[0]), 5))


def _tried(
    grid: Grid, seen: np.ndarray, sides: Sequence[np.ndarray], setting: Setting
) -> tuple[np.ndarray, np.ndarray]:
    """Predictions and true scores of all held-out cells of all inner folds."""
    predicted = [fit(grid, seen & ~held, setting).scores(grid)[held] for held in sides]
    return np.concatenate(predicted), np.concatenate([grid.scores[held] for held in sides])
