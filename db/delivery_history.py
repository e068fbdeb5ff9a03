"""What became of deliveries, as their owner sees it, and sending them again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, any_, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from db.tables import Attempt, Delivery, Endpoint, Event

State = Literal["due", "leased", "succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery; `attempt` counts the tries begun, and `due_at` is the time of the next one while it is due."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    type: str
    payload: Mapping[str, Any]
    state: State
    attempt: int
    due_at: datetime
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt; one with neither status nor error is in flight, or its worker died before it could tell."""

    number: int
    started_at: datetime
    status: int | None
    latency_ms: int | None
    error: str | None
    response: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries to list; None does not restrict. `before` is the last id of the page before."""

    endpoint_id: UUID | None = None
    state: State | None = None
    before: UUID | None = None


def _deliveries() -> Select[Any]:
    return select(
        Delivery.id,
        Delivery.endpoint_id,
        Delivery.event_id,
        Event.type,
        Event.payload,
        Delivery.state,
        Delivery.attempt,
        Delivery.due_at,
        Delivery.created_at,
        Delivery.finished_at,
    ).join(Event, (Event.tenant_id == Delivery.tenant_id) & (Event.id == Delivery.event_id))


def page(session: Session, wanted: Wanted, limit: int) -> list[Sent]:
    """Deliveries, the newest first."""
    query = _deliveries().order_by(Delivery.id.desc()).limit(limit)
    if wanted.endpoint_id is not None:
        query = query.where(Delivery.endpoint_id == wanted.endpoint_id)
    if wanted.state is not None:
        query = query.where(Delivery.state == wanted.state)
    if wanted.before is not None:
        query = query.where(Delivery.id < wanted.before)
    return [Sent(**row._mapping) for row in session.execute(query)]


def find(session: Session, delivery_id: UUID) -> Sent | None:
    """One delivery, or None."""
    row = session.execute(_deliveries().where(Delivery.id == delivery_id)).one_or_none()
    return Sent(**row._mapping) if row else None


def attempts(session: Session, delivery_id: UUID) -> list[Tried]:
    """Every try of a delivery, the first one first."""
    columns = (Attempt.number, Attempt.started_at, Attempt.status, Attempt.latency_ms, Attempt.error, Attempt.response)
    rows = session.execute(select(*columns).where(Attempt.delivery_id == delivery_id).order_by(Attempt.number))
    return [Tried(**row._mapping) for row in rows]


# Due at once, and at the beginning of the table of retries; the tries made so far stay on record.
_AFRESH = {"state": "due", "due_at": func.now(), "tries": 0, "published_until": None, "finished_at": None}


def resend(session: Session, delivery_id: UUID) -> bool:
    """Make a delivery due now, with all its retries before it; False when a worker is trying it at this moment."""
    again = update(Delivery).where(Delivery.id == delivery_id, Delivery.state != "leased")
    return session.execute(again.values(_AFRESH).returning(Delivery.id)).one_or_none() is not None


def resend_failed(session: Session, endpoint_id: UUID, since: datetime) -> int:
    """Make due what failed at the endpoint since a time, and what it missed while disabled; tells how many."""
    failed = update(Delivery).where(
        Delivery.endpoint_id == endpoint_id, Delivery.state == "failed", Delivery.created_at >= since
    )
    resent = session.execute(failed.values(_AFRESH).returning(Delivery.id)).all()
    wanted = (
        select(Endpoint.tenant_id, Event.id, Endpoint.id)
        .join(Event, Event.type == any_(Endpoint.events))
        .where(Endpoint.id == endpoint_id, Event.created_at >= func.greatest(since, Endpoint.created_at))
    )
    missed = upsert(Delivery).from_select(["tenant_id", "event_id", "endpoint_id"], wanted).on_conflict_do_nothing()
    return len(resent) + len(session.execute(missed.returning(Delivery.id)).all())
