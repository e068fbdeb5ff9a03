"""Who is there: every worker leaves a sign in Redis that soon fades, and says in it how its clock stands to Redis'.

For `winnow doctor`, which may run on another machine; nothing else goes by it. A worker whose loop hangs leaves none.
"""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from redis import Redis, RedisError

from workers.celery_app import redis_client
from workers.heartbeat import STALE_SECONDS, Heartbeat

logger = logging.getLogger(__name__)

PREFIX = "winnow:presence:"
EVERY_SECONDS = 5.0
FADES_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Sign:
    """A worker that was there a moment ago; `ahead` is by how many seconds its clock is before Redis'."""

    queue: str
    host: str
    pid: int
    ahead: float


def ahead_of(redis: Redis) -> float:
    """By how many seconds this machine's clock is before Redis', as well as one exchange can tell."""
    before = time.time()
    seconds, microseconds = redis.time()
    return (before + time.time()) / 2 - (seconds + microseconds / 1e6)


def signs(redis: Redis) -> Iterator[Sign]:
    """Every worker that is there. Raises RedisError."""
    for key in redis.scan_iter(f"{PREFIX}*"):
        told = redis.get(key)
        if told is not None:  # it faded meanwhile
            yield Sign(**json.loads(told))


def show(queue: str, heartbeat: Heartbeat) -> None:
    """Leave signs of this process, from a thread of its own, for as long as its loop turns."""
    threading.Thread(target=_show, args=(queue, heartbeat), name="presence", daemon=True).start()


def _show(queue: str, heartbeat: Heartbeat) -> None:
    redis = redis_client()
    host, pid = socket.gethostname(), os.getpid()
    while True:
        if time.monotonic() - heartbeat.last < STALE_SECONDS:
            try:
                told = {"queue": queue, "host": host, "pid": pid, "ahead": round(ahead_of(redis), 3)}
                redis.set(f"{PREFIX}{queue}:{host}:{pid}", json.dumps(told), ex=FADES_SECONDS)
            except RedisError as error:
                logger.debug("no sign left in redis error=%s", type(error).__name__)
        time.sleep(EVERY_SECONDS)
