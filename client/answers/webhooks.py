"""Webhook endpoints, and what was delivered to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL that wants events. `secret` is told once, when the endpoint is made or its secret rotated.

    `disabled_reason` is `owner`, `gone` (it answered 410) or `failing` (nothing but failures for five days).
    """

    id: str
    url: str
    events: tuple[str, ...]
    description: str
    enabled: bool
    created_at: datetime
    secret: str | None = field(default=None, repr=False)
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
    previous_secret_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery: the receiver's HTTP status and trimmed answer, or the error that came instead."""

    number: int
    started_at: datetime
    status: int | None = None
    latency_ms: int | None = None
    error: str | None = None
    response: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event owed to one endpoint: `due`, `leased`, `succeeded` or `failed`.

    `event_id` is its `webhook-id`; `attempts` counts the tries begun. `attempt_list` is empty in listings.
    """

    id: str
    event_id: str
    endpoint_id: str
    type: str
    data: dict[str, Any]
    state: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None = None
    finished_at: datetime | None = None
    attempt_list: tuple[Attempt, ...] = ()
