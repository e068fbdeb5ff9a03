"""How much work waits, measured by the relay that leads: as often as here, however often Prometheus asks."""

import logging
import threading
from dataclasses import dataclass, field
from typing import cast

from prometheus_client import Gauge
from redis import Redis, RedisError
from sqlalchemy.exc import DBAPIError

from db import backlog
from db.engine import system_session
from workers.celery_app import QUEUES, redis_client

logger = logging.getLogger(__name__)

EVERY_SECONDS = 5.0

LEADING = Gauge("winnow_relay_leading", "1 while this relay leads, else 0; only the one that leads tells the backlog")
DUE = Gauge("winnow_work_due", "Work that waits for a worker", ["kind"])
LEASED = Gauge("winnow_work_leased", "Work that a worker holds", ["kind"])
EXPIRED = Gauge("winnow_work_expired", "Work whose lease ran out and that nobody has taken over yet", ["kind"])
OLDEST = Gauge(
    "winnow_work_oldest_due_seconds",
    "How long the oldest work that is due has waited: a chunk since its screening was created",
    ["kind"],
)
ENDPOINTS = Gauge("winnow_endpoints", "Webhook endpoints that fail now, and that were disabled", ["state"])
QUEUED = Gauge("winnow_queue_messages", "Messages that lie in Redis and that no worker took yet", ["queue"])
REDIS_MEMORY = Gauge("winnow_redis_memory_bytes", "Memory of Redis: used, and its limit (0: none)", ["of"])
REDIS_EVICTED = Gauge(
    "winnow_redis_evicted_keys", "Keys that Redis gave up for want of memory since its start", ["policy"]
)

_OF_POSTGRES = (DUE, LEASED, EXPIRED, OLDEST, ENDPOINTS)
_OF_REDIS = (QUEUED, REDIS_MEMORY, REDIS_EVICTED)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Works in a thread of its own, as what it asks may take longer than a relay may be silent."""

    stop: threading.Event
    leading: threading.Event
    redis: Redis = field(default_factory=redis_client)

    def start(self) -> None:
        """Begin; it ends with the process."""
        LEADING.set_function(lambda: float(self.leading.is_set()))
        threading.Thread(target=self._run, name="backlog", daemon=True).start()

    def _run(self) -> None:
        while not self.stop.wait(EVERY_SECONDS):
            if self.leading.is_set():
                measure(self.redis)
            else:
                _forget(_OF_POSTGRES + _OF_REDIS)


def measure(redis: Redis) -> None:
    """Take all figures anew; those of a server that is away are no longer told."""
    try:
        _ask_postgres()
    except DBAPIError as error:
        logger.warning("backlog not measured", extra={"error": type(error).__name__})
        _forget(_OF_POSTGRES)
    try:
        _ask_redis(redis)
    except RedisError:
        _forget(_OF_REDIS)


def _ask_postgres() -> None:
    with system_session() as session:
        standings, receivers = backlog.standings(session), backlog.receivers(session)
    for one in standings:
        DUE.labels(one.kind).set(one.due)
        LEASED.labels(one.kind).set(one.leased)
        EXPIRED.labels(one.kind).set(one.expired)
        OLDEST.labels(one.kind).set(one.oldest_seconds)
    ENDPOINTS.labels("failing").set(receivers.failing)
    ENDPOINTS.labels("disabled").set(receivers.disabled)


def _ask_redis(redis: Redis) -> None:
    lengths = {queue: redis.llen(queue) for queue in QUEUES}
    told = cast(dict[str, int | str], redis.info())
    for queue, length in lengths.items():
        QUEUED.labels(queue).set(length)
    REDIS_MEMORY.labels("used").set(float(told["used_memory"]))
    REDIS_MEMORY.labels("limit").set(float(told["maxmemory"]))
    REDIS_EVICTED.clear()  # the policy may have been changed
    REDIS_EVICTED.labels(str(told["maxmemory_policy"])).set(float(told["evicted_keys"]))


def _forget(gauges: tuple[Gauge, ...]) -> None:
    for gauge in gauges:
        gauge.clear()
