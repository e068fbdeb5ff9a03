"""Deliveries of events to endpoints: what became of each, every attempt made, and sending one again."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy.orm import Session

from api import cursor as cursors
from api.auth import Caller
from api.cursor import Cursor, Limit
from api.idempotency import Answer, OneTime
from api.problems import Problem, not_found
from db import delivery_history, endpoints
from db.delivery_history import Sent, State, Tried, Wanted
from db.engine import app_session

router = APIRouter(prefix="/v1/deliveries", tags=["webhooks"])

_DELIVERY: JsonDict = {
    "id": "019a9c60-1c3a-7a0e-8f55-0d7c1f6b2a90",
    "endpoint_id": "019a9c5e-7d1e-7c43-9d0b-2f6f3f0f8b11",
    "event_id": "019a9c60-1c39-7d55-b1a4-6f2d5a3e9c02",
    "type": "screening.ended",
    "data": {"screening_id": "019a9c5f-02b7-7f0e-a3c8-51d3c1f0a7de"},
    "state": "due",
    "attempts": 1,
    "next_attempt_at": "2026-11-22T08:00:05Z",
    "created_at": "2026-11-22T08:00:00Z",
    "finished_at": None,
}
_ATTEMPT: JsonDict = {
    "number": 1,
    "started_at": "2026-11-22T08:00:00Z",
    "status": 500,
    "latency_ms": 84,
    "error": "status 500: only 2xx means that the message was taken",
    "response": "Internal Server Error",
}


class DeliveryBody(BaseModel):
    """An event owed to an endpoint. `event_id` is its `webhook-id`; `leased` means that it is being sent."""

    model_config = ConfigDict(json_schema_extra={"example": _DELIVERY})

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    type: str
    data: dict[str, Any]
    state: State
    attempts: int = Field(description="Attempts begun so far.")
    next_attempt_at: datetime | None = Field(description="While it is due.")
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, sent: Sent, **more: Any) -> Self:
        """The body of a delivery."""
        return cls(
            id=sent.id,
            endpoint_id=sent.endpoint_id,
            event_id=sent.event_id,
            type=sent.type,
            data=dict(sent.payload),
            state=sent.state,
            attempts=sent.attempt,
            next_attempt_at=sent.due_at if sent.state == "due" else None,
            created_at=sent.created_at,
            finished_at=sent.finished_at,
            **more,
        )


class AttemptBody(BaseModel):
    """One attempt. Without status and error it is under way, or its worker died before it could tell."""

    model_config = ConfigDict(json_schema_extra={"example": _ATTEMPT})

    number: int
    started_at: datetime
    status: int | None = Field(description="The receiver's HTTP status.")
    latency_ms: int | None
    error: str | None = Field(description="Why it counts as failed.")
    response: str | None = Field(description="The first 1,024 bytes of the answer.")

    @classmethod
    def of(cls, tried: Tried) -> Self:
        """The body of an attempt."""
        return cls(
            number=tried.number,
            started_at=tried.started_at,
            status=tried.status,
            latency_ms=tried.latency_ms,
            error=tried.error,
            response=tried.response,
        )


class DeliveryWithAttempts(DeliveryBody):
    """A delivery and every attempt of it, the first one first."""

    model_config = ConfigDict(json_schema_extra={"example": {**_DELIVERY, "attempt_list": [_ATTEMPT]}})

    attempt_list: list[AttemptBody]


class DeliveryPage(BaseModel):
    """A page of deliveries, the newest first; the last page has no `next_cursor`."""

    deliveries: list[DeliveryBody]
    next_cursor: str | None


def _missing() -> Problem:
    return not_found("delivery", "GET /v1/deliveries")


@router.get("", summary="List deliveries")
def page(
    caller: Caller,
    endpoint_id: Annotated[UUID | None, Query(description="Only those to this endpoint.")] = None,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DeliveryPage:
    """The newest first."""
    before = cursors.decode(cursor, UUID)[0] if cursor else None
    with app_session(caller.tenant_id) as session:
        if endpoint_id is not None and endpoints.find(session, endpoint_id) is None:
            raise not_found("endpoint", "GET /v1/endpoints")
        found = delivery_history.page(session, Wanted(endpoint_id, state, before), limit + 1)
    more = cursors.encode(found[limit - 1].id) if len(found) > limit else None
    return DeliveryPage(deliveries=[DeliveryBody.of(sent) for sent in found[:limit]], next_cursor=more)


@router.get("/{delivery_id}", summary="One delivery with its attempts")
def find(delivery_id: UUID, caller: Caller) -> DeliveryWithAttempts:
    """What was sent, and what the receiver answered at every attempt."""
    with app_session(caller.tenant_id) as session:
        sent = delivery_history.find(session, delivery_id)
        tried = delivery_history.attempts(session, delivery_id)
    if sent is None:
        raise _missing()
    return DeliveryWithAttempts.of(sent, attempt_list=[AttemptBody.of(one) for one in tried])


@router.post("/{delivery_id}/resend", status_code=202, response_model=DeliveryBody, summary="Send a delivery again")
def resend(delivery_id: UUID, once: OneTime) -> Response:
    """At once, under the same `webhook-id`, with all retries before it; whether it had failed, succeeded or was due."""

    def work(session: Session) -> Answer:
        if (sent := delivery_history.find(session, delivery_id)) is None:
            raise _missing()
        endpoint = endpoints.find(session, sent.endpoint_id)
        if endpoint is not None and endpoint.disabled_at is not None:
            raise endpoint_disabled()
        if not delivery_history.resend(session, delivery_id):
            detail = "This delivery is being sent at this moment. Look at its attempts in a minute."
            raise Problem(409, "delivery_in_flight", "Delivery in flight", detail, {"Retry-After": "30"})
        again = delivery_history.find(session, delivery_id)
        assert again is not None
        return Answer(202, DeliveryBody.of(again), {"Location": f"/v1/deliveries/{delivery_id}"})

    return once.run(work)


def endpoint_disabled() -> Problem:
    """409: nothing is sent there."""
    detail = 'Nothing is sent to a disabled endpoint. Enable it first: PATCH it with {"enabled": true}.'
    return Problem(409, "endpoint_disabled", "Endpoint disabled", detail)
