"""Scores are stale once a later screening of the same pool and job ran to its end with other packs.

A second stage replaces nothing of a screening that has none, and only a screening with a second stage replaces one.

Nothing is written: each screening keeps the versions that it began with, so the question is answered when it is asked,
and versions are never mixed within one screening.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Replacement:
    """The latest screening of the pool and job, and the versions of its packs."""

    screening_id: UUID
    packs: Mapping[str, str]


_REPLACED = text(
    """
    SELECT old.id, later.job_id, later.id AS later_id, later.packs
    FROM screenings old
    JOIN screening_jobs mine ON mine.tenant_id = old.tenant_id AND mine.screening_id = old.id
    CROSS JOIN LATERAL (
        SELECT s.id, s.packs, theirs.job_id
        FROM screenings s
        JOIN screening_jobs theirs
            ON theirs.tenant_id = s.tenant_id AND theirs.screening_id = s.id AND theirs.job_id = mine.job_id
        WHERE s.tenant_id = old.tenant_id AND s.pool_id = old.pool_id AND s.id > old.id
            AND s.state = 'ended' AND s.canceled = 0 AND s.retry_of IS NULL
            AND (jsonb_exists(s.packs, 'pairs') OR NOT jsonb_exists(old.packs, 'pairs'))
        ORDER BY s.id DESC LIMIT 1
    ) later
    WHERE old.tenant_id = :tenant_id AND old.id = ANY(:ids) AND NOT later.packs @> old.packs
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid(as_uuid=True))))


def replaced(session: Session, screening_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, Replacement]]:
    """For each screening with stale scores: its jobs whose scores are, and what replaced them."""
    found: dict[UUID, dict[UUID, Replacement]] = {}
    if screening_ids:
        rows = session.execute(_REPLACED, {"tenant_id": session.info["tenant"], "ids": list(screening_ids)})
        for row in rows:
            found.setdefault(row.id, {})[row.job_id] = Replacement(row.later_id, row.packs)
    return found
