"""The relay: finds work that is due in Postgres and hints at it over Redis, a little ahead of the workers.

Started by `python -m workers.relay`. Several may run, and one leads. It also sweeps canceled screenings, makes the
coming months' partitions and deletes what is kept no longer. It holds nothing that matters: when Redis is emptied or a
hint is lost, the row is due again within seconds, and a new leader knows in whose turn it is from what Postgres counts.
"""

import logging
import signal
import threading
import time
from dataclasses import dataclass, field
from uuid import UUID

from kombu.exceptions import OperationalError as BrokerError
from redis import Redis, RedisError
from sqlalchemy.exc import DBAPIError

from db import canceling, deliveries, due, partitions
from db.engine import app_session
from db.leader import Leader, lead
from db.settings import kept_for
from db.tables import Document, Passages
from workers import process
from workers.backlog import Backlog
from workers.celery_app import (
    DELIVER,
    DELIVER_DELIVERY,
    EXPLAIN,
    EXPLAIN_ITEM,
    PARSE,
    PARSE_DOCUMENT,
    SCREEN,
    publish,
    redis_client,
)
from workers.heartbeat import Heartbeat
from workers.hints import WINDOW, ChunkHints
from workers.retention import Retention
from workers.turns import Turns

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.1
"""From one turn to the next while something is due."""
HURRY_SECONDS = 0.02
"""The same after a turn that found a whole window of hints taken: the workers are quicker than the turns."""
MOST_SECONDS = 0.5
"""Longest rest while nothing was due, of which the relay would not be told: what ran out, or comes back later."""
SLOWER = 1.5
"""How much longer each further rest is, so that what comes due is late by no more than a part of the quiet before."""
RETRY_SECONDS = 1.0
PARTITION_SECONDS = 3600.0
SWEEP_SECONDS = 2.0
"""How long sweeping may keep the relay from its other work."""
DOCUMENTS_AHEAD = 8
EXPLAIN_SECONDS = 5.0
"""From one item to be explained to the next while chunks wait. The search of one takes about a second of a CPU."""
REDIS_SECONDS = 2.0
"""How long the relay waits for Redis: less than a leader may be silent (`db.leader`)."""


@dataclass(slots=True)
class Relay:
    """One process's relay; `run` returns after `stop` is set."""

    stop: threading.Event
    leading: threading.Event = field(default_factory=threading.Event)
    redis: Redis = field(default_factory=lambda: redis_client(REDIS_SECONDS))
    hints: ChunkHints = field(default_factory=ChunkHints)
    turns: Turns = field(default_factory=Turns)
    explained: Turns = field(default_factory=Turns)
    heartbeat: Heartbeat = field(default_factory=lambda: Heartbeat("relay"))
    partitions_due: float = 0.0
    redis_due: float = 0.0
    explain_due: float = 0.0

    def run(self) -> None:
        """Lead, or wait to lead, whatever happens to the database."""
        while not self.stop.is_set():
            self.heartbeat.beat()
            try:
                self._lead()
            except DBAPIError as error:
                logger.warning("database away", extra={"error": type(error).__name__})
            self.stop.wait(RETRY_SECONDS)
        self.heartbeat.stop()

    def _lead(self) -> None:
        """Work while this process leads; return at once when another does."""
        with lead("relay") as leader:
            if leader is None:
                return
            logger.info("leading")
            self.leading.set()
            try:
                rest = TICK_SECONDS
                while not self.stop.is_set():
                    self.heartbeat.beat()
                    begun = time.monotonic()
                    rest = _rest(self.tick(leader), rest)
                    if leader.rest(rest):
                        rest = TICK_SECONDS
                        self.stop.wait(begun + TICK_SECONDS - time.monotonic())
            finally:
                self.leading.clear()

    def tick(self, leader: Leader) -> int:
        """One turn of the loop; returns at how much it hinted, or 1 while a cancel goes on.

        Raises DBAPIError when the database is away.
        """
        if time.monotonic() >= self.partitions_due:
            with leader.session() as session:
                partitions.ensure(session)
            self.partitions_due = time.monotonic() + PARTITION_SECONDS
        with leader.session() as session:
            requested = canceling.requested(session)
        until = time.monotonic() + SWEEP_SECONDS
        for tenant_id, screening_id in requested:
            _sweep(tenant_id, screening_id, until)
        published = self._publish(leader) if time.monotonic() >= self.redis_due else 0
        return max(published, int(bool(requested)))

    def _publish(self, leader: Leader) -> int:
        """Hint at what is due; returns at how much. Redis is asked first: while it is away rows stay due."""
        try:
            return (
                self.hints.publish(leader, self.redis)
                + self._publish_documents(leader)
                + self._publish_passages(leader)
                + self._publish_deliveries(leader)
            )
        except (RedisError, BrokerError) as error:
            logger.warning("redis away", extra={"error": type(error).__name__})
            self.redis_due = time.monotonic() + RETRY_SECONDS
            return 0

    def _publish_documents(self, leader: Leader) -> int:
        free = DOCUMENTS_AHEAD - int(self.redis.llen(PARSE))
        if free <= 0:
            return 0
        with leader.session() as session:
            chosen = self.turns.choose(due.documents(session, free), free)
            chosen = due.postpone(session, Document, chosen) if chosen else []
        for row in chosen:
            publish(PARSE_DOCUMENT, PARSE, row.tenant_id, row.id)
        return len(chosen)

    def _publish_passages(self, leader: Leader) -> int:
        """One at a time. Explaining comes after scoring, but one's long screening does not keep all others from it.

        While chunks wait, an item is explained every few seconds.
        """
        if self.redis.llen(EXPLAIN) or (self.redis.llen(SCREEN) and time.monotonic() < self.explain_due):
            return 0
        with leader.session() as session:
            chosen = self.explained.choose(due.passages(session, 1), 1)
            chosen = due.postpone(session, Passages, chosen) if chosen else []
        for row in chosen:
            publish(EXPLAIN_ITEM, EXPLAIN, row.tenant_id, row.id)
            self.explain_due = time.monotonic() + EXPLAIN_SECONDS
        return len(chosen)

    def _publish_deliveries(self, leader: Leader) -> int:
        with leader.session() as session:
            chosen = deliveries.due(session)
        for tenant_id, id in chosen:
            publish(DELIVER_DELIVERY, DELIVER, tenant_id, id)
        return len(chosen)


def _rest(due: int, rested: float) -> float:
    """Seconds until the next turn, after one that found so much due and a rest of so many seconds."""
    if due >= WINDOW:
        return HURRY_SECONDS
    return TICK_SECONDS if due else min(max(rested, TICK_SECONDS) * SLOWER, MOST_SECONDS)


def _sweep(tenant_id: UUID, screening_id: UUID, until: float) -> None:
    """Cancel what can be canceled now; the rest, under live leases, comes with a later tick."""
    while time.monotonic() < until:
        with app_session(tenant_id) as session:
            chunks = canceling.sweep(session, screening_id)
        if not chunks:
            return
        told = {"tenant": str(tenant_id), "screening": str(screening_id), "chunks": chunks}
        logger.info("canceled", extra=told)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    process.begin("relay")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    relay = Relay(stop)
    Retention(kept_for(), stop, relay.leading).start()
    Backlog(stop, relay.leading).start()
    relay.run()


if __name__ == "__main__":
    main()
