"""The interactive worker: one pair of texts, answered while the caller waits.

Started by `python -m workers.interactive`, a process and queue of its own, so that no bulk work stands before a caller.
A message carries the Redis list to answer on and a deadline by Redis' own clock, after which nobody listens.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from redis import Redis, RedisError

from scoring.inputs import Job, Resume
from workers import consumer
from workers.celery_app import INTERACTIVE, INTERACTIVE_EVALUATE, app, redis_client
from workers.device import choose
from workers.pipelines import Pipelines
from workers.settings import worker_settings

logger = logging.getLogger(__name__)

KEPT_SECONDS = 60
"""How long an answer that nobody fetches is kept."""


def evaluate(pipelines: Pipelines, packs: Mapping[str, str], job_description: str, resume: str) -> dict[str, Any]:
    """The match of one pair; or `error`: `packs` when they cannot be loaded, else `unreadable` with a `reason`."""
    pipeline = pipelines.get(packs)
    if pipeline is None:
        return {"error": "packs"}
    prepared = pipeline.prepare([Resume("resume", resume)], [Job("job", "", job_description)])
    scores = pipeline.score(prepared)
    if scores.errors:
        return {"error": "unreadable", "reason": scores.errors[0].reason}
    pair = scores.pairs[0]
    return {"probability": pair.probability, "matched": pair.matched, "windows": pair.windows}


def answer(redis: Redis, key: str, result: Mapping[str, Any]) -> None:
    """Hand the result to whoever waits at `key`."""
    pipeline = redis.pipeline()
    pipeline.rpush(key, json.dumps(result))
    pipeline.expire(key, KEPT_SECONDS)
    pipeline.execute()


def main() -> None:
    """Run the worker until told to stop."""
    pipelines = Pipelines(choose(worker_settings().device))
    pipelines.warm()
    redis = redis_client()

    @app.task(name=INTERACTIVE_EVALUATE)
    def task(key: str, deadline: float, packs: dict[str, str], job_description: str, resume: str) -> None:
        try:
            if redis.time()[0] >= deadline:
                logger.info("too late, nobody waits")
            else:
                answer(redis, key, evaluate(pipelines, packs, job_description, resume))
        except RedisError as error:
            logger.warning("redis away, the caller gets no answer error=%s", type(error).__name__)

    consumer.run(INTERACTIVE, slots=1)


if __name__ == "__main__":
    main()
