"""Webhook endpoints: where events go, with which secret, and whether their receiver is well."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy.orm import Session

from api.auth import Caller
from api.deliveries import DeliveryBody, endpoint_disabled
from api.idempotency import Answer, OneTime
from api.problems import Problem, not_found
from api.receiver_url import ReceiverUrl
from api.storable import Storable
from db import delivery_history, endpoints, events
from db.endpoints import Receiver
from db.engine import app_session
from db.events import EventType

router = APIRouter(prefix="/v1/endpoints", tags=["webhooks"])

EventTypes = Annotated[
    list[EventType],
    Field(min_length=1, description="The events it wants."),
    AfterValidator(lambda types: list(dict.fromkeys(types))),
]
Description = Annotated[Storable, Field(max_length=500)]

_REQUEST: JsonDict = {"url": "https://ats.example/hooks/winnow", "events": ["screening.ended", "upload.ended"]}
_ENDPOINT: JsonDict = {
    "id": "019a9c5e-7d1e-7c43-9d0b-2f6f3f0f8b11",
    **_REQUEST,
    "description": "production",
    "enabled": True,
    "created_at": "2026-11-22T08:00:00Z",
    "failing_since": None,
    "paused_until": None,
    "disabled_at": None,
    "disabled_reason": None,
    "previous_secret_until": None,
}


class NewEndpoint(BaseModel):
    """An endpoint to be made; it gets every event unless it names some."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _REQUEST})

    url: ReceiverUrl
    events: EventTypes = list(events.TYPES)
    description: Description = ""


class EndpointChange(BaseModel):
    """What to change; what is left out stays. `enabled: true` starts a disabled endpoint again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"enabled": True}})

    url: ReceiverUrl | None = None
    events: EventTypes | None = None
    description: Description | None = None
    enabled: bool | None = None


class EndpointBody(BaseModel):
    """An endpoint. `disabled_reason` is `owner`, `gone` (it answered 410) or `failing` (only failures for 5 days)."""

    model_config = ConfigDict(json_schema_extra={"example": _ENDPOINT})

    id: UUID
    url: str
    events: list[str]
    description: str
    enabled: bool
    created_at: datetime
    failing_since: datetime | None = Field(description="First failure with no success after it.")
    paused_until: datetime | None = Field(description="Until when its last Retry-After asks us to wait.")
    disabled_at: datetime | None
    disabled_reason: str | None
    previous_secret_until: datetime | None = Field(description="Until when the secret before this one signs too.")


class EndpointWithSecret(EndpointBody):
    """An endpoint with its signing secret, which is shown this once."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_ENDPOINT, "secret": "whsec_3q2+7wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw="}}
    )

    secret: str


class EndpointList(BaseModel):
    """All endpoints, the oldest first."""

    endpoints: list[EndpointBody]


