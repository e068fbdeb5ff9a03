"""Which deliveries to hint at: a hint opens a turn at an endpoint, and the places for turns are shared out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, text, tuple_, update
from sqlalchemy.orm import Session

from db.tables import Delivery

SLOTS = 32  # places: turns published or in work at once, over all workers
PER_ENDPOINT = 4  # of them at one endpoint; a straggler, whose last answer was bad or slow, gets one
PUBLISHED_FOR = timedelta(seconds=15)  # then the message counts as lost

# What a turn holds counts as one, what is published as a turn of its own; workers of before 0010 name no turn.
_TURNS = """
    SELECT tenant_id, endpoint_id,
        count(DISTINCT CASE WHEN lease_until > now() THEN coalesce(turn_id, id) ELSE id END) AS n
    FROM deliveries WHERE lease_until > now() OR published_until > now() GROUP BY 1, 2
"""
_CANDIDATES = text(
    f"""
    WITH busy AS ({_TURNS})
    SELECT e.tenant_id, d.id, e.failing_since IS NOT NULL OR e.slow AS straggler
    FROM endpoints e
    LEFT JOIN busy b ON b.tenant_id = e.tenant_id AND b.endpoint_id = e.id
    CROSS JOIN LATERAL (
        SELECT id, due_at, row_number() OVER (ORDER BY due_at) AS place FROM deliveries d
        WHERE d.tenant_id = e.tenant_id AND d.endpoint_id = e.id AND d.state IN ('due', 'leased')
            AND d.due_at <= now() AND coalesce(greatest(d.lease_until, d.published_until) <= now(), true)
        ORDER BY due_at
        LIMIT greatest(
            0, CASE WHEN e.failing_since IS NOT NULL OR e.slow THEN 1 ELSE :per_endpoint END - coalesce(b.n, 0)
        )
    ) d
    WHERE e.disabled_at IS NULL AND (e.paused_until IS NULL OR e.paused_until <= now())
    ORDER BY d.place, d.due_at
    """  # noqa: S608 - made of constants
)
_BUSY = text(
    f"""
    SELECT b.tenant_id, e.failing_since IS NOT NULL OR e.slow AS straggler, sum(b.n)::bigint AS n
    FROM ({_TURNS}) b JOIN endpoints e ON e.tenant_id = b.tenant_id AND e.id = b.endpoint_id GROUP BY 1, 2
    """  # noqa: S608 - made of constants
)


def due(session: Session, limit: int = SLOTS) -> list[tuple[UUID, UUID]]:
    """(tenant_id, delivery_id) of the deliveries to publish now, which count as published from here on.

    The worker begins with that delivery and goes on with others of its endpoint. So that slow receivers never fill the
    workers, at most `limit` turns are published or in work at once, of which a tenant gets half, and all stragglers
    together a quarter. Needs the system role.
    """
    busy = session.execute(_BUSY).all()
    if sum(row.n for row in busy) >= limit:
        return []
    candidates = session.execute(_CANDIDATES, {"per_endpoint": PER_ENDPOINT})
    chosen = list(_within_shares(candidates, busy, limit))
    if chosen:
        published = update(Delivery).where(tuple_(Delivery.tenant_id, Delivery.id).in_(chosen))
        session.execute(published.values(published_until=func.now() + PUBLISHED_FOR))
    return chosen


def _within_shares(candidates: Iterable[Row[Any]], busy: Iterable[Row[Any]], limit: int) -> Iterator[tuple[UUID, UUID]]:
    tenants: Counter[UUID] = Counter()
    straggling = 0
    for row in busy:
        tenants[row.tenant_id] += row.n
        straggling += row.n if row.straggler else 0
    for row in candidates:
        if tenants.total() >= limit:
            return
        if tenants[row.tenant_id] * 2 >= limit or (row.straggler and straggling * 4 >= limit):
            continue
        tenants[row.tenant_id] += 1
        straggling += row.straggler
        yield row.tenant_id, row.id
