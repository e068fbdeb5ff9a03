"""Work that is due, over all tenants, for the relay. Rows with a due time are the outbox: nothing else says the same.

Needs the system role, which reads ids and times and can only put a due time off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import TextClause, func, select, text, update
from sqlalchemy.orm import Session

from db.tables import Chunk, Document, Passages

POSTPONED = timedelta(seconds=10)
"""A published row that nobody took by then is published again: its message was lost."""


@dataclass(frozen=True, slots=True)
class Due:
    """A row to hint at. `group` is its screening or upload: groups of a tenant take turns, and so do tenants."""

    tenant_id: UUID
    group: UUID
    id: UUID


@dataclass(frozen=True, slots=True)
class Waiting:
    """A screening with work to do, as fair turns see it.

    `served` counts the tokens ever claimed of it, `ready` its claimable chunks (no further than was asked), and `room`
    the claims that its tenant may still have at once; None is no limit. One that ended lately is told once more, with
    nothing ready, so that its last claim counts.
    """

    tenant_id: UUID
    id: UUID
    weight: int
    low: bool
    served: int
    ready: int
    room: int | None


_CLAIMABLE = """
    SELECT id, seq FROM chunks c
    WHERE c.tenant_id = s.tenant_id AND c.screening_id = s.id AND s.state = 'in_progress' AND c.due_at <= now()
        AND (c.state = 'due' OR (c.state = 'leased' AND c.lease_until <= now()))
    ORDER BY seq
"""
_SCREENINGS = text(
    f"""
    SELECT s.tenant_id, s.id, t.weight, s.low, s.claimed_tokens,
        (SELECT count(*) FROM ({_CLAIMABLE} LIMIT :limit) c),
        CASE WHEN t.running_limit IS NOT NULL THEN greatest(0, t.running_limit - (
            SELECT count(DISTINCT claim_id) FROM chunks c
            WHERE c.tenant_id = t.id AND c.state = 'leased' AND c.lease_until > now()
        )) END
    FROM screenings s JOIN tenants t ON t.id = s.tenant_id
    WHERE s.state = 'in_progress' OR s.ended_at > now() - interval '1 minute'
    """  # noqa: S608 - made of constants
)
_CHUNKS = text(
    f"""
    SELECT s.tenant_id, s.id, c.id
    FROM screenings s CROSS JOIN LATERAL ({_CLAIMABLE} LIMIT :limit) c
    WHERE s.tenant_id = :tenant_id AND s.id = :id
    """  # noqa: S608 - made of constants
)


def _oldest(table: str, group: str) -> TextClause:
    """What waited longest in a table that is its own outbox, at most `limit` of each tenant."""
    return text(
        f"""
        SELECT t.id AS tenant_id, w.{group} AS "group", w.id
        FROM tenants t
        CROSS JOIN LATERAL (
            SELECT id, {group}, due_at FROM {table} r
            WHERE r.tenant_id = t.id AND r.due_at <= now()
                AND (r.state = 'due' OR (r.state = 'leased' AND r.lease_until <= now()))
            ORDER BY due_at LIMIT :limit
        ) w
        ORDER BY w.due_at
        """  # noqa: S608 - made of constants
    )


_DOCUMENTS = _oldest("documents", "upload_id")
_PASSAGES = _oldest("passages", "screening_id")


def screenings(session: Session, limit: int) -> list[Waiting]:
    """Every screening in progress, and those that ended within the last minute; `ready` is at most `limit`."""
    return [Waiting(*row) for row in session.execute(_SCREENINGS, {"limit": limit})]


def chunks(session: Session, screening: Waiting, limit: int) -> list[Due]:
    """The first claimable chunks of a screening, at most `limit`."""
    wanted = {"tenant_id": screening.tenant_id, "id": screening.id, "limit": limit}
    return [Due(*row) for row in session.execute(_CHUNKS, wanted)]


def documents(session: Session, limit: int) -> list[Due]:
    """The documents that waited longest, at most `limit` of each tenant."""
    return [Due(*row) for row in session.execute(_DOCUMENTS, {"limit": limit})]


def passages(session: Session, limit: int) -> list[Due]:
    """The items that waited longest for their passages, at most `limit` of each tenant."""
    return [Due(*row) for row in session.execute(_PASSAGES, {"limit": limit})]


def postpone(
    session: Session,
    table: type[Chunk] | type[Document] | type[Passages],
    rows: Sequence[Due],
    by: timedelta = POSTPONED,
) -> list[Due]:
    """Put off rows that are about to be published; by nothing, those whose hints were withdrawn. Returns those put off.

    Who has a row locked is about to take it or has just let it go: it needs no hint now, and is not waited for, as
    workers lock rows in orders of their own.
    """
    wanted = table.id.in_([row.id for row in rows]), table.tenant_id.in_({row.tenant_id for row in rows})
    free = set(session.scalars(select(table.id).where(*wanted).with_for_update(skip_locked=True)))
    session.execute(update(table).where(table.id.in_(free), wanted[1]).values(due_at=func.now() + by))
    return [row for row in rows if row.id in free]
