"""Chunks whose scoring broke or never came back: only the batch in hand is to blame, and it is split until one is left.

What a worker has in hand is recorded before it is computed (`db.chunks.take_in_hand`), so a worker that dies tells over
which resumes. A resume in a batch of up to 144 that kills its worker does so four times: in its batch, in one of twelve
parts, and twice by itself; five times when a worker dies before it has recorded anything.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from db import screenings, second_stage
from db.counted import CHUNKS_SPLIT, count
from db.tables import Chunk, Score, ScreeningJob

PARTS = 12
MOST_IN_HAND = PARTS**2
"""Resumes of a batch: so many that its parts' parts are single resumes."""
BREAK_AFTER = 2
"""Failures after which a chunk is broken up whose worker never came to record a batch."""
GIVE_UP_AFTER = 3
"""Failures after which a single resume's items end as errored; a part begins with one."""
PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Broken:
    """A chunk whose row the caller has locked, of the screening's first or second `stage`.

    `failures` does not count the present one.

    `in_hand` holds its resumes of the batch that was computed; None before any batch of the claim was recorded.
    """

    id: UUID
    screening_id: UUID
    stage: int
    seq: int
    resume_ids: tuple[UUID, ...]
    items: int
    tokens: int
    failures: int
    in_hand: frozenset[UUID] | None


def fail(session: Session, chunk: Broken, reason: str) -> int | None:
    """Blame what was in hand. Returns the failures of a chunk that is due again as it was; None of any other.

    `reason` is for the person who uploaded the resume, should its items end as errored.
    """
    if chunk.in_hand is not None and not chunk.in_hand:
        _put_back(session, chunk.id, due_at=func.now())
        return chunk.failures
    failures, single = chunk.failures + 1, len(chunk.resume_ids) == 1
    if single and failures >= GIVE_UP_AFTER:
        _give_up(session, chunk, f"Scoring failed {failures} times: {reason}.")
    elif not single and (chunk.in_hand or failures >= BREAK_AFTER):
        _break_up(session, chunk, chunk.in_hand or chunk.resume_ids)
    else:
        _put_back(session, chunk.id, failures=failures, due_at=func.now() + PAUSE)
        return failures
    return None


def _put_back(session: Session, id: UUID, **values: Any) -> None:
    due = update(Chunk).where(Chunk.id == id).values(state="due", lease_until=None, in_hand=None, **values)
    session.execute(due)


def _give_up(session: Session, chunk: Broken, reason: str) -> None:
    ended = update(Chunk).where(Chunk.id == chunk.id)
    session.execute(ended.values(state="done", finished_at=func.now(), lease_until=None))
    if chunk.stage == second_stage.STAGE:
        ranked = second_stage.rank_as_before(session, chunk.screening_id, chunk.resume_ids, reason)
        screenings.settle(session, chunk.screening_id, scored=ranked)
        return
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


def _break_up(session: Session, chunk: Broken, blamed: Collection[UUID]) -> None:
    """Put the blamed resumes into parts, each claimed alone; the rest of the chunk is due as if nothing had happened.

    A worker that still holds the chunk will find no row under its lease.
    """
    rest = [id for id in chunk.resume_ids if id not in blamed]
    if rest:
        _put_back(session, chunk.id, due_at=func.now(), **_portion(session, chunk, rest))
    else:
        session.execute(delete(Chunk).where(Chunk.id == chunk.id))
    bad = [id for id in chunk.resume_ids if id in blamed]
    size = -(-len(bad) // PARTS)
    key = {"tenant_id": session.info["tenant"], "screening_id": chunk.screening_id, "stage": chunk.stage}
    key |= {"seq": chunk.seq, "failures": 1}
    parts = [key | _portion(session, chunk, bad[start : start + size]) for start in range(0, len(bad), size)]
    session.execute(insert(Chunk), parts)
    count(session, CHUNKS_SPLIT)


def _portion(session: Session, chunk: Broken, resume_ids: list[UUID]) -> dict[str, Any]:
    """These resumes of the chunk, with their share of its items and tokens."""
    items = chunk.items // len(chunk.resume_ids) * len(resume_ids)
    if chunk.stage == second_stage.STAGE:  # each stands on shortlists of its own
        items = second_stage.items(session, chunk.screening_id, resume_ids)
    return {"resume_ids": resume_ids, "items": items, "tokens": chunk.tokens * items // chunk.items}
