"""One resume in a thousand that kills the process, exceeds memory, or exceeds time, every time it is read."""

from sqlalchemy import any_, func, select
from sqlalchemy.orm import aliased

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import SCREENERS, Stage, resumes, upload
from benchmarks.chaos.watched import Watched, screening, until
from db.engine import app_session
from db.tables import Chunk, Resume

FATES = {
    "kill": "a resume in 1,000 kills its process",
    "memory": "a resume in 1,000 exceeds memory",
    "hang": "a resume in 1,000 takes no end of time",
}
MOST_DEATHS = 5
LEAST_PARTS = 6


def poison(stage: Stage) -> list[Row]:
    """A pool for each fate, all screened at the same time."""
    pools = []
    for fate in FATES:
        word = f"poison-{fate}"
        rows = [row | {"external_id": f"{fate}-{row['external_id']}"} for row in _poisoned(stage, word)]
        pools.append(upload(stage.client, word, rows))
        stage.arm(f"screen.scoring.{fate}", f"{fate} {word}")
    deaths = Deaths(stage)
    with screening(stage, pools) as watched:
        until(lambda: deaths.count() < 0 or watched.ended_items() == stage.items * len(FATES), 600)
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


def _places(stage: Stage) -> tuple[int, int]:
    return stage.items // 4, stage.items * 3 // 4


def _poisoned(stage: Stage, word: str) -> list[dict[str, str]]:
    return resumes(stage.items, dict.fromkeys(_places(stage), word))


def _row(watched: Watched, fate: str, name: str, deaths: int) -> Row:
    mine = {resume: reason for resume, reason in watched.errored.items() if resume.startswith(f"{fate}-")}
    places = _places(watched.stage)
    expected = {f"{fate}-applicant-{place}" for place in places}
    parts = _parts(watched, list(expected))
    wrong = [] if mine.keys() == expected else [f"errored were {sorted(mine)}"]
    wrong += [f"{deaths} processes died"] if deaths > MOST_DEATHS * len(places) else []
    wrong += [f"split {parts} ways only"] if parts < LEAST_PARTS else []
    notes = (
        f"{len(mine)} of {watched.stage.items} errored: {next(iter(mine.values()), '')} Split at least {parts} ways."
    )
    notes += f" {deaths} processes died." if deaths else ""
    return Row(name, len(places), watched.costs, notes=notes, wrong=tuple(wrong))


def _parts(watched: Watched, names: list[str]) -> int:
    """Into how many parts the batch of each of these resumes was split, the fewest; a batch is split in its place."""
    poisoned, part = aliased(Chunk), aliased(Chunk)
    of_one = select(func.count()).where(
        part.screening_id == poisoned.screening_id, part.seq == poisoned.seq, part.failures > 0
    )
    query = select(of_one.scalar_subquery()).select_from(poisoned)
    query = query.join(Resume, (Resume.id == any_(poisoned.resume_ids)) & Resume.external_id.in_(names))
    query = query.where(poisoned.screening_id.in_(watched.ids))
    with app_session(watched.stage.running.tenant_id) as session:
        return min(session.scalars(query), default=0)
