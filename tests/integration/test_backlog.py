"""How much work waits, as the relay that leads tells it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from conftest import Caller
from prometheus_client import REGISTRY
from redis import Redis
from screening_rows import add_packs, add_screening
from sqlalchemy import func, insert, select, update

from db import backlog, chunks
from db.backlog import Standing
from db.engine import app_session, system_session
from db.tables import Chunk, Delivery, Endpoint, Event, Screening
from local.deployment import Deployment
from workers import backlog as measured
from workers.backlog import Backlog

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


def standing(kind: str) -> Standing:
    with system_session() as session:
        (found,) = [one for one in backlog.standings(session) if one.kind == kind]
    return found


def _chunks(caller: Caller, screening_id: UUID) -> list[UUID]:
    with app_session(caller.tenant_id) as session:
        return list(session.scalars(select(Chunk.id).where(Chunk.screening_id == screening_id).order_by(Chunk.seq)))


def _finish_all(caller: Caller) -> None:
    with app_session(caller.tenant_id) as session:
        session.execute(update(Chunk).values(state="done"))


def test_chunks_wait_as_long_as_their_screening_and_are_told_by_who_holds_them(tenant: Caller) -> None:
    assert standing("chunk") == Standing("chunk", 0, 0, 0, 0.0)
    screening_id = add_screening(tenant.tenant_id, "pool", [40_000] * 3)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Screening).values(created_at=func.now() - HOUR))
        first, second, _ = _chunks(tenant, screening_id)
        for id in (first, second):
            assert chunks.claim(session, id, "worker") is not None
        session.execute(update(Chunk).where(Chunk.id == first).values(lease_until=func.now() - HOUR))
        # A hint puts the due time off; that does not make the work any younger.
        session.execute(update(Chunk).where(Chunk.state == "due").values(due_at=func.now() + HOUR))
    told = standing("chunk")
    assert (told.due, told.leased, told.expired) == (1, 1, 1)
    assert 3600 <= told.oldest_seconds < 2 * 3600
    _finish_all(tenant)
    assert standing("chunk") == Standing("chunk", 0, 0, 0, 0.0)


@pytest.mark.parametrize(
    ("endpoint", "due"),
    [
        ({}, 1),
        ({"failing_since": func.now() - HOUR}, 0),
        ({"paused_until": func.now() + HOUR}, 0),
        ({"disabled_at": func.now(), "disabled_reason": "gone"}, 0),
    ],
    ids=["well", "failing", "paused", "disabled"],
)
def test_deliveries_that_wait_for_their_receiver_do_not_wait_for_us(
    tenant: Caller, endpoint: dict[str, object], due: int
) -> None:
    own = {"tenant_id": tenant.tenant_id}
    before = standing("delivery").due
    with app_session(tenant.tenant_id) as session:
        made = insert(Endpoint).values(**own, url="http://127.0.0.1:9", events=[], secret=b"", **endpoint)
        event = insert(Event).values(**own, type="upload.ended", payload={})
        owed = {
            "endpoint_id": session.scalars(made.returning(Endpoint.id)).one(),
            "event_id": session.scalars(event.returning(Event.id)).one(),
        }
        session.execute(insert(Delivery).values(**own, **owed, due_at=func.now() - HOUR))
    assert standing("delivery").due == before + due
    with system_session() as session:
        receivers = backlog.receivers(session)
    assert receivers.failing == int("failing_since" in endpoint)
    assert receivers.disabled == int("disabled_at" in endpoint)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Endpoint).values(disabled_at=None, failing_since=None, disabled_reason=None))
        session.execute(update(Delivery).values(state="failed"))


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def told(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"winnow_{name}", labels)


@pytest.fixture
def redis(database: Deployment) -> Iterator[Redis]:
    with Redis.from_url(database.servers.redis_url) as client:
        yield client


def test_only_a_relay_that_leads_tells_the_backlog(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "EVERY_SECONDS", 0.05)
    stop, leading = threading.Event(), threading.Event()
    Backlog(stop, leading, redis).start()
    try:
        leading.set()
        until(lambda: told("work_due", kind="chunk") == 0)
        until(lambda: told("queue_messages", queue="screen") == 0)
        until(lambda: told("redis_evicted_keys", policy="noeviction") == 0)
        assert told("relay_leading") == 1
        leading.clear()
        until(lambda: told("work_due", kind="chunk") is None and told("queue_messages", queue="screen") is None)
        assert told("relay_leading") == 0
    finally:
        stop.set()


def test_messages_in_redis_are_counted_queue_by_queue(redis: Redis) -> None:
    redis.rpush("parse", "one", "two")
    measured.measure(redis)
    assert told("queue_messages", queue="parse") == 2
    assert told("queue_messages", queue="deliver") == 0
    assert (told("redis_memory_bytes", of="used") or 0) > 0
    redis.delete("parse")
