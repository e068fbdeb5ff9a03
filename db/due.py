"""Work that is due, over all tenants, for the relay. Rows with a due time are the outbox: nothing else says the same.

Needs the system role, which reads ids and times and can only put a due time off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from db.tables import Chunk, Document

POSTPONED = timedelta(seconds=10)
"""A published row that nobody took by then is published again: its message was lost."""


@dataclass(frozen=True, slots=True)
class Due:
    """A row to hint at. `group` is its screening or upload: groups of a tenant take turns, and so do tenants."""

    tenant_id: UUID
    group: UUID
    id: UUID


_CHUNKS = text(
    """
    SELECT s.tenant_id, s.id AS "group", c.id
    FROM screenings s
    CROSS JOIN LATERAL (
        SELECT id, seq FROM chunks c
        WHERE c.tenant_id = s.tenant_id AND c.screening_id = s.id AND c.due_at <= now()
            AND (c.state = 'due' OR (c.state = 'leased' AND c.lease_until <= now()))
        ORDER BY seq LIMIT :limit
    ) c
    WHERE s.state = 'in_progress'
    ORDER BY s.created_at, c.seq
    """
)
_DOCUMENTS = text(
    """
    SELECT t.id AS tenant_id, d.upload_id AS "group", d.id
    FROM tenants t
    CROSS JOIN LATERAL (
        SELECT id, upload_id, due_at FROM documents d
        WHERE d.tenant_id = t.id AND d.due_at <= now()
            AND (d.state = 'due' OR (d.state = 'leased' AND d.lease_until <= now()))
        ORDER BY due_at LIMIT :limit
    ) d
    ORDER BY d.due_at
    """
)


def chunks(session: Session, limit: int) -> list[Due]:
    """The first claimable chunks, at most `limit` of each screening; the oldest screenings first."""
    return [Due(*row) for row in session.execute(_CHUNKS, {"limit": limit})]


def documents(session: Session, limit: int) -> list[Due]:
    """The documents that waited longest, at most `limit` of each tenant."""
    return [Due(*row) for row in session.execute(_DOCUMENTS, {"limit": limit})]


def postpone(session: Session, table: type[Chunk] | type[Document], rows: Sequence[Due]) -> None:
    """Put off rows that are about to be published."""
    session.execute(
        update(table)
        .where(table.id.in_([row.id for row in rows]), table.tenant_id.in_({row.tenant_id for row in rows}))
        .values(due_at=func.now() + POSTPONED)
    )


def ensure_partitions(session: Session, months: int = 2) -> None:
    """Make the partitions of results for this month and the coming ones."""
    session.execute(select(func.ensure_partitions(months)))
