"""The interactive worker: calls on the models, answered while the caller waits.

Started by `python -m workers.interactive`, a process and queue of its own, so that no bulk work stands before a caller.
A message carries the Redis list to answer on and a deadline by Redis' own clock, after which nobody listens.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from prometheus_client import Histogram
from redis import Redis, RedisError

from db.settings import FORMATS
from scoring.packs import PackError
from workers import consumer, process
from workers.calls import CALLS
from workers.calls.unanswerable import Unanswerable
from workers.celery_app import INTERACTIVE, INTERACTIVE_CALL, Call, app, redis_client
from workers.device import choose, settle
from workers.pipelines import Pipelines
from workers.settings import worker_settings

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline

logger = logging.getLogger(__name__)

CALL_SECONDS = Histogram(
    "winnow_call_seconds",
    "Interactive calls in the worker's hand, by how they ended",
    ["call", "outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)

UNLOADABLE = "The interactive worker cannot load its models."
KEPT_SECONDS = 60
"""How long an answer that nobody fetches is kept."""


def respond(
    pipelines: Pipelines, call: str, packs: Mapping[str, str], arguments: Mapping[str, Any], format: str = FORMATS[0]
) -> dict[str, Any]:
    """`answer`, what the call returned; or why there is none, in a sentence: `unanswerable` or `failed`."""
    begun = time.monotonic()
    reply = _reply(lambda: pipelines.get(packs, format), call, arguments)
    (outcome,) = reply
    CALL_SECONDS.labels(call, "answered" if outcome == "answer" else outcome).observe(time.monotonic() - begun)
    return reply


def _reply(load: Callable[[], "Pipeline | None"], call: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        pipeline = load()
        return {"failed": UNLOADABLE} if pipeline is None else {"answer": CALLS[Call(call)](pipeline, **arguments)}
    except Unanswerable as error:
        return {"unanswerable": str(error)}
    except PackError as error:
        logger.error("cannot load a pack", extra={"call": call, "error": str(error)})
        return {"failed": UNLOADABLE}
    except Exception:  # whoever waits is told at once; the log tells types and places, and no text
        logger.exception("call failed", extra={"call": call})
        return {"failed": "The interactive worker failed at this call."}


def send(redis: Redis, key: str, reply: Mapping[str, Any]) -> None:
    """Hand the reply to whoever waits at `key`."""
    pipeline = redis.pipeline()
    pipeline.rpush(key, json.dumps(reply))
    pipeline.expire(key, KEPT_SECONDS)
    pipeline.execute()


def main() -> None:
    """Run the worker until told to stop."""
    process.begin(INTERACTIVE)
    settle()
    pipelines = Pipelines.configured(choose(worker_settings().device))
    redis = redis_client()

    @app.task(name=INTERACTIVE_CALL)
    def task(
        key: str, deadline: float, call: str, packs: dict[str, str], arguments: dict[str, Any], format: str = FORMATS[0]
    ) -> None:
        try:
            if redis.time()[0] >= deadline:
                logger.info("too late, nobody waits", extra={"call": call})
            else:
                send(redis, key, respond(pipelines, call, packs, arguments, format))
        except RedisError as error:
            logger.warning("redis away, the caller gets no answer", extra={"error": type(error).__name__})

    consumer.run(INTERACTIVE, slots=1)


if __name__ == "__main__":
    main()
