"""How well held-out pairs are scored: by the pair model, by the match model, and by both in two stages."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from scoring.arithmetic import arithmetic
from scoring.formats import Format
from scoring.match import MatchModel
from scoring.packs import Pack, find_base
from scoring.pairs import PairModel
from scoring.readable import match_text
from scoring.text import job_text
from scoring.tokens import Tokenizer
from training.data import Matches
from training.metrics import binary_metrics, ranking_metrics

RANKING = ("spearman_in_job", "ndcg10_in_job", "auc_in_job")
SHARES = {"a sixth": 1 / 6, "a third": 1 / 3}
"""Of a job's resumes, how many the second stage reads: 50 of the 284 resumes of the whole file are about a sixth."""
DRAWS = 200


@dataclass(frozen=True, slots=True)
class Rows:
    """Some pairs of the file, by their places: graded scores, labels of 0 and 1, resumes and jobs."""

    graded: np.ndarray
    truth: np.ndarray
    resume: np.ndarray
    job: np.ndarray

    @classmethod
    def of(cls, matches: Matches, rows: np.ndarray) -> "Rows":
        """Those of the file at `rows`."""
        return cls(matches.score[rows], matches.matched[rows], matches.resume[rows], matches.job[rows])

    def drawn(self, places: np.ndarray) -> "Rows":
        """Some of them, some more than once."""
        return Rows(self.graded[places], self.truth[places], self.resume[places], self.job[places])

    def ranking(self, scores: np.ndarray) -> dict[str, float]:
        """The order inside a job, the mean over jobs."""
        found = ranking_metrics(scores, self.graded, self.truth, self.job)
        return {name: found[name] for name in RANKING}

    def figures(self, scores: np.ndarray, threshold: float) -> dict[str, Any]:
        """The decision at the threshold, the probability, and the order inside a job."""
        return {**binary_metrics(scores, self.truth, threshold), **self.ranking(scores), "n": len(self.truth)}


@dataclass(frozen=True, slots=True)
class Scored:
    """Probabilities of some pairs, their threshold, and the pairs a second that were scored, texts in, if measured."""

    probabilities: np.ndarray
    threshold: float
    per_second: float | None


def by_pairs(pack: Pack, matches: Matches, rows: np.ndarray, format: str = Format.FP32) -> Scored:
    """Scored by a pack of the kind pairs, by the code of the service."""
    model = PairModel.from_pack(pack, arithmetic(pack, format=format))
    resumes, jobs = [match_text(one) for one in matches.resumes], [job_text(one) for one in matches.jobs]
    pairs = list(zip(matches.resume[rows].tolist(), matches.job[rows].tolist(), strict=True))
    began = time.monotonic()
    probabilities = model.probabilities(resumes, jobs, pairs)
    return Scored(probabilities, model.threshold, round(len(rows) / (time.monotonic() - began), 1))


@torch.inference_mode()
def by_match(pack: Pack, matches: Matches, rows: np.ndarray, format: str = Format.FP32) -> Scored:
    """Scored by a match pack, by the code of the service: only the resumes and jobs of these rows are read."""
    model, tokenizer = MatchModel.load(pack, format=format), Tokenizer.load(find_base(pack))
    (resumes, resume), (jobs, job) = (
        np.unique(side[rows], return_inverse=True) for side in (matches.resume, matches.job)
    )
    texts = [match_text(matches.resumes[n]) for n in resumes], [job_text(matches.jobs[n]) for n in jobs]
    began = time.monotonic()
    bags = [model.reader.read(tokenizer, side) for side in texts]
    probabilities = model.probabilities(*bags)[resume, job]
    return Scored(probabilities, model.threshold, round(len(rows) / (time.monotonic() - began), 1))


READERS = {"match": by_match, "pairs": by_pairs}
"""How a pack of each name scores pairs."""


def two_stages(first: np.ndarray, second: np.ndarray, job: np.ndarray, share: float) -> np.ndarray:
    """The order of two stages, as scores: in each job the first stage's best `share` by the second, above the rest."""
    combined = first.copy()
    for one in np.unique(job):
        rows = np.flatnonzero(job == one)
        best = rows[np.argsort(-first[rows], kind="stable")[: round(share * len(rows))]]
        combined[best] = 1 + second[best]
    return combined


def compared(rows: Rows, first: Scored, second: Scored) -> dict[str, dict[str, Any]]:
    """Rows of a table: the match model, the pair model on all pairs, and both in two stages."""
    found = {
        name: {**rows.figures(one.probabilities, one.threshold), "per_second": one.per_second}
        for name, one in (("match", first), ("pairs", second))
    }
    for name, share in SHARES.items():
        order = two_stages(first.probabilities, second.probabilities, rows.job, share)
        found[f"match first, pairs on {name} of each job"] = {**rows.ranking(order), "n": len(rows.truth)}
    return found


def difference(rows: Rows, scores: np.ndarray, against: np.ndarray) -> Mapping[str, list[float]]:
    """By how much one order inside a job is better than another: a figure's 95% interval, [low, high].

    Whole resumes are drawn again, the same ones for both.
    """
    random, members = np.random.default_rng(0), [np.flatnonzero(rows.resume == one) for one in np.unique(rows.resume)]
    draws = []
    for _ in range(DRAWS):
        places = np.concatenate([members[place] for place in random.integers(0, len(members), len(members))])
        drawn = rows.drawn(places)
        one, other = drawn.ranking(scores[places]), drawn.ranking(against[places])
        if None not in one.values():  # of a draw in which every job has one class alone nothing is to be said
            draws.append([one[name] - other[name] for name in RANKING])
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    return {name: [float(low[n]), float(high[n])] for n, name in enumerate(RANKING)}
