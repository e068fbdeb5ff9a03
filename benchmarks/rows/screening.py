"""The whole system, from the upload to the last score, against the engine by itself; and the same pool again."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.performance.peers import interleave, medians, ratios
from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.stage import Stage, seconds_of, staged, timed
from benchmarks.performance.texts import as_job, multiplied_samples, resume_corpus, sample_jobs
from scoring.inputs import Job, Resume
from scoring.pipeline import Pipeline

PACKS = Path(__file__).parents[2] / "packs"
SYSTEM, ENGINE = "whole system", "engine alone"
LIMIT = (
    "Besides the arithmetic a screening waits for the relay's first hint, its first and last claim have no neighbour "
    "to overlap with, and rows are written: the shorter the screening, the more these weigh. Tried without a gain: "
    "portions of 8 to 192 resumes, and a shorter switch interval of Python's threads, which share its lock while one "
    "prepares and the others compute."
)


@dataclass(slots=True)
class _Peers:
    """The system and the engine on the same texts; every round brings new ones, of which nothing is known yet."""

    stage: Stage
    engine: Pipeline
    job_ids: list[str]
    jobs: list[Job]
    rounds: list[list[dict[str, str]]]
    first_seconds: list[float] = field(default_factory=list)
    again_seconds: list[float] = field(default_factory=list)
    _system: int = 0
    _engine: int = 0

    def system(self) -> float:
        """Resumes a second from the first byte of the upload to the commit of the last score. Then screens again."""
        rows = self.rounds[self._system]
        begun = time.time()
        pool = self.stage.pool(f"round {self._system}", rows)
        first = self.stage.screened(pool, self.job_ids)
        assert first.ended_at is not None
        lasted = first.ended_at.timestamp() - begun
        self.first_seconds.append(seconds_of(first))
        self.again_seconds.append(seconds_of(self.stage.screened(pool, self.job_ids)))
        self._system += 1
        return len(rows) / lasted

    def alone(self) -> float:
        """Resumes a second of the same texts in this process."""
        rows = self.rounds[self._engine]
        resumes = [Resume(row["external_id"], row["text"]) for row in rows]
        self._engine += 1
        return len(rows) / timed(lambda: self.engine.score(self.engine.prepare(resumes, self.jobs)))


def measure(setup: Setup) -> list[Row]:
    """Two rows of one run."""
    count = setup.of(48, 600)
    rounds, texts = _texts(setup, count)
    with staged(setup, tiny=False) as stage:
        job_ids = stage.jobs(sample_jobs())
        warm = stage.screened(stage.pool("warm", rounds[-1]), job_ids)
        jobs = list(map(as_job, sample_jobs()))
        peers = _Peers(stage, Pipeline.load(PACKS, warm.packs), job_ids, jobs, rounds)
        found = interleave(setup.repeats, {SYSTEM: peers.system, ENGINE: peers.alone})
    return [
        Row(
            name=f"{SYSTEM}: upload to last score committed",
            against=f"the {ENGINE} on the same texts, already in memory",
            target=Target(0.9),
            values=ratios(found[SYSTEM], found[ENGINE]),
            rates=medians(found, "resumes/s"),
            ceiling="1x; more where the system reads the texts of one claim while another computes",
            n=count * len(job_ids),
            texts=f"{texts}; {len(job_ids)} jobs; shipped packs",
            limit=LIMIT,
        ),
        Row(
            name="screening the same pool again",
            against="its first screening",
            target=Target(20),
            values=ratios(peers.first_seconds, peers.again_seconds),
            rates=medians({"first": peers.first_seconds, "again": peers.again_seconds}, "s"),
            ceiling="no model is read: what is left is to wake the relay and a worker, and the copying of rows",
            n=count * len(job_ids),
            texts=f"{texts}; {len(job_ids)} jobs; shipped packs",
            limit="Before the copying, a worker's transaction, come the API's request and the relay's turn.",
        ),
    ]  # fmt: skip


def _texts(setup: Setup, count: int) -> tuple[list[list[dict[str, str]]], str]:
    """Texts for every round and one to warm up with, and where they are from."""
    corpus = setup.real("resume_corpus.parquet")
    if corpus is None:
        rounds = [multiplied_samples(count, seed=turn) for turn in range(setup.repeats + 1)]
        return rounds, f"{count} resumes a round of the samples' lines"
    rows = resume_corpus(corpus, count * (setup.repeats + 1))
    return [
        rows[start : start + count] for start in range(0, len(rows), count)
    ], f"{count} resumes a round of resume_corpus"
