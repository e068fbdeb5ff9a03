"""Events: recorded in the transaction of what they tell of, so that neither exists without the other."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import any_, insert, literal, select
from sqlalchemy.orm import Session

from db import bell
from db.tables import Delivery, Endpoint, Event

EventType = Literal[
    "screening.started",
    "screening.progressed",
    "screening.ended",
    "screening.canceled",
    "upload.ended",
    "result.flagged",
    "endpoint.disabled",
]
"""What an endpoint can ask for; docs/WEBHOOKS.md tells what each carries."""

TYPES: tuple[EventType, ...] = get_args(EventType)
# Sent only to the endpoint whose owner asks for it.
TEST = "endpoint.test"

MAX_BODY = 20_000  # bytes; Standard Webhooks 1.0 wants payloads below 20 kB
MOST_FLAGGED = 400  # ids in one event, which are 16 kB


def record(session: Session, type: str, payload: Mapping[str, Any]) -> UUID:
    """Record an event and one delivery for every enabled endpoint of the tenant that wants it; returns the event's id.

    `payload` is the thin `data` of the webhook: ids and counts that JSON can hold, never a resume's text. Belongs to
    the caller's transaction. Raises ValueError for an unknown type or a body of 20,000 bytes and more.
    """
    if type not in TYPES:
        raise ValueError(f"{type!r} is no event type; known are {', '.join(TYPES)}")
    event_id = _insert(session, type, payload)
    wanting = select(Endpoint.tenant_id, literal(event_id), Endpoint.id).where(
        Endpoint.tenant_id == session.info["tenant"],
        Endpoint.disabled_at.is_(None),
        literal(type) == any_(Endpoint.events),
    )
    made = insert(Delivery).from_select(["tenant_id", "event_id", "endpoint_id"], wanting).returning(Delivery.id)
    if session.scalars(made).all():
        bell.ring(session)
    return event_id


def record_flagged(session: Session, screening_id: UUID, resume_ids: Sequence[UUID]) -> None:
    """Tell which resumes of a finished batch moderation points at: in as few events as their size allows, or none."""
    for start in range(0, len(resume_ids), MOST_FLAGGED):
        some = [str(id) for id in resume_ids[start : start + MOST_FLAGGED]]
        record(session, "result.flagged", {"screening_id": str(screening_id), "resume_ids": some})


def record_test(session: Session, endpoint_id: UUID) -> UUID:
    """Record a test event for this endpoint alone; returns the id of its delivery."""
    event_id = _insert(session, TEST, {"endpoint_id": str(endpoint_id)})
    values = {"tenant_id": session.info["tenant"], "event_id": event_id, "endpoint_id": endpoint_id}
    bell.ring(session)
    return session.scalars(insert(Delivery).values(values).returning(Delivery.id)).one()


def body(type: str, happened_at: datetime, payload: Mapping[str, Any]) -> bytes:
    """The body to send. The same event gives the same bytes at every try."""
    envelope = {"type": type, "timestamp": happened_at.isoformat(), "data": payload}
    return json.dumps(envelope, separators=(",", ":")).encode()


def _insert(session: Session, type: str, payload: Mapping[str, Any]) -> UUID:
    values = {"tenant_id": session.info["tenant"], "type": type, "payload": dict(payload)}
    event_id, created_at = session.execute(insert(Event).values(values).returning(Event.id, Event.created_at)).one()
    if len(body(type, created_at, payload)) >= MAX_BODY:
        raise ValueError(f"The payload of {type} must stay below {MAX_BODY} bytes: send ids, not contents.")
    return event_id
