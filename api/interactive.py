"""Calls that are answered while the caller waits: put on the queue of the interactive worker, which runs the models."""

import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kombu.exceptions import OperationalError as BrokerError
from redis import Redis, RedisError

from api.problems import Problem
from db import packs
from db.engine import app_session
from workers.celery_app import INTERACTIVE, INTERACTIVE_CALL, Call, app, redis_client

WAIT_SECONDS = 20
MOST_QUEUED = 64
"""Calls in the queue beyond which another is refused at once: it could not be answered in time."""
MOST_WAITING = 16
"""Calls that wait in this process at once: each holds a thread, and polls and uploads need some too."""

_waiting = threading.BoundedSemaphore(MOST_WAITING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the worker said, as JSON values, and the versions of the packs that said it, by pack name."""

    body: Mapping[str, Any]
    packs: dict[str, str]


def ask(tenant_id: uuid.UUID, call: Call, **arguments: Any) -> Answer:
    """The interactive worker's answer to a call with these arguments (JSON values); nothing is stored.

    Raises Problem: 422 when the worker says that the arguments have no answer, 503 when it is away, busy or broken.
    """
    with app_session(tenant_id) as session:
        versions = packs.active_versions(session)
    if not _waiting.acquire(blocking=False):
        raise _unavailable("Too many calls are waiting.")
    try:
        reply = _exchange(call, versions, arguments)
    except (RedisError, BrokerError) as error:
        raise _unavailable("The queue cannot be reached.") from error
    finally:
        _waiting.release()
    return Answer(_body(reply), versions)


@lru_cache(maxsize=1)
def _redis() -> Redis:
    return redis_client(read_seconds=WAIT_SECONDS + 5)


def _exchange(call: Call, versions: Mapping[str, str], arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """The worker's reply, or None when it gave none in time. The deadline is told by the clock of Redis."""
    redis = _redis()
    if int(redis.llen(INTERACTIVE)) >= MOST_QUEUED:
        raise _unavailable("Too many calls are waiting.")
    key, deadline = f"answer:{uuid.uuid4()}", redis.time()[0] + WAIT_SECONDS
    message = (key, deadline, call, versions, arguments)
    app.send_task(INTERACTIVE_CALL, args=message, queue=INTERACTIVE, retry=False)
    reply = redis.blpop([key], timeout=WAIT_SECONDS)
    return None if reply is None else json.loads(reply[1])


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
