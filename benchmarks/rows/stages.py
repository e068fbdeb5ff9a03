"""Two stages, the pair model on the best 50 of each job, against the pair model on every pair: order, and cost."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.stage import timed
from scoring.packs import Pack, newest_pack
from training.data import Matches, read_matches
from training.metrics import ranking_metrics
from training.pair_figures import READERS
from training.splits import match_sides

PACKS = Path(__file__).parents[2] / "packs"
TOP = 50
"""Resumes of each job that the second stage reads."""
JUDGED = 10
"""Places of a ranking that people look at: of these is the NDCG, and the recall."""
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Orders:
    """Every pair's score in three orders, the higher the better; in `both` what was read twice precedes the rest."""

    matches: Matches
    rows: NDArray[np.int64]
    first: Scores
    pairs: Scores
    both: Scores

    def ndcg(self, scores: Scores, kept: NDArray[np.bool_]) -> float:
        """Of these rows, by the data set's graded scores: the mean over jobs."""
        rows = self.rows[kept]
        of_rows = (self.matches.score[rows], self.matches.matched[rows], self.matches.job[rows])
        return float(ranking_metrics(scores[kept], *of_rows)["ndcg10_in_job"])

    def recall(self) -> float:
        """How many of each job's best by the pair model the first stage hands on, in per cent."""
        jobs = self.matches.job[self.rows]
        found = []
        for job in np.unique(jobs):
            of_job = np.flatnonzero(jobs == job)
            handed_on = set(of_job[np.argsort(-self.first[of_job], kind="stable")[:TOP]])
            wanted = of_job[np.argsort(-self.pairs[of_job], kind="stable")[:JUDGED]]
            found.append(np.mean([row in handed_on for row in wanted]))
        return 100 * float(np.mean(found))


def measure(setup: Setup) -> list[Row]:
    """Three rows; none without the public data, as only its labels tell how good an order is."""
    file = setup.real("resume_data.csv")
    if file is None:
        return []
    matches = read_matches(file)
    jobs = setup.of(4, len(matches.jobs))
    rows = np.flatnonzero(matches.job < jobs)
    seconds: dict[str, float] = {}
    orders = _orders(matches, rows, seconds)
    held_out = match_sides(matches, "resumes")[rows] == "test"
    told = f"{len(matches.resumes)} resumes x {jobs} jobs of resume_data.csv; shipped packs"
    return [
        _order(orders, np.ones(len(rows), dtype=bool), "all resumes, most of which both models learned from", told),
        _order(orders, held_out, "the resumes that neither model learned from, in the order of all", told),
        _cost(rows, np.unique(matches.job[rows], return_counts=True)[1], seconds, told),
    ]


def _orders(matches: Matches, rows: NDArray[np.int64], seconds: dict[str, float]) -> _Orders:
    match, pairs = (newest_pack(PACKS, name) for name in ("match", "pairs"))
    found: dict[str, Scores] = {}

    def read(name: str, pack: Pack, some: NDArray[np.int64]) -> None:
        scored = READERS[pack.name]
        seconds[name] = timed(lambda: found.update({name: scored(pack, matches, some).probabilities}))

    read("first stage", match, rows)
    jobs = matches.job[rows]
    best = np.concatenate([
        of_job[np.argsort(-found["first stage"][of_job], kind="stable")[:TOP]]
        for of_job in (np.flatnonzero(jobs == job) for job in np.unique(jobs))
    ])  # fmt: skip
    read("second stage", pairs, rows[best])
    read("all pairs", pairs, rows)
    both = found["first stage"].copy()
    both[best] = 1 + found["second stage"]
    return _Orders(matches, rows, found["first stage"], found["all pairs"], both)


def _order(orders: _Orders, kept: NDArray[np.bool_], whose: str, texts: str) -> Row:
    ours, theirs = orders.ndcg(orders.both, kept), orders.ndcg(orders.pairs, kept)
    return Row(
        name=f"first stage + pair model at K = {TOP}: NDCG@{JUDGED}, {whose}",
        against="the pair model on all pairs",
        target=Target(0.98),
        values=[ours / theirs],
        rates={
            "two stages": ours,
            "pair model on all": theirs,
            "first stage alone": orders.ndcg(orders.first, kept),
            f"of its top {JUDGED} handed on, %": orders.recall(),
        },
        ceiling="1x where the first stage hands on whatever the pair model ranks highest; more where it leaves out "
        "what the pair model overrates",
        n=int(kept.sum()),
        texts=texts,
        limit="The first stage reads each text by itself, and leaves out what only reading both together would find.",
    )


def _cost(rows: NDArray[np.int64], of_jobs: NDArray[np.int64], seconds: dict[str, float], texts: str) -> Row:
    passes = int(np.minimum(of_jobs, TOP).sum())
    return Row(
        name=f"first stage + pair model at K = {TOP}: passes of the pair model",
        against="the pair model on all pairs",
        target=Target(1 / 3, at_most=True),
        values=[passes / len(rows)],
        rates={
            "passes": passes,
            "of": len(rows),
            "two stages, s": seconds["first stage"] + seconds["second stage"],
            "all pairs, s": seconds["all pairs"],
        },
        ceiling=f"K of a job's resumes: the larger the pool, the less of it; all of a pool of {TOP}",
        n=len(rows),
        texts=texts,
    )
