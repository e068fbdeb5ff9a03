"""The second stage of a screening: the pair model ranks the shortlists that the first stage leaves behind.

It begins in the transaction in which the first stage ends, whatever ended it, and only once: whoever counts last holds
the screening's row, and sees that no chunk is left. Whatever happens in it, an item that the first stage has scored
ends as scored: by the pair model, or else as the first stage ranked it (docs/decisions/two-stages.md).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, exists, func, select, text, update
from sqlalchemy.orm import Session

from db import bell
from db.shortlist import COLUMNS
from db.tables import Chunk, Screening, Shortlisted

PACK = "pairs"
"""The pack of the pair model, which a screening pins beside the others when it has a second stage."""
STAGE = 2
PAIR_TOKENS = 256
"""About what the pair model reads of a resume and a job together."""
CHUNK_TOKENS = 32_000

_KNOWN = f"""
WITH ended AS (
    DELETE FROM shortlist
    WHERE tenant_id = :tenant_id AND screening_id = :id AND pair_probability IS NOT NULL
        AND (CAST(:resumes AS uuid[]) IS NULL OR resume_id = ANY(CAST(:resumes AS uuid[])))
    RETURNING *
)
INSERT INTO scores ({COLUMNS}, pair_probability, pair_matched, state)
SELECT {COLUMNS}, pair_probability, pair_matched, 'scored' FROM ended
"""  # noqa: S608 - made of constants

_AS_FIRST_RANKED = f"""
WITH ended AS (
    DELETE FROM shortlist
    WHERE tenant_id = :tenant_id AND screening_id = :id
        AND (CAST(:resumes AS uuid[]) IS NULL OR resume_id = ANY(CAST(:resumes AS uuid[])))
    RETURNING *
)
INSERT INTO scores ({COLUMNS}, reason, state) SELECT {COLUMNS}, :reason, 'scored' FROM ended
"""  # noqa: S608 - made of constants

_RANKED = """
UPDATE shortlist SET pair_probability = said.probability, pair_matched = said.matched, reused_from = NULL
FROM unnest(
    CAST(:resumes AS uuid[]), CAST(:jobs AS uuid[]), CAST(:probabilities AS real[]), CAST(:matched AS boolean[])
) AS said (resume_id, job_id, probability, matched)
WHERE shortlist.tenant_id = :tenant_id AND shortlist.screening_id = :id
    AND shortlist.resume_id = said.resume_id AND shortlist.job_id = said.job_id
"""

# Chunks are cut as those of the first stage, by what the pair model has to read. Nothing of them was scored before.
_CHUNKS = """
WITH work AS (
    SELECT resume_id, count(*) AS items FROM shortlist
    WHERE tenant_id = :tenant_id AND screening_id = :id GROUP BY resume_id
), placed AS (
    SELECT resume_id, items, (sum(items) OVER (ORDER BY resume_id) - items) * :pair_tokens / :budget AS place FROM work
)
INSERT INTO chunks (tenant_id, screening_id, stage, seq, resume_ids, items, tokens, sought)
SELECT :tenant_id, :id, :stage, row_number() OVER (ORDER BY floor(place)), array_agg(resume_id ORDER BY resume_id),
    sum(items), sum(items) * :pair_tokens, true
FROM placed GROUP BY floor(place)
"""


def is_due(session: Session, screening_id: UUID) -> bool:
    """Whether the first stage has ended just now; the caller holds the screening's row."""
    left = Chunk.screening_id == screening_id, Chunk.state.in_(("due", "leased"))
    return not session.scalar(select(exists().where(*left)))


def begin(session: Session, screening_id: UUID, *, canceled: bool) -> int:
    """Make the shortlists the work of a second stage; returns the items that end at once.

    Those are the ones that an earlier screening knows, or all of them once the screening is to be `canceled`.
    """
    if canceled:
        return rank_as_before(session, screening_id, None)
    waiting = select(func.count()).where(Shortlisted.screening_id == screening_id).scalar_subquery()
    begun = update(Screening).where(Screening.id == screening_id)
    session.execute(begun.values(second_stage_at=func.now(), second_stage_items=waiting))
    known = _count(session, _KNOWN, screening_id, resumes=None)
    told = {"stage": STAGE, "pair_tokens": PAIR_TOKENS, "budget": CHUNK_TOKENS}
    _count(session, _CHUNKS, screening_id, **told)
    bell.ring(session)
    return known


def wanted(session: Session, screening_id: UUID, resume_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The jobs on whose shortlists each of these resumes stands."""
    listed = select(Shortlisted.resume_id, Shortlisted.job_id).where(Shortlisted.screening_id == screening_id)
    jobs: dict[UUID, list[UUID]] = {}
    for row in session.execute(listed.where(Shortlisted.resume_id.in_(resume_ids))):
        jobs.setdefault(row.resume_id, []).append(row.job_id)
    return jobs


def items(session: Session, screening_id: UUID, resume_ids: Collection[UUID]) -> int:
    """How many items of these resumes wait."""
    listed = select(func.count()).where(Shortlisted.screening_id == screening_id)
    return session.scalars(listed.where(Shortlisted.resume_id.in_(resume_ids))).one()


def rank(session: Session, screening_id: UUID, scores: Sequence[Mapping[str, Any]], errors: Mapping[UUID, str]) -> int:
    """End items by what the pair model said of them, and those of resumes that it could not read; returns how many."""
    said = {
        "resumes": [row["resume_id"] for row in scores],
        "jobs": [row["job_id"] for row in scores],
        "probabilities": [row["probability"] for row in scores],
        "matched": [row["matched"] for row in scores],
    }
    _count(session, _RANKED, screening_id, **said)
    ended = _count(session, _KNOWN, screening_id, resumes=said["resumes"])
    return ended + sum(rank_as_before(session, screening_id, [id], reason) for id, reason in errors.items())


def rank_as_before(
    session: Session, screening_id: UUID, resume_ids: Sequence[UUID] | None, reason: str | None = None
) -> int:
    """End items of these resumes (of all, with None) as the first stage ranked them; returns how many.

    `reason` tells the customer why the pair model did not.
    """
    resumes = None if resume_ids is None else list(resume_ids)
    return _count(session, _AS_FIRST_RANKED, screening_id, resumes=resumes, reason=reason)


def _count(session: Session, statement: str, screening_id: UUID, **values: Any) -> int:
    told = {"tenant_id": session.info["tenant"], "id": screening_id, **values}
    return cast(CursorResult[Any], session.execute(text(statement), told)).rowcount
