"""Redis for what a request can do without: short time-outs, and left alone for a moment after every failure.

A Redis that is away must cost one request in many a fraction of a second, and the others nothing.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from redis import Redis, RedisError

from workers.celery_app import redis_client

TIMEOUT_SECONDS = 0.25
PAUSE_SECONDS = 2.0
"""How long nobody asks after a failure; then one request tries again."""

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


class OptionalRedis:
    """One connection pool behind a circuit breaker; threads share it."""

    def __init__(self) -> None:
        self._client: Redis | None = None
        self._closed = threading.Lock()
        self._again_at = 0.0

    def run(self, work: Callable[[Redis], Result]) -> Result | None:
        """What `work` returns; None when Redis is away, which is logged once a pause."""
        if self.away and not self._may_try():
            return None
        try:
            result = work(self._connected())
        except RedisError as error:
            told = {"pause_s": PAUSE_SECONDS, "error": type(error).__name__}
            logger.warning("redis away, going without", extra=told)
            self._again_at = time.monotonic() + PAUSE_SECONDS
            return None
        self._again_at = 0.0
        return result

    @property
    def away(self) -> bool:
        """Whether the last attempt failed."""
        return self._again_at > 0.0

    def forget(self) -> None:
        """Close all connections; the next call reads the address anew."""
        if self._client is not None:
            self._client.close()
        self._client, self._again_at = None, 0.0

    def _may_try(self) -> bool:
        """True for one caller when the pause is over; it ends the pause of all by succeeding."""
        with self._closed:
            if time.monotonic() < self._again_at:
                return False
            self._again_at = time.monotonic() + PAUSE_SECONDS
            return True

    def _connected(self) -> Redis:
        if self._client is None:
            self._client = redis_client(TIMEOUT_SECONDS, TIMEOUT_SECONDS, retries=0)
        return self._client


optional_redis = OptionalRedis()
"""The one of this process."""
