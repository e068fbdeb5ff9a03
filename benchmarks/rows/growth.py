"""What an item costs as resumes and jobs grow tenfold: on a tiny encoder, so that everything else shows."""

import statistics

from benchmarks.performance.row import Curve, Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.stage import Stage, seconds_of, staged
from benchmarks.performance.texts import invented, postings

CHARACTERS = 300
TEXTS = "invented resumes of 300 characters; tiny random encoder"
LIMIT = "A screening's fixed costs and its last claim weigh more on the small side; what grows is told by the plot."


def measure(setup: Setup) -> list[Row]:
    """One job against N resumes; R resumes against M jobs."""
    resumes, against_many, jobs = setup.of((500, 60, 50), (20_000, 300, 100))
    with staged(setup) as stage:
        job_ids = stage.jobs(postings(jobs))
        pools = {
            count: stage.pool(f"{count}", list(invented(count, CHARACTERS, seed=count))) for count in _sizes(resumes)
        }
        many = stage.pool("many", list(invented(against_many, CHARACTERS, seed=3)))
        stage.screened(many, job_ids[:1], reuse=False)  # models are loaded, rates are known
        by_resumes = _rounds(setup, stage, [(pools[count], job_ids[:1]) for count in _sizes(resumes)])
        by_jobs = _rounds(setup, stage, [(many, job_ids[:count]) for count in _sizes(jobs)])
    return [
        _row(f"one job against {resumes:,} short resumes", "resumes", _sizes(resumes), by_resumes, resumes),
        _row(f"{against_many} resumes against {jobs} jobs", "jobs", _sizes(jobs), by_jobs, against_many * jobs),
    ]


def _sizes(most: int) -> list[int]:
    """A tenth, and what lies between."""
    return [most // 10, most * 3 // 10, most]


def _rounds(setup: Setup, stage: Stage, work: list[tuple[str, list[str]]]) -> list[list[float]]:
    """Of each round, milliseconds an item at each size."""
    rounds = []
    for _ in range(setup.repeats):
        ended = [stage.screened(pool, jobs, reuse=False) for pool, jobs in work]
        rounds.append([1000 * seconds_of(one) / one.total for one in ended])
    return rounds


def _row(name: str, noun: str, sizes: list[int], rounds: list[list[float]], items: int) -> Row:
    medians = [statistics.median(costs) for costs in zip(*rounds, strict=True)]
    return Row(
        name=name,
        against=f"cost an item with a tenth of the {noun}",
        target=Target(1.10, at_most=True),
        values=[costs[-1] / costs[0] for costs in rounds],
        rates={f"{size:,} {noun}, ms an item": cost for size, cost in zip(sizes, medians, strict=True)},
        ceiling="1x: a cost that does not depend on the size",
        n=items,
        texts=TEXTS,
        limit=LIMIT,
        curve=Curve(noun, "ms an item", {name: list(zip(sizes, medians, strict=True))}),
    )
