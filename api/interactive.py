"""Calls that are answered while the caller waits: put on the queue of the interactive worker, which runs the models."""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kombu.exceptions import OperationalError as BrokerError
from prometheus_client import Counter, Histogram
from redis import Redis, RedisError

from api import predictions
from api.optional_redis import optional_redis
from api.places import Places
from api.problems import Problem
from db import packs
from db.engine import app_session
from db.settings import scoring_format
from workers.celery_app import INTERACTIVE, INTERACTIVE_CALL, Call, app, redis_client

WAIT_SECONDS = 20
MOST_QUEUED = 64
"""Calls in the queue beyond which another is refused at once: it could not be answered in time."""
MOST_WAITING = 16
"""Calls that wait in this process at once."""
MOST_OF_ONE = 8
"""Of these, calls of one tenant."""

_ENDS = {"answer": "answered", "unanswerable": "unanswerable"}
_waiting = Places(MOST_WAITING, MOST_OF_ONE)

CACHE = Counter("winnow_cache_total", "Interactive calls whose answer was looked for among the kept ones", ["outcome"])
for _outcome in ("hit", "miss"):
    CACHE.labels(_outcome)
WAITED = Histogram(
    "winnow_interactive_seconds",
    "How long callers waited for the interactive worker, by how that ended",
    ["call", "outcome"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the worker said, as JSON values, and which packs said it, their versions by name, in which numeric format.

    `cached` tells that it had said so before, to the same tenant and question.
    """

    body: Mapping[str, Any]
    packs: dict[str, str]
    format: str
    cached: bool = False


def ask(
    tenant_id: uuid.UUID, call: Call, beside: Sequence[str] = (), remember: bool = True, **arguments: Any
) -> Answer:
    """The interactive worker's answer to a call with these arguments (JSON values); no text is stored.

    Packs named in `beside` are told to the call as `packs`, by name and version. `remember`: the answer depends on
    nothing but arguments and packs, so it may be kept. Raises Problem: 422 when the worker says that the arguments have
    no answer, 503 when it is away, busy or broken.
    """
    with app_session(tenant_id) as session:
        versions = packs.active_versions(session, (*packs.SCORING, *beside))
    if beside:
        arguments["packs"] = _named(versions, beside)
    format = scoring_format()
    key = predictions.key_of(tenant_id, call, versions, format, arguments) if remember else None
    if key:
        kept = predictions.find(key)
        CACHE.labels("miss" if kept is None else "hit").inc()
        if kept is not None:
            return Answer(kept, versions, format, cached=True)
    scoring = {name: versions[name] for name in packs.SCORING if name in versions}
    body = _body(_asked(tenant_id, call, scoring, format, arguments))
    if key:
        predictions.keep(key, body)
    return Answer(body, versions, format)


def ask_packs(
    tenant_id: uuid.UUID, call: Call, versions: Mapping[str, str], format: str, **arguments: Any
) -> Mapping[str, Any]:
    """The answer of these very packs in this format, as of the screening that pinned both. Raises Problem as `ask`."""
    return _body(_asked(tenant_id, call, versions, format, arguments))


def _named(versions: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The versions of these packs; raises Problem when one is not registered."""
    if missing := [name for name in names if name not in versions]:
        raise _unavailable(f"This deployment has no active pack {', '.join(missing)}.")
    return {name: versions[name] for name in names}


def _asked(
    tenant_id: uuid.UUID, call: Call, versions: Mapping[str, str], format: str, arguments: Mapping[str, Any]
) -> dict[str, Any] | None:
    begun, outcome = time.monotonic(), "refused"
    try:
        reply = _in_turn(tenant_id, call, versions, format, arguments)
        outcome = "late" if reply is None else _ENDS.get(next(iter(reply)), "failed")
        return reply
    finally:
        WAITED.labels(call, outcome).observe(time.monotonic() - begun)


def _in_turn(
    tenant_id: uuid.UUID, call: Call, versions: Mapping[str, str], format: str, arguments: Mapping[str, Any]
) -> dict[str, Any] | None:
    with _waiting.place(tenant_id) as free:
        if not free:
            raise _unavailable("Too many calls are waiting.")
        try:
            return _exchange(call, versions, format, arguments)
        except (RedisError, BrokerError) as error:
            raise _unavailable("The queue cannot be reached.") from error


@lru_cache(maxsize=1)
def _redis() -> Redis:
    return redis_client(read_seconds=WAIT_SECONDS + 5)


def _exchange(
    call: Call, versions: Mapping[str, str], format: str, arguments: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The worker's reply, or None when it gave none in time. The deadline is told by the clock of Redis."""
    queue = optional_redis.run(_queued_and_now)  # refused within a fraction of a second when Redis is away
    if queue is None:
        raise _unavailable("The queue cannot be reached.")
    queued, now = queue
    if queued >= MOST_QUEUED:
        raise _unavailable("Too many calls are waiting.")
    key = f"answer:{uuid.uuid4()}"
    message = (key, now + WAIT_SECONDS, call, versions, arguments, format)
    app.send_task(INTERACTIVE_CALL, args=message, queue=INTERACTIVE, retry=False)
    reply = _redis().blpop([key], timeout=WAIT_SECONDS)
    return None if reply is None else json.loads(reply[1])


def _queued_and_now(redis: Redis) -> tuple[int, int]:
    """Calls in the queue, and the clock in whole seconds."""
    both = redis.pipeline(transaction=False)
    both.llen(INTERACTIVE)
    both.time()
    queued, clock = both.execute()
    return queued, clock[0]


def _body(reply: Mapping[str, Any] | None) -> Mapping[str, Any]:
    match reply:
        case None:
            raise _unavailable("The interactive worker did not answer in time.")
        case {"answer": body}:
            return body  # type: ignore[no-any-return]
        case {"unanswerable": reason}:
            raise Problem(422, "unreadable", "Unreadable text", f"{reason} Send readable text.")
        case {"failed": reason}:
            raise _unavailable(reason)
    raise ValueError("the interactive worker replied in a form that is not known")


def _unavailable(reason: str) -> Problem:
    detail = f"{reason} Send the same request again shortly; bulk screenings are not affected."
    return Problem(503, "interactive_unavailable", "Interactive scoring unavailable", detail, {"Retry-After": "5"})
