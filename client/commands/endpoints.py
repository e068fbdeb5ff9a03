"""`winnow endpoints` and `winnow deliveries`: webhooks."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated

import typer

from client.answers import Attempt, Delivery, Endpoint
from client.commands.talk import Columns, Talk, command

app = typer.Typer(help="Webhook endpoints.", no_args_is_help=True)
deliveries_app = typer.Typer(help="What was sent to endpoints.", no_args_is_help=True)
EndpointId = Annotated[str, typer.Argument(metavar="ENDPOINT_ID")]
DeliveryId = Annotated[str, typer.Argument(metavar="DELIVERY_ID")]

_ENDPOINTS: Columns[Endpoint] = {
    "id": lambda endpoint: endpoint.id,
    "url": lambda endpoint: endpoint.url,
    "events": lambda endpoint: endpoint.events,
    "disabled": lambda endpoint: endpoint.disabled_reason,
}
_DELIVERIES: Columns[Delivery] = {
    "id": lambda delivery: delivery.id,
    "event": lambda delivery: delivery.type,
    "state": lambda delivery: delivery.state,
    "tries": lambda delivery: delivery.attempts,
    "created": lambda delivery: delivery.created_at,
}
_ATTEMPTS: Columns[Attempt] = {
    "try": lambda attempt: attempt.number,
    "at": lambda attempt: attempt.started_at,
    "status": lambda attempt: attempt.status,
    "ms": lambda attempt: attempt.latency_ms,
    "error": lambda attempt: attempt.error,
    "answer": lambda attempt: attempt.response,
}


@command(app, "list")
def endpoints(talk: Talk) -> None:
    """List all endpoints."""
    talk.many(talk.client.endpoints.list(), _ENDPOINTS)


@command(app, "create")
def create(
    talk: Talk,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where your receiver listens.")],
    event: Annotated[list[str], typer.Option("--event", help="An event type; may be repeated.")],
    description: Annotated[str, typer.Option()] = "",
) -> None:
    """Have events sent to a URL; the secret is shown once."""
    _tell(talk, talk.client.endpoints.create(address, event, description))


@command(app, "show")
def show(talk: Talk, endpoint_id: EndpointId) -> None:
    """Show one endpoint."""
    _tell(talk, talk.client.endpoints.get(endpoint_id))


@command(app, "change")
def change(
    talk: Talk,
    endpoint_id: EndpointId,
    address: Annotated[str | None, typer.Option(help="Where your receiver listens now.")] = None,
    event: Annotated[list[str] | None, typer.Option("--event", help="All event types wanted; may be repeated.")] = None,
    description: Annotated[str | None, typer.Option()] = None,
    enabled: Annotated[bool | None, typer.Option("--enable/--disable", help="Send to it (again), or not.")] = None,
) -> None:
    """Change an endpoint's address, events or description, or whether anything is sent to it."""
    asked = {"url": address, "events": event, "description": description, "enabled": enabled}
    changes = {name: value for name, value in asked.items() if value is not None}
    _tell(talk, talk.client.endpoints.change(endpoint_id, **changes))


@command(app, "delete")
def delete(talk: Talk, endpoint_id: EndpointId) -> None:
    """Remove an endpoint."""
    talk.client.endpoints.delete(endpoint_id)
    talk.one({"deleted": endpoint_id}, deleted=endpoint_id)


@command(app, "rotate")
def rotate(talk: Talk, endpoint_id: EndpointId) -> None:
    """Make a new secret, shown once; the old one signs beside it for a while."""
    _tell(talk, talk.client.endpoints.rotate(endpoint_id))


@command(app, "test")
def test(talk: Talk, endpoint_id: EndpointId) -> None:
    """Send a test event."""
    delivery = talk.client.endpoints.test(endpoint_id)
    talk.one(delivery, delivery=delivery.id, state=delivery.state)


@command(app, "resend")
def resend(talk: Talk, endpoint_id: EndpointId, since: Annotated[datetime, typer.Option()]) -> None:
    """Send all again that failed since a time (local time)."""
    resent = talk.client.endpoints.resend(endpoint_id, since.astimezone())
    talk.one({"resent": resent}, resent=resent)


@command(deliveries_app, "list")
def deliveries(
    talk: Talk,
    endpoint_id: Annotated[str | None, typer.Option(help="Only to this endpoint.")] = None,
    state: Annotated[str | None, typer.Option(help="Only due, succeeded or failed ones.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 100,
) -> None:
    """List deliveries, newest first."""
    talk.many(islice(talk.client.deliveries.list(endpoint_id, state), limit), _DELIVERIES)


@command(deliveries_app, "show")
def show_delivery(talk: Talk, delivery_id: DeliveryId) -> None:
    """Show one delivery with every try."""
    delivery = talk.client.deliveries.get(delivery_id)
    talk.one(delivery, id=delivery.id, event=delivery.type, state=delivery.state, tries=delivery.attempts)
    if not talk.as_json:
        talk.many(delivery.attempt_list, _ATTEMPTS)


@command(deliveries_app, "resend")
def resend_delivery(talk: Talk, delivery_id: DeliveryId) -> None:
    """Send one event once more."""
    delivery = talk.client.deliveries.resend(delivery_id)
    talk.one(delivery, id=delivery.id, state=delivery.state)


def _tell(talk: Talk, endpoint: Endpoint) -> None:
    secret = {"secret (shown once)": endpoint.secret} if endpoint.secret else {}
    disabled = {"disabled": endpoint.disabled_reason} if endpoint.disabled_at else {}
    talk.one(endpoint, id=endpoint.id, url=endpoint.url, events=endpoint.events, **secret, **disabled)
