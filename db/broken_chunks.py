"""Chunks whose scoring broke or never came back: tried alone, then in parts, until only the bad item is left.

A worker that dies over one resume in a chunk of up to 144 is killed five times at most: with other chunks, alone, over
one of twelve parts, and twice over the single resume.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from db import screenings
from db.tables import Chunk, Score, ScreeningJob

PARTS = 12
BREAK_AFTER = 2
"""Failures after which a chunk of several resumes is broken up; its parts begin with one, so each is claimed alone."""
GIVE_UP_AFTER = 3
"""Failures after which a single resume's items end as errored."""
PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Broken:
    """A chunk whose row the caller has locked; `failures` does not count the present one."""

    id: UUID
    screening_id: UUID
    seq: int
    resume_ids: tuple[UUID, ...]
    items: int
    tokens: int
    failures: int


def fail(session: Session, chunk: Broken, reason: str) -> bool:
    """Count a failure. True when the chunk is due again as it is; else it was broken up or its items ended.

    `reason` is for the person who uploaded the resume, should its items end as errored.
    """
    failures = chunk.failures + 1
    single = len(chunk.resume_ids) == 1
    if failures < (GIVE_UP_AFTER if single else BREAK_AFTER):
        again = update(Chunk).where(Chunk.id == chunk.id)
        session.execute(again.values(state="due", failures=failures, due_at=func.now() + PAUSE, lease_until=None))
        return True
    if single:
        _give_up(session, chunk, f"Scoring failed {failures} times: {reason}.")
    else:
        _break_up(session, chunk)
    return False


def _give_up(session: Session, chunk: Broken, reason: str) -> None:
    ended = update(Chunk).where(Chunk.id == chunk.id)
    session.execute(ended.values(state="done", finished_at=func.now(), lease_until=None))
    items = select(
        literal(session.info["tenant"]),
        ScreeningJob.screening_id,
        ScreeningJob.job_id,
        literal(chunk.resume_ids[0]),
        literal("errored"),
        literal(reason),
    ).where(ScreeningJob.screening_id == chunk.screening_id)
    columns = ["tenant_id", "screening_id", "job_id", "resume_id", "state", "reason"]
    session.execute(insert(Score).from_select(columns, items))
    screenings.settle(session, chunk.screening_id, errored=chunk.items)


def _break_up(session: Session, chunk: Broken) -> None:
    """Replace the chunk by its parts; a worker that still holds it will find no row."""
    session.execute(delete(Chunk).where(Chunk.id == chunk.id))
    size = -(-len(chunk.resume_ids) // PARTS)
    slices = [chunk.resume_ids[start : start + size] for start in range(0, len(chunk.resume_ids), size)]
    parts = [
        {
            "tenant_id": session.info["tenant"],
            "screening_id": chunk.screening_id,
            "seq": chunk.seq,
            "resume_ids": list(part),
            "items": chunk.items // len(chunk.resume_ids) * len(part),
            "tokens": chunk.tokens * len(part) // len(chunk.resume_ids),
            "failures": 1,
        }
        for part in slices
    ]
    session.execute(insert(Chunk), parts)
