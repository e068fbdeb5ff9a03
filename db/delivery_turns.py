"""A turn at an endpoint: a few due deliveries are claimed under a lease, posted, recorded, and the next few claimed.

The POSTs happen between transactions. A worker that dies there leaves leases that run out, and what it had not recorded
(`db.delivery_outcomes`) is sent again under the same webhook-id: at least once, and receivers tell repeats by that id.
All by the database's clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import LargeBinary, Row, text
from sqlalchemy.orm import Session

from db import events, secrets
from db.counted import LEASES_EXPIRED, count

LEASE = timedelta(seconds=30)  # a second of POSTs, 15 s for the last of them, and time to record them


@dataclass(frozen=True, slots=True)
class Message:
    """One try to make."""

    delivery_id: UUID
    event_id: UUID
    attempt: int
    tries: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """Tries to make at one endpoint, one after another, the oldest first.

    All `secrets` sign, the current one comes first; `sealed` is that one as it is kept. `timestamp` is Unix time in
    seconds.
    """

    turn_id: UUID
    endpoint_id: UUID
    url: str
    timestamp: int
    messages: tuple[Message, ...]
    secrets: tuple[str, ...] = field(repr=False)
    sealed: bytes = field(repr=False)


_CLAIM = """
    WITH receiver AS (
        SELECT id, url, secret, CASE WHEN now() < previous_until THEN previous_secret END AS previous_secret
        FROM endpoints
        WHERE {endpoint} AND disabled_at IS NULL AND (paused_until IS NULL OR paused_until <= now())
    ), picked AS (
        SELECT id FROM deliveries d
        WHERE endpoint_id = (SELECT id FROM receiver) AND {delivery}
            AND d.due_at <= now() AND (d.state = 'due' OR (d.state = 'leased' AND d.lease_until <= now()))
        ORDER BY d.due_at
        LIMIT :most
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE deliveries d
        SET state = 'leased', attempt = d.attempt + 1, tries = d.tries + 1, turn_id = :turn_id, published_until = NULL,
            lease_until = clock_timestamp() + :lease
        FROM picked WHERE d.id = picked.id
        RETURNING d.tenant_id, d.id, d.event_id, d.attempt, d.tries, d.due_at, old.state = 'leased' AS was_leased
    ), begun AS (
        INSERT INTO attempts (tenant_id, delivery_id, number) SELECT tenant_id, id, attempt FROM claimed
    )
    SELECT c.*, receiver.id AS endpoint_id, receiver.url, receiver.secret, receiver.previous_secret,
        e.type, e.created_at, e.payload, floor(extract(epoch FROM clock_timestamp())) AS timestamp
    FROM claimed c JOIN events e ON e.tenant_id = c.tenant_id AND e.id = c.event_id CROSS JOIN receiver
    ORDER BY c.due_at, c.id
"""
_SEALED = {"secret": LargeBinary(), "previous_secret": LargeBinary()}
_BEGIN = text(
    _CLAIM.format(
        endpoint="id = (SELECT endpoint_id FROM deliveries WHERE id = :delivery_id)",
        delivery="d.id = :delivery_id",
    )
).columns(**_SEALED)
# What was published opens a turn of its own.
_GO_ON = text(
    _CLAIM.format(
        endpoint="id = :endpoint_id AND url = :url AND secret = :sealed",
        delivery="d.state IN ('due', 'leased') AND (d.published_until IS NULL OR d.published_until <= now())",
    )
).columns(**_SEALED)


def begin(session: Session, delivery_id: UUID) -> Claim | None:
    """Begin a turn with this delivery, unless it is not due, somebody holds it, or its endpoint is disabled or paused.

    Raises secrets.UndecryptableError, which leaves the delivery due.
    """
    return _claim(session, _BEGIN, {"delivery_id": delivery_id, "turn_id": uuid4(), "most": 1})


def go_on(session: Session, claim: Claim, most: int) -> Claim | None:
    """Claim more for the turn, `most` at most; None when nothing is due, or the endpoint is no longer as it was."""
    same = {"endpoint_id": claim.endpoint_id, "url": claim.url, "sealed": claim.sealed}
    return _claim(session, _GO_ON, {**same, "turn_id": claim.turn_id, "most": most})


def _claim(session: Session, statement: Any, wanted: Mapping[str, Any]) -> Claim | None:
    rows = session.execute(statement, {**wanted, "lease": LEASE}).all()
    if not rows:
        return None
    count(session, LEASES_EXPIRED.labels("delivery"), sum(row.was_leased for row in rows))
    first = rows[0]
    return Claim(
        turn_id=wanted["turn_id"],
        endpoint_id=first.endpoint_id,
        url=first.url,
        timestamp=int(first.timestamp),
        messages=tuple(_message(row) for row in rows),
        secrets=tuple(secrets.decrypt(kept).decode() for kept in (first.secret, first.previous_secret) if kept),
        sealed=first.secret,
    )


def _message(row: Row[Any]) -> Message:
    body = events.body(row.type, row.created_at, row.payload)
    return Message(row.id, row.event_id, row.attempt, row.tries, body)
