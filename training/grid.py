"""The match regression in training: fitted on a grid of resumes by jobs from which any cells may be missing.

The kernel is a product of one over resumes and one over jobs, so a full grid is solved through two small
eigendecompositions. Missing cells are filled with the prediction until it stands still, which is what the fit without
them would give (the EM algorithm: their expectation under the fit).
"""

from dataclasses import dataclass

import numpy as np

from scoring.bags import Bags, cosines, distances

RESUME_SHARPNESS, JOB_SHARPNESS = 1.0, 0.5
RESUME_WIDTH, JOB_WIDTH = 1.0, 2.0
"""Widths of the kernels, in medians of the distances between the texts that are learned from."""
FILLS, STILL = 100, 1e-4


@dataclass(frozen=True, slots=True)
class Grid:
    """Every resume beside every job: distances on either side, cosines between, and `scores`, NaN where absent."""

    resumes: np.ndarray
    jobs: np.ndarray
    cosines: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, resumes: Bags, jobs: Bags, scores: np.ndarray) -> "Grid":
        """From both sides' window vectors; `scores` float[resumes, jobs]."""
        near, asked = distances(resumes, resumes, RESUME_SHARPNESS), distances(jobs, jobs, JOB_SHARPNESS)
        alike = cosines(resumes, jobs)
        return cls(near.astype(np.float64), asked.astype(np.float64), alike.astype(np.float64), scores)


@dataclass(frozen=True, slots=True)
class Setting:
    """`noise`: the ridge; `share`: of the slope on the cosine that least squares would give inside a job."""

    noise: float
    share: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learned: `weights` over the resumes and jobs at `rows` and `columns` of the grid."""

    rows: np.ndarray
    columns: np.ndarray
    weights: np.ndarray
    resume_width: float
    job_width: float
    slope: float
    mean: float

    def scores(self, grid: Grid) -> np.ndarray:
        """Predictions for every cell of the grid, those learned from among them."""
        near = 1 + np.exp(-grid.resumes[:, self.rows] / self.resume_width)
        asked = 1 + np.exp(-grid.jobs[:, self.columns] / self.job_width)
        return self.mean + self.slope * grid.cosines + near @ self.weights @ asked.T


def fit(grid: Grid, seen: np.ndarray, setting: Setting) -> Fit:
    """Learn from the cells where `seen`, bool[resumes, jobs], and no others; absent scores are never seen."""
    seen = seen & ~np.isnan(grid.scores)
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    inner = np.ix_(rows, columns)
    known, cosine = seen[inner], grid.cosines[inner]
    targets = np.where(known, grid.scores[inner], np.nan)
    slope = setting.share * _slope(cosine, targets)
    rest = targets - slope * cosine
    mean = float(np.nanmean(rest))
    resumes, jobs = grid.resumes[np.ix_(rows, rows)], grid.jobs[np.ix_(columns, columns)]
    resume_width, job_width = RESUME_WIDTH * _median(resumes), JOB_WIDTH * _median(jobs)
    kernels = 1 + np.exp(-resumes / resume_width), 1 + np.exp(-jobs / job_width)
    weights = _solve(kernels[0], kernels[1], rest - mean, setting.noise)
    return Fit(rows, columns, weights, resume_width, job_width, slope, mean)


def _solve(resumes: np.ndarray, jobs: np.ndarray, targets: np.ndarray, noise: float) -> np.ndarray:
    """W with resumes @ W @ jobs + noise * W = targets, wherever these are no NaN."""
    (across, left), (down, right) = np.linalg.eigh(resumes), np.linalg.eigh(jobs)
    shrink = 1 / (np.outer(across, down) + noise)
    missing = np.isnan(targets)
    filled = np.where(missing, _additive(targets), targets)
    for _ in range(FILLS):
        weights = left @ ((left.T @ filled @ right) * shrink) @ right.T
        if not missing.any():
            break
        predicted = (filled - noise * weights)[missing]
        moved = np.abs(predicted - filled[missing]).max()
        filled[missing] = predicted
        if moved < STILL:
            break
    return weights


def _additive(targets: np.ndarray) -> np.ndarray:
    """What the means of row and column say of every cell; every row and column holds a number."""
    return np.nanmean(targets, 1)[:, None] + np.nanmean(targets, 0)[None] - np.nanmean(targets)


def _slope(cosine: np.ndarray, targets: np.ndarray) -> float:
    """Least squares of the score on the cosine, both as differences from their job's mean."""
    cosine = np.where(np.isnan(targets), np.nan, cosine)
    x, y = (side - np.nanmean(side, 0) for side in (cosine, targets))
    return float(np.nansum(x * y) / np.nansum(x * x))


def _median(apart: np.ndarray) -> float:
    return float(np.median(apart[np.triu_indices(len(apart), 1)]))
