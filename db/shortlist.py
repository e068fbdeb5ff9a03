"""Shortlists: while the first stage goes on, the best of each job so far wait; whoever is no more among them has ended.

Nobody leaves a shortlist but for somebody better, so that an item outside is outside for good, and its score is final.
The caller holds the screening's row, as two finishing transactions must not fill the same place.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, insert, select, text
from sqlalchemy.orm import Session

from db.tables import Screening, Shortlisted

REAL_STEP = 1e-6
"""Further apart than this, two probabilities are in the same order once they are stored in single precision."""

COLUMNS = (
    "tenant_id, screening_id, job_id, resume_id, probability, matched, windows, input_hash, reused_from, explanation"
)
"""What a row of `scores` takes from here, but for what the pair model says."""

_TRIM = f"""
WITH placed AS (
    SELECT job_id, resume_id, row_number() OVER (PARTITION BY job_id ORDER BY probability DESC, resume_id) AS place
    FROM shortlist WHERE tenant_id = :tenant_id AND screening_id = :id
), outside AS (
    DELETE FROM shortlist USING placed
    WHERE shortlist.tenant_id = :tenant_id AND shortlist.screening_id = :id AND placed.place > :top
        AND shortlist.resume_id = placed.resume_id AND shortlist.job_id = placed.job_id
    RETURNING shortlist.*
)
INSERT INTO scores ({COLUMNS}, state) SELECT {COLUMNS}, 'scored' FROM outside
"""  # noqa: S608 - made of constants


def hold(session: Session, screening_id: UUID) -> None:
    """Let nobody else change the shortlists of the screening before this transaction ends."""
    session.execute(select(Screening.id).where(Screening.id == screening_id).with_for_update(key_share=True))


def admit(
    session: Session, screening_id: UUID, top: int, scores: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Put rows of `scores` on the shortlists; returns those that are on none. Follow it with `trim`."""
    floors = _floors(session, screening_id, top)
    key = {"tenant_id": session.info["tenant"], "screening_id": screening_id}
    admitted, outside = [], []
    for row in scores:
        if row["probability"] < floors.get(row["job_id"], 0.0) - REAL_STEP:
            outside.append(row)
        else:
            admitted.append({**key, **{name: row[name] for name in row if name != "state"}})
    if admitted:
        session.execute(insert(Shortlisted), admitted)
    return outside


def trim(session: Session, screening_id: UUID, top: int) -> int:
    """End the items that are not among the `top` of their job any more; returns how many."""
    told = {"tenant_id": session.info["tenant"], "id": screening_id, "top": top}
    return cast(CursorResult[Any], session.execute(text(_TRIM), told)).rowcount


def _floors(session: Session, screening_id: UUID, top: int) -> dict[UUID, float]:
    """The lowest probability on each shortlist that is full."""
    lists = select(Shortlisted.job_id, func.min(Shortlisted.probability).label("lowest"))
    lists = lists.where(Shortlisted.screening_id == screening_id).group_by(Shortlisted.job_id)
    full = session.execute(lists.having(func.count() >= top))
    return {row.job_id: row.lowest for row in full}
