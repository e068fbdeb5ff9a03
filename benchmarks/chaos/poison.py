"""One resume in a thousand that kills the process, exceeds memory, or exceeds time, every time it is read."""

from sqlalchemy import any_, func, select
from sqlalchemy.orm import aliased

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import JOBS, SCREENERS, Stage, resumes, upload
from benchmarks.chaos.watched import Watched, screening, until
from db.engine import app_session
from db.tables import Chunk, Resume

FATES = {
    "kill": "a resume in 1,000 kills its process",
    "memory": "a resume in 1,000 exceeds memory",
    "hang": "a resume in 1,000 takes no end of time",
}
RESUMES = 1_000
POISONED = 500
MOST_DEATHS = 5
LEAST_PARTS = 6


def poison(stage: Stage) -> list[Row]:
    """A pool for each fate, all screened at the same time."""
    pools = []
    for fate in FATES:
        word = f"poison-{fate}"
        rows = resumes(RESUMES, {POISONED: word})
        pools.append(
            upload(stage.client, word, [row | {"external_id": f"{fate} {row['external_id']}"} for row in rows])
        )
        stage.arm(f"screen.scoring.{fate}", f"{fate} {word}")
    deaths = Deaths(stage)
    with screening(stage, pools) as watched:
        until(lambda: deaths.count() < 0 or watched.all_ended(), 600)
    for fate in FATES:
        (stage.armed / f"screen.scoring.{fate}").unlink()
    return [_row(watched, fate, name, deaths.seen if fate == "kill" else 0) for fate, name in FATES.items()]


class Deaths:
    """Counts the processes that went, as far as looking often shows."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.seen = stage, 0
        self._pids = self._now()

    def count(self) -> int:
        """Look once more."""
        now = self._now()
        self.seen += len(now - self._pids)
        self._pids = now
        return self.seen

    def _now(self) -> set[int]:
        return {self.stage.pid(name) for name in SCREENERS}


def _row(watched: Watched, fate: str, name: str, deaths: int) -> Row:
    mine = {item: reason for item, reason in watched.errored.items() if item[0].startswith(fate)}
    poisoned = f"{fate} applicant-{POISONED}"
    parts = _parts(watched, poisoned)
    wrong = (
        [] if {resume for resume, _ in mine} == {poisoned} and len(mine) == JOBS else [f"errored were {sorted(mine)}"]
    )
    wrong += [f"{deaths} processes died"] if deaths > MOST_DEATHS else []
    wrong += [f"split {parts} ways only"] if parts < LEAST_PARTS else []
    reason = next(iter(mine.values()), "")
    notes = f"{RESUMES - 1} resumes scored, 1 errored for all {JOBS} jobs: {reason} Its batch stood in {parts} parts."
    notes += f" {deaths} processes died." if deaths else ""
    return Row(name, 1, watched.costs, notes=notes, wrong=tuple(wrong))


def _parts(watched: Watched, name: str) -> int:
    """Into how many parts the batch with this resume was split; parts stand in the place of what they are of."""
    poisoned, part = aliased(Chunk), aliased(Chunk)
    query = select(func.count()).select_from(poisoned)
    query = query.join(Resume, (Resume.id == any_(poisoned.resume_ids)) & (Resume.external_id == name))
    query = query.join(part, (part.screening_id == poisoned.screening_id) & (part.seq == poisoned.seq))
    query = query.where(poisoned.screening_id.in_(watched.ids), part.failures > 0)
    with app_session(watched.stage.running.tenant_id) as session:
        return session.scalars(query).one()