class ResendRequest(BaseModel):
    """From when on to send again; a time with its zone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"since": "2026-11-21T00:00:00Z"}})

    since: AwareDatetime


class Resent(BaseModel):
    """How many deliveries were made due."""

    model_config = ConfigDict(json_schema_extra={"example": {"resent": 3}})

    resent: int


def _fields(endpoint: Receiver) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": endpoint.events,
        "description": endpoint.description,
        "enabled": endpoint.disabled_at is None,
        "created_at": endpoint.created_at,
        "failing_since": endpoint.failing_since,
        "paused_until": endpoint.paused_until,
        "disabled_at": endpoint.disabled_at,
        "disabled_reason": endpoint.disabled_reason,
        "previous_secret_until": endpoint.previous_until,
    }


def _missing() -> Problem:
    return not_found("endpoint", "GET /v1/endpoints")


def _enabled(session: Session, endpoint_id: UUID) -> None:
    """Raises Problem 404 or 409 unless the endpoint is there and takes deliveries."""
    endpoint = endpoints.find(session, endpoint_id)
    if endpoint is None:
        raise _missing()
    if endpoint.disabled_at is not None:
        raise endpoint_disabled()


@router.post(
    "", status_code=201, response_model=EndpointWithSecret, summary="Add an endpoint; its secret is shown once"
)
def create(new: NewEndpoint, once: OneTime) -> Response:
    """The answer holds the signing secret, which is kept encrypted and never shown again."""

    def work(session: Session) -> Answer:
        try:
            endpoint, secret = endpoints.create(session, new.url, new.events, new.description)
        except endpoints.TooManyError as error:
            detail = f"There may be {endpoints.MOST} endpoints. Delete one that is no longer needed."
            raise Problem(409, "too_many_endpoints", "Too many endpoints", detail) from error
        body = EndpointWithSecret(**_fields(endpoint), secret=secret)
        return Answer(201, body, {"Location": f"/v1/endpoints/{endpoint.id}"})

    return once.run(work)


@router.get("", summary="List the endpoints")
def find_all(caller: Caller) -> EndpointList:
    """All of them: there are 20 at most."""
    with app_session(caller.tenant_id) as session:
        return EndpointList(endpoints=[EndpointBody(**_fields(one)) for one in endpoints.find_all(session)])


@router.get("/{endpoint_id}", summary="One endpoint")
def find(endpoint_id: UUID, caller: Caller) -> EndpointBody:
    """How it is doing, without its secret."""
    with app_session(caller.tenant_id) as session:
        endpoint = endpoints.find(session, endpoint_id)
    if endpoint is None:
        raise _missing()
    return EndpointBody(**_fields(endpoint))


@router.patch("/{endpoint_id}", summary="Change an endpoint, disable it, or enable it again")
def change(endpoint_id: UUID, wanted: EndpointChange, caller: Caller) -> EndpointBody:
    """Deliveries still due are tried at the new URL; those of a disabled endpoint fail, and can be resent later."""
    with app_session(caller.tenant_id) as session:
        if wanted.enabled is True:
            endpoints.enable(session, endpoint_id)
        elif wanted.enabled is False:
            endpoints.disable(session, endpoint_id, "owner")
        values = wanted.model_dump(exclude_none=True, exclude={"enabled"})
        endpoint = endpoints.change(session, endpoint_id, **values)
    if endpoint is None:
        raise _missing()
    return EndpointBody(**_fields(endpoint))


@router.delete("/{endpoint_id}", status_code=204, summary="Delete an endpoint and its deliveries")
def remove(endpoint_id: UUID, caller: Caller) -> None:
    """What was due for it is not sent."""
    with app_session(caller.tenant_id) as session:
        if not endpoints.remove(session, endpoint_id):
            raise _missing()


@router.post("/{endpoint_id}/rotate", response_model=EndpointWithSecret, summary="Replace the signing secret")
def rotate(endpoint_id: UUID, once: OneTime) -> Response:
    """Both secrets sign for 24 hours; rotate twice to be rid of one that leaked."""

    def work(session: Session) -> Answer:
        if (rotated := endpoints.rotate(session, endpoint_id)) is None:
            raise _missing()
        endpoint, secret = rotated
        return Answer(200, EndpointWithSecret(**_fields(endpoint), secret=secret))

    return once.run(work)


@router.post("/{endpoint_id}/test", status_code=202, response_model=DeliveryBody, summary="Send a test event")
def test(endpoint_id: UUID, once: OneTime) -> Response:
    """An `endpoint.test` event, to this endpoint alone; poll the delivery at Location to see how it went."""

    def work(session: Session) -> Answer:
        _enabled(session, endpoint_id)
        sent = delivery_history.find(session, events.record_test(session, endpoint_id))
        assert sent is not None
        return Answer(202, DeliveryBody.of(sent), {"Location": f"/v1/deliveries/{sent.id}"})

    return once.run(work)


@router.post("/{endpoint_id}/resend", status_code=202, response_model=Resent, summary="Send again what it missed")
def resend(endpoint_id: UUID, wanted: ResendRequest, once: OneTime) -> Response:
    """Everything that failed since a time, and every event it would have got had it not been disabled."""

    def work(session: Session) -> Answer:
        _enabled(session, endpoint_id)
        return Answer(202, Resent(resent=delivery_history.resend_failed(session, endpoint_id, wanted.since)))

    return once.run(work)
