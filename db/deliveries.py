"""The life of a delivery: due, claimed under a lease, tried, then ended or due again; by the database's clock.

The POST happens between two transactions. A worker that dies there leaves a lease that runs out, and the delivery is
made again under the same webhook-id: at least once, and receivers tell repeats by that id.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, false, func, insert, or_, select, text, true, tuple_, update
from sqlalchemy.orm import Session

from db import endpoints, events, secrets
from db.counted import LEASES_EXPIRED, WAS_LEASED, count
from db.tables import Attempt, Delivery, Endpoint, Event

SLOTS = 32  # deliveries published or in work at once, over all workers
PER_ENDPOINT = 4  # of them at one endpoint; a straggler, whose last answer was bad or slow, gets one at a time
SLOW = timedelta(seconds=2)
PUBLISHED_FOR = timedelta(seconds=15)  # then the message counts as lost
LEASE = timedelta(seconds=30)  # the POST's 15 s, and time to record it
WORN_OUT = timedelta(days=5)  # of failures without a break disable an endpoint


@dataclass(frozen=True, slots=True)
class Claim:
    """One try to make. All `secrets` sign, the current one comes first; `timestamp` is Unix time in seconds."""

    delivery_id: UUID
    endpoint_id: UUID
    event_id: UUID
    attempt: int
    tries: int
    url: str
    timestamp: int
    body: bytes
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Try:
    """What came of a try. `retry_in` is None when no further one is wanted; `pause` is asked for by the receiver."""

    succeeded: bool
    latency_ms: int
    status: int | None = None
    error: str | None = None
    response: str | None = None
    retry_in: timedelta | None = None
    pause: timedelta | None = None
    gone: bool = False


_CANDIDATES = text(
    """
    WITH busy AS (
        SELECT tenant_id, endpoint_id, count(*) AS n FROM deliveries
        WHERE lease_until > now() OR published_until > now() GROUP BY 1, 2
    )
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
    """
)
_BUSY = text(
    """
    SELECT d.tenant_id, e.failing_since IS NOT NULL OR e.slow AS straggler, count(*) AS n
    FROM deliveries d JOIN endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
    WHERE d.lease_until > now() OR d.published_until > now() GROUP BY 1, 2
    """
)


def due(session: Session, limit: int = SLOTS) -> list[tuple[UUID, UUID]]:
    """(tenant_id, delivery_id) of the deliveries to publish now, which count as published from here on.

    Endpoints take turns. So that slow receivers never fill the workers, at most `limit` deliveries are published or in
    work at once, of which a tenant gets half, and all stragglers together a quarter. Needs the system role.
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


def claim(session: Session, delivery_id: UUID) -> Claim | None:
    """Begin a try, unless the delivery is not due, somebody holds it, or its endpoint is disabled or paused.

    Raises secrets.UndecryptableError, which leaves the delivery due.
    """
    rotating = func.now() < Endpoint.previous_until
    begun = (
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.endpoint_id == Endpoint.id, Delivery.event_id == Event.id)
        .where(Endpoint.disabled_at.is_(None), func.coalesce(Endpoint.paused_until <= func.now(), true()))
        .where(
            or_(
                (Delivery.state == "due") & (Delivery.due_at <= func.now()),
                (Delivery.state == "leased") & (Delivery.lease_until <= func.now()),
            )
        )
        .values(
            state="leased",
            attempt=Delivery.attempt + 1,
            tries=Delivery.tries + 1,
            published_until=None,
            lease_until=func.clock_timestamp() + LEASE,
        )
        .returning(
            Delivery.id,
            Delivery.attempt,
            Delivery.tries,
            Endpoint.id.label("endpoint_id"),
            Endpoint.url,
            Endpoint.secret,
            case((rotating, Endpoint.previous_secret)).label("previous_secret"),
            Event.id.label("event_id"),
            Event.type,
            Event.created_at,
            Event.payload,
            func.floor(func.extract("epoch", func.clock_timestamp())).label("timestamp"),
            WAS_LEASED,
        )
    )
    row = session.execute(begun).one_or_none()
    if row is None:
        return None
    count(session, LEASES_EXPIRED.labels("delivery"), int(row.was_leased))
    session.execute(insert(Attempt).values(tenant_id=session.info["tenant"], delivery_id=row.id, number=row.attempt))
    return Claim(
        delivery_id=row.id,
        endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        attempt=row.attempt,
        tries=row.tries,
        url=row.url,
        timestamp=int(row.timestamp),
        body=events.body(row.type, row.created_at, row.payload),
        secrets=tuple(secrets.decrypt(kept).decode() for kept in (row.secret, row.previous_secret) if kept),
    )


def finish(session: Session, claimed: Claim, made: Try) -> bool:
    """Record a try and what follows from it. False, and no change, when another worker has taken the delivery over."""
    # The endpoint first, always: whoever disables it waits for nobody who waits for it.
    health = select(
        Endpoint.disabled_at.is_not(None).label("disabled"),
        (Endpoint.url == claimed.url).label("unmoved"),
        func.coalesce(Endpoint.failing_since <= func.now() - WORN_OUT, false()).label("worn_out"),
    ).where(Endpoint.id == claimed.endpoint_id)
    endpoint = session.execute(health.with_for_update(key_share=True)).one_or_none()
    if endpoint is None:
        return False
    reason = _reason(made, endpoint.worn_out) if endpoint.unmoved and not endpoint.disabled else None
    again = None if endpoint.disabled or reason else made.retry_in
    if not _end(session, claimed, made, again):
        return False
    _record(session, claimed, made)
    if endpoint.unmoved:
        slow = timedelta(milliseconds=made.latency_ms) > SLOW
        endpoints.note(session, claimed.endpoint_id, made.succeeded, slow, made.pause)
    if reason:
        endpoints.give_up(session, claimed.endpoint_id, reason)
    return True


def _reason(made: Try, worn_out: bool) -> str | None:
    """Why the endpoint is to be disabled, if it is."""
    if made.gone:
        return "gone"
    return "failing" if worn_out and not made.succeeded else None


def _end(session: Session, claimed: Claim, made: Try, retry_in: timedelta | None) -> bool:
    ended = update(Delivery).where(
        Delivery.id == claimed.delivery_id, Delivery.state == "leased", Delivery.attempt == claimed.attempt
    )
    if made.succeeded or retry_in is None:
        ended = ended.values(state="succeeded" if made.succeeded else "failed", finished_at=func.now())
    else:
        ended = ended.values(state="due", due_at=func.now() + retry_in)
    released = ended.values(published_until=None, lease_until=None).returning(Delivery.id)
    return session.execute(released).one_or_none() is not None


def _record(session: Session, claimed: Claim, made: Try) -> None:
    session.execute(
        update(Attempt)
        .where(Attempt.delivery_id == claimed.delivery_id, Attempt.number == claimed.attempt)
        .values(status=made.status, latency_ms=made.latency_ms, error=made.error, response=made.response)
    )
