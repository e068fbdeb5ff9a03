"""Ends a worker that is connected but does nothing while there is work, so that its supervisor starts it again.

After a reconnection to Redis a consumer may stay connected and take nothing (celery/celery issues 8030, 8091, 10205),
and a slot may hang in code that never returns. Neither can be mended from within; all that is held comes back when its
lease runs out.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from redis import RedisError

from workers.celery_app import redis_client

logger = logging.getLogger(__name__)

STALL_SECONDS = 20.0
"""How long messages may lie in the queue while a slot is free and takes none."""
HANG_SECONDS = 90.0
"""How long every slot may be busy without one of them getting on."""
LOAD_SECONDS = 900.0
"""The same while models are loaded, which has no steps, and takes minutes on a machine that has much else to do."""
LOOK_SECONDS = 1.0
STANDSTILL_SECONDS = 5.0
"""A look that comes so late tells that the whole process stood still, or its machine did, and nothing can be judged."""
EXIT_CODE = 70  # EX_SOFTWARE of sysexits.h


class Watchdog:
    """Judges one worker by what its slots do; `clock` is of monotonic seconds."""

    def __init__(
        self,
        slots: int,
        stall: float = STALL_SECONDS,
        hang: float = HANG_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slots, self._stall, self._hang, self._clock = slots, stall, hang, clock
        self._busy = self._loading = 0
        self._counting = threading.Lock()
        self._got_on = self._seen_empty = self._looked = clock()

    def took(self, **_: Any) -> None:
        """A slot began with a message."""
        with self._counting:
            self._busy += 1
        self._got_on = self._seen_empty = self._clock()

    def ended(self, **_: Any) -> None:
        """A slot is done with its message."""
        with self._counting:
            self._busy -= 1
        self._got_on = self._clock()

    def got_on(self) -> None:
        """A slot is part of a message further, such as a batch."""
        self._got_on = self._clock()

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Models are loaded while the block lasts."""
        with self._counting:
            self._loading += 1
        try:
            yield
        finally:
            with self._counting:
                self._loading -= 1
            self.got_on()

    def verdict(self, waiting: bool) -> str | None:
        """What is wrong, if anything; to be asked again and again. `waiting`: messages lie in the queue now."""
        now = self._clock()
        if now - self._looked > STANDSTILL_SECONDS:
            self._got_on = self._seen_empty = now
        self._looked = now
        if self._busy >= self._slots or not waiting:
            self._seen_empty = now
        if now - self._seen_empty > self._stall:
            return f"messages wait and a slot is free, but none was taken for {self._stall:.0f} s"
        hang = LOAD_SECONDS if self._loading else self._hang
        if self._busy >= self._slots and now - self._got_on > hang:
            return f"all {self._slots} slots are busy and none got on for {hang:.0f} s"
        return None

    def watch(self, queue: str) -> None:
        """Look at `queue` from a thread of its own, and end this process when something is wrong."""
        threading.Thread(target=self._watch, args=(queue,), name="watchdog", daemon=True).start()

    def _watch(self, queue: str) -> None:
        redis = redis_client()
        while True:
            time.sleep(LOOK_SECONDS)
            try:
                waiting = bool(redis.llen(queue))
            except RedisError:
                waiting = False  # that Redis is away is nothing that a restart mends
            if wrong := self.verdict(waiting):
                logger.critical("ending this process for its supervisor to start it again: %s", wrong)
                os._exit(EXIT_CODE)
