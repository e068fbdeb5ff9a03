"""Webhook endpoints, and what was delivered to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from client.answers import Delivery, Endpoint
from client.pages import pages
from client.transport import Transport


class Endpoints:
    """`client.endpoints`: calls under /v1/endpoints. Every call raises WinnowError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, url: str, events: Sequence[str], description: str = "", *, idempotency_key: str | None = None
    ) -> Endpoint:
        """Have events of these types sent to `url`; keep the answer's `secret`, it is not shown again."""
        content = {"url": url, "events": list(events), "description": description}
        return self._transport.post(Endpoint, "/v1/endpoints", content, idempotency_key)

    def list(self) -> Iterator[Endpoint]:
        """All endpoints."""
        return pages(self._transport, "/v1/endpoints", "endpoints", Endpoint)

    def get(self, endpoint_id: str) -> Endpoint:
        """One endpoint."""
        return self._transport.get(Endpoint, f"/v1/endpoints/{endpoint_id}")

    def change(self, endpoint_id: str, **changes: Any) -> Endpoint:
        """Change url, events, description or enabled."""
        return self._transport.patch(Endpoint, f"/v1/endpoints/{endpoint_id}", changes)

    def delete(self, endpoint_id: str) -> None:
        """Remove an endpoint; nothing more is sent to it."""
        self._transport.delete(f"/v1/endpoints/{endpoint_id}")

    def rotate(self, endpoint_id: str, *, idempotency_key: str | None = None) -> Endpoint:
        """A new secret, shown once; both sign until the old one ends."""
        return self._transport.post(Endpoint, f"/v1/endpoints/{endpoint_id}/rotate", key=idempotency_key)

    def test(self, endpoint_id: str) -> Delivery:
        """Send a test event to it; `client.deliveries.get` tells how that went."""
        return self._transport.post(Delivery, f"/v1/endpoints/{endpoint_id}/test")

    def resend(self, endpoint_id: str, since: datetime) -> int:
        """Send again what failed or was missed since then, a time with its zone; returns how many."""
        content = {"since": since.isoformat()}
        return self._transport.post(dict[str, int], f"/v1/endpoints/{endpoint_id}/resend", content)["resent"]


class Deliveries:
    """`client.deliveries`: calls under /v1/deliveries. Every call raises WinnowError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, endpoint_id: str | None = None, state: str | None = None) -> Iterator[Delivery]:
        """Deliveries, newest first."""
        query = {"endpoint_id": endpoint_id, "state": state}
        return pages(self._transport, "/v1/deliveries", "deliveries", Delivery, query)

    def get(self, delivery_id: str) -> Delivery:
        """One delivery with every attempt in `attempt_list`."""
        return self._transport.get(Delivery, f"/v1/deliveries/{delivery_id}")

    def resend(self, delivery_id: str) -> Delivery:
        """Send it once more."""
        return self._transport.post(Delivery, f"/v1/deliveries/{delivery_id}/resend")
