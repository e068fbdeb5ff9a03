"""The few hints at chunks that lie in Redis, in the order of fair turns: what deserves to go first overtakes."""

import base64
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from redis import Redis

from db import crash_points, due
from db.due import Due, Waiting
from db.leader import Leader
from db.tables import Chunk
from workers.celery_app import SCREEN, SCREEN_CHUNK, publish
from workers.shares import Shares

WINDOW = 2
"""Hints that wait at most. A worker takes one as a slot gets free, so it is the order of these that counts."""


@dataclass(slots=True)
class ChunkHints:
    """What this relay has hinted at and nobody took yet; hints of one before it are no more than hints."""

    shares: Shares = field(default_factory=Shares)
    _pending: dict[UUID, Due] = field(default_factory=dict)

    def publish(self, leader: Leader, redis: Redis) -> int:
        """Bring the hints in Redis up to whose turn it is now; returns how many are new.

        Raises RedisError and kombu's OperationalError.
        """
        lying = [self._pending[id] for id in _chunks(redis.lrange(SCREEN, 0, -1)) if id in self._pending]
        with leader.session() as session:
            waiting = due.screenings(session, WINDOW)
        ahead = Counter(hint.group for hint in lying)
        wanted = self.shares.choose([replace(one, ready=one.ready + ahead[one.id]) for one in waiting], WINDOW)
        missing = Counter(one.id for one in wanted)
        missing.subtract(ahead)
        if min(missing.values(), default=0) < 0:  # something lies there that should not go yet
            self._withdraw(leader, redis)
            missing = Counter(one.id for one in wanted)
        self._pending = {hint.id: hint for hint in lying if hint.id in self._pending}
        return self._hint(leader, [one for one in dict.fromkeys(wanted) if missing[one.id] > 0], missing)

    def _hint(self, leader: Leader, wanted: Iterable[Waiting], counts: Counter[UUID]) -> int:
        with leader.session() as session:
            chosen = [row for one in wanted for row in due.chunks(session, one, counts[one.id])]
            chosen = due.postpone(session, Chunk, chosen) if chosen else []
        if chosen:
            crash_points.reached("relay.publishing")
        for row in chosen:
            publish(SCREEN_CHUNK, SCREEN, row.tenant_id, row.id)
            self._pending[row.id] = row
        return len(chosen)

    def _withdraw(self, leader: Leader, redis: Redis) -> None:
        """Take back what no worker took, to be due at once. A hint taken meanwhile is none of these."""
        with redis.pipeline(transaction=True) as both:
            both.lrange(SCREEN, 0, -1)
            both.delete(SCREEN)
            taken = [self._pending.pop(id, None) for id in _chunks(both.execute()[0])]
        if back := [hint for hint in taken if hint]:
            with leader.session() as session:
                due.postpone(session, Chunk, back, by=timedelta(0))


def _chunks(messages: Any) -> list[UUID]:
    """The chunks that these Celery messages (protocol 2) hint at."""
    bodies = (json.loads(base64.b64decode(json.loads(message)["body"])) for message in messages)
    return [UUID(args[1]) for args, *_ in bodies]
