"""Webhook deliveries, claimed, signed and recorded, against a bare loop of POSTs by httpx."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import httpx

from benchmarks.performance.beside import beside
from benchmarks.performance.peers import interleave, medians, ratios
from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.stage import Stage, staged, timed
from client.client import Winnow
from db import events, keys
from db.deliveries import SLOTS
from db.engine import app_session

TENANTS, ENDPOINTS = 4, 5
"""A tenant gets half of the deliveries at work at most, an endpoint four of them: four tenants of five fill them."""
DELIVERIES, LOOP = "deliveries", "httpx loop"
LIMIT = (
    "A delivery is more than its POST: it is claimed, its try is on record before it is made and its outcome after, "
    "eight deliveries a transaction, as a worker that dies may send no more than a few again; it is signed and logged. "
    "All of it runs in one Python process under one interpreter lock, the exchange itself is less than half of it; "
    "several workers share it out. Tried: sixteen a transaction, which saves processor time and doubles what "
    "is sent again. Endpoints with one message each are bound by the relay, which opens 32 turns ten times a second "
    "at most."
)
_LEFT = "SELECT count(*) FROM deliveries WHERE state IN ('due', 'leased')"


@dataclass(slots=True)
class _Peers:
    """The same number of POSTs to the same receiver."""

    stage: Stage
    url: str
    tenants: list[UUID]
    posts: int

    def deliver(self) -> float:
        """Deliveries a second, from the moment that all of them may be sent until the last is recorded as received."""
        self._execute("UPDATE endpoints SET paused_until = now() + interval '1 hour'")
        for tenant in self.tenants:
            with app_session(tenant) as session:
                for number in range(self.posts // TENANTS // ENDPOINTS):
                    events.record(session, "upload.ended", {"upload_id": str(tenant), "accepted": number})
        begun = time.perf_counter()
        self._execute("UPDATE endpoints SET paused_until = NULL")
        self._wait()
        return self.posts / (time.perf_counter() - begun)

    def post(self) -> float:
        """POSTs a second of a body of the same size, as many at once."""
        body = (
            b'{"type":"upload.ended","timestamp":"2026-11-22T13:00:00Z","data":{"upload_id":"%036d","accepted":1}}' % 7
        )

        def one(number: int) -> None:
            client.post(f"{self.url}/{number % ENDPOINTS}", content=body).raise_for_status()

        with httpx.Client(trust_env=False) as client, ThreadPoolExecutor(SLOTS) as threads:
            return self.posts / timed(lambda: list(threads.map(one, range(self.posts))))

    def _execute(self, statement: str) -> None:
        with self.stage.superuser() as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def _wait(self) -> None:
        with self.stage.superuser() as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while True:
                cursor.execute(_LEFT)
                if cursor.fetchone() == (0,):
                    return
                time.sleep(0.05)


def measure(setup: Setup) -> list[Row]:
    """One row."""
    posts = setup.of(500, 5_000)
    with staged(setup) as stage, beside("benchmarks.performance.sink") as url:
        peers = _Peers(stage, url, [_tenant(stage, url, number) for number in range(TENANTS)], posts)
        found = interleave(setup.repeats, {DELIVERIES: peers.deliver, LOOP: peers.post})
        _check(stage, posts * setup.repeats)
    return [
        Row(
            name=f"webhook deliveries, {posts:,} to {TENANTS * ENDPOINTS} endpoints",
            against=f"a bare loop of httpx in {SLOTS} threads, connections kept",
            target=Target(0.5),
            values=ratios(found[DELIVERIES], found[LOOP]),
            rates=medians(found, "POSTs/s"),
            ceiling="1x: the peer's POST is a part of each delivery",
            n=posts,
            texts="events of 100 bytes; a receiver that answers 204 at once",
            limit=LIMIT,
        )
    ]


def _tenant(stage: Stage, url: str, number: int) -> UUID:
    """A customer with endpoints that want the event."""
    tenant_id, key = keys.create_key(f"receiver {number}", "benchmark")
    with Winnow(stage.url, key) as client:
        for place in range(ENDPOINTS):
            client.endpoints.create(f"{url}/{place}", ["upload.ended"])
    return tenant_id


def _check(stage: Stage, expected: int) -> None:
    """What failed was not delivered, however fast."""
    with stage.superuser() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deliveries WHERE state = 'succeeded' AND tries = 1")
        if cursor.fetchone() != (expected,):
            raise RuntimeError(f"not all of {expected} deliveries succeeded at once")
