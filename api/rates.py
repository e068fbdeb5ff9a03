"""How often one API key may call: a token bucket a key, told in the `RateLimit` fields of every answer.

The fields are those of draft-ietf-httpapi-ratelimit-headers-11. While Redis is away nobody is held back, and /readyz
says so.
"""

import math
from uuid import UUID

from prometheus_client import Counter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.buckets import Take, take
from api.problems import Problem
from api.settings import settings

POLICY = "key"
LIMITED = Counter("winnow_rate_limited_total", "Requests refused because their key had used up its share")
_NOTED = "winnow.rate"


def spend(scope: Scope, key_id: UUID, per_minute: int | None) -> None:
    """Count one request of a key whose own limit is `per_minute` (None: the deployment's, 0: none).

    Raises Problem 429 when the key has used up its share.
    """
    limit = settings().rate_limit if per_minute is None else per_minute
    if limit == 0:
        return
    taken = take(f"key:{key_id}", limit)
    if taken is None:
        return
    scope[_NOTED] = taken
    if not taken.granted:
        LIMITED.inc()
        detail = f"This key may send {limit} requests a minute. Send the request again after {taken.next_seconds} s."
        headers = {"Retry-After": str(taken.next_seconds)}
        raise Problem(429, "rate_limited", "Too many requests", detail, headers, **{"violated-policies": [POLICY]})


def fields(taken: Take) -> dict[str, str]:
    """The policy, and what is left of it: a full bucket is a minute's requests."""
    return {
        "RateLimit-Policy": f'"{POLICY}";q={taken.per_minute};w=60',
        "RateLimit": f'"{POLICY}";r={math.floor(taken.left)};t={taken.next_seconds}',
    }


class RateFields:
    """ASGI middleware: writes the fields on every answer to a request that was counted, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def with_fields(message: Message) -> None:
            if message["type"] == "http.response.start" and _NOTED in scope:
                MutableHeaders(scope=message).update(fields(scope[_NOTED]))
            await send(message)

        await self.app(scope, receive, with_fields)
