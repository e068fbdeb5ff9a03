"""The sweep behind a cancel: chunks that nobody works on are canceled, a few in a transaction.

What the first of two stages has scored is not lost by it: it ends as that ranked it.
"""

from uuid import UUID

from sqlalchemy import and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from db import screenings, second_stage
from db.tables import Chunk, Screening

BATCH = 20

_ITEMS = text(
    """
    INSERT INTO scores (tenant_id, screening_id, job_id, resume_id, state)
    SELECT c.tenant_id, c.screening_id, j.job_id, r.resume_id, 'canceled'
    FROM chunks c
    JOIN screening_jobs j ON j.tenant_id = c.tenant_id AND j.screening_id = c.screening_id
    CROSS JOIN LATERAL unnest(c.resume_ids) AS r (resume_id)
    WHERE c.tenant_id = :tenant_id AND c.id = ANY(CAST(:ids AS uuid[])) AND c.stage = 1
    """
)


def requested(session: Session) -> list[tuple[UUID, UUID]]:
    """(tenant_id, screening_id) of the screenings to sweep. Needs the system role."""
    waiting = select(Screening.tenant_id, Screening.id).where(Screening.state == "canceling").order_by(Screening.id)
    return [(row.tenant_id, row.id) for row in session.execute(waiting)]


def sweep(session: Session, screening_id: UUID) -> int:
    """Cancel some chunks of a screening that was asked to end; returns how many, 0 when none is free now.

    A chunk under a live lease is left to its worker, which gives it back at its next batch. Locked ones are skipped.
    """
    expired = and_(Chunk.state == "leased", Chunk.lease_until <= func.now())
    free = (
        select(Chunk.id)
        .join(Screening, and_(Chunk.tenant_id == Screening.tenant_id, Chunk.screening_id == Screening.id))
        .where(Screening.id == screening_id, Screening.state == "canceling", or_(Chunk.state == "due", expired))
        .order_by(Chunk.seq)
        .limit(BATCH)
        .with_for_update(of=Chunk, skip_locked=True)
    )
    ids = session.scalars(free).all()
    if not ids:
        return 0
    ended = update(Chunk).where(Chunk.id.in_(ids))
    ended = ended.values(state="canceled", finished_at=func.now(), lease_until=None)
    rows = session.execute(ended.returning(Chunk.items, Chunk.stage, Chunk.resume_ids)).all()
    session.execute(_ITEMS, {"tenant_id": session.info["tenant"], "ids": list(ids)})
    ranked = [id for row in rows if row.stage == second_stage.STAGE for id in row.resume_ids]
    scored = second_stage.rank_as_before(session, screening_id, ranked) if ranked else 0
    canceled = sum(row.items for row in rows if row.stage != second_stage.STAGE)
    screenings.settle(session, screening_id, scored=scored, canceled=canceled)
    return len(ids)
