"""One resume in a thousand that kills the process, exceeds memory, or exceeds time, every time it is read."""

import threading
from typing import Self

from sqlalchemy import Integer, func, select

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import JOBS, SCREENERS, Stage, resumes, upload
from benchmarks.chaos.watched import Watched, screening, until
from db.engine import app_session
from db.tables import Chunk, Resume

FATES = {
    "kill": "a resume in 1,000 kills its process",
    "memory": "a resume in 1,000 exceeds memory",
    "stall": "a resume in 1,000 takes no end of time",
}
RESUMES = 1_000
MOST_DEATHS = 5
LEAST_PARTS = 6


def _poisoned() -> int:
    """The resume of median length: batches are sorted by length, and only the last of a claim may be a small one."""
    rows = resumes(RESUMES)
    return sorted(range(RESUMES), key=lambda number: len(rows[number]["text"]))[RESUMES // 2]


POISONED = _poisoned()


def poison(stage: Stage) -> list[Row]:
    """A pool for each fate, all screened at the same time."""
    pools = []
    for fate in FATES:
        word = f"poison-{fate}"
        rows = [row | {"external_id": f"{fate} {row['external_id']}"} for row in resumes(RESUMES, {POISONED: word})]
        pools.append(upload(stage.client, word, rows))
        stage.arm(f"screen.scoring.{fate}", f"{fate} {word}")
    with Deaths(stage) as deaths, screening(stage, pools) as watched:
        until(watched.all_ended, 600)
    for fate in FATES:
        (stage.armed / f"screen.scoring.{fate}").unlink()
    return [_row(watched, fate, deaths.seen if fate == "kill" else 0) for fate in FATES]


class Deaths:
    """Counts the screening workers that went, by looking often while in `with`."""

    def __init__(self, stage: Stage) -> None:
        self.seen = 0
        self._stage, self._left = stage, threading.Event()
        self._thread = threading.Thread(target=self._count, name="deaths")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def _count(self) -> None:
        pids = self._now()
        while not self._left.wait(0.1):
            now = self._now()
            self.seen += len(now - pids)
            pids = now

    def _now(self) -> set[int]:
        return {self._stage.pid(name) for name in SCREENERS}


def _row(watched: Watched, fate: str, deaths: int) -> Row:
    mine = {item: reason for item, reason in watched.errored.items() if item[0].startswith(fate)}
    poisoned = f"{fate} applicant-{POISONED}"
    parts, largest = _parts(watched, fate)
    wrong = (
        [] if {resume for resume, _ in mine} == {poisoned} and len(mine) == JOBS else [f"errored were {sorted(mine)}"]
    )
    wrong += [f"{deaths} processes died"] if deaths > MOST_DEATHS else []
    wrong += [f"split {parts} ways only"] if parts < LEAST_PARTS and largest > 1 else []
    reason = next(iter(mine.values()), "")
    notes = f"{RESUMES - 1} resumes scored, 1 errored for all {JOBS} jobs: {reason} "
    notes += f"What was in hand of its chunk was split into {parts}."
    notes += f" {deaths} processes died." if deaths else ""
    return Row(FATES[fate], 1, watched.costs, notes=notes, wrong=tuple(wrong))


def _parts(watched: Watched, fate: str) -> tuple[int, int]:
    """Into how many parts the first batch with this fate's resume was split, and how many resumes the largest has.

    A batch has resumes of several chunks, and each chunk splits its own: counted are the parts of the chunk that the
    resume stands in, which may have fewer than six resumes of the batch. Of equal parts all but one are still there as
    they were made; that one was split again, into smaller ones.
    """
    size = func.cardinality(Chunk.resume_ids, type_=Integer)
    alone = select(Chunk.screening_id, Chunk.seq).join(Resume, Resume.id == Chunk.resume_ids[1])
    alone = alone.where(Chunk.screening_id.in_(watched.ids), Resume.external_id == f"{fate} applicant-{POISONED}")
    with app_session(watched.stage.running.tenant_id) as session:
        screening_id, seq = session.execute(alone.where(size == 1)).one()
        made = select(size).where(Chunk.screening_id == screening_id, Chunk.seq == seq, Chunk.failures > 0)
        sizes = session.scalars(made).all()
    return sizes.count(max(sizes)) + (max(sizes) > 1), max(sizes)
