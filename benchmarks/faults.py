"""Faults to inject into a running system while a screening is in progress."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis

from local.system import System


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong once, when this share of the items has ended."""

    name: str
    at: float
    inject: Callable[[System], None]


def kill_screen_worker(system: System) -> None:
    """SIGKILL, in the middle of whatever it computes; the supervisor starts another."""
    os.kill(system.supervisor.pid("worker-screen"), signal.SIGKILL)


def empty_redis(system: System) -> None:
    """Every message, in the queue or taken and not yet run, is gone."""
    with redis.Redis.from_url(system.deployment.servers.redis_url) as client:
        client.flushall()


FAULTS = (
    Fault("kill-worker", 0.25, kill_screen_worker),
    Fault("empty-redis", 0.5, empty_redis),
    Fault("kill-worker-again", 0.75, kill_screen_worker),
)


@dataclass(slots=True)
class Injector:
    """Injects each fault once its share is reached; `recovered` holds seconds from the fault to the next progress."""

    system: System
    pending: list[Fault]
    recovered: dict[str, float]
    _last: tuple[str, float, int] | None = None

    def on_progress(self, ended: int, total: int) -> None:
        """Told how many items have ended, again and again."""
        if self._last and ended > self._last[2]:
            self.recovered[self._last[0]] = time.monotonic() - self._last[1]
            self._last = None
        if self.pending and not self._last and ended >= self.pending[0].at * total:
            fault = self.pending.pop(0)
            fault.inject(self.system)
            self._last = (fault.name, time.monotonic(), ended)
