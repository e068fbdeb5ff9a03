"""The relay, turn by turn: what it hints at, what a lost hint or an absent Redis changes, and who leads."""

import json
import signal
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from conftest import Caller
from redis import Redis
from screening_rows import add_packs, add_screening, check_counts
from sqlalchemy import func, insert, select, text, update

from db import chunks, due, screenings
from db.due import Due
from db.engine import app_session
from db.leader import SILENCE, Leader, lead
from db.tables import Chunk, Passages, Screening, Tenant
from local import child
from local.deployment import REPOSITORY, Deployment
from local.ports import free_port
from workers import celery_app
from workers.celery_app import EXPLAIN, SCREEN
from workers.hints import WINDOW
from workers.relay import RETRY_SECONDS, Relay
from workers.settings import worker_settings


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


@pytest.fixture
def queue(database: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """This module's Redis, and our Celery app upon it."""
    worker_settings.cache_clear()
    monkeypatch.setattr(celery_app.app.conf, "broker_url", database.servers.redis_url)
    with Redis.from_url(database.servers.redis_url) as client:
        client.flushall()
        yield client
    celery_app.app.close()
    worker_settings.cache_clear()


@pytest.fixture
def relay(queue: Redis) -> Iterator[Relay]:
    relay = Relay(threading.Event())
    yield relay
    relay.redis.close()


def _hints(queue: Redis) -> list[UUID]:
    """The chunks hinted at, the next to be taken first; taken off the queue."""
    lying = _lying(queue)
    queue.delete(SCREEN)
    return lying


def _lying(queue: Redis, name: str = SCREEN) -> list[UUID]:
    bodies = [json.loads(b64decode(json.loads(message)["body"])) for message in queue.lrange(name, 0, -1)[::-1]]
    return [UUID(body[0][1]) for body in bodies]


def _chunks(caller: Caller, screening_id: UUID) -> list[UUID]:
    with app_session(caller.tenant_id) as session:
        query = select(Chunk.id).where(Chunk.screening_id == screening_id).order_by(Chunk.seq)
        return list(session.scalars(query))


def _finish_all(caller: Caller) -> None:
    """Leave nothing due for the next test."""
    with app_session(caller.tenant_id) as session:
        session.execute(update(Chunk).values(due_at=func.now() + timedelta(days=1)))


def test_only_a_few_hints_lie_ahead_of_the_workers(relay: Relay, leader: Leader, queue: Redis, tenant: Caller) -> None:
    ids = _chunks(tenant, add_screening(tenant.tenant_id, "pool", [40_000] * 6))
    for _ in range(3):
        relay.tick(leader)
    assert _hints(queue) == ids[:WINDOW]
    relay.tick(leader)
    assert _hints(queue) == ids[WINDOW : 2 * WINDOW]
    _finish_all(tenant)


def test_a_small_screening_is_not_kept_waiting(
    relay: Relay, leader: Leader, queue: Redis, tenant: Caller, other_tenant: Caller
) -> None:
    large = _chunks(tenant, add_screening(tenant.tenant_id, "large", [40_000] * 20))
    relay.tick(leader)
    assert _hints(queue) == large[:WINDOW]
    small = _chunks(other_tenant, add_screening(other_tenant.tenant_id, "small", [40_000]))
    relay.tick(leader)
    assert small[0] in _hints(queue)
    for caller in (tenant, other_tenant):
        _finish_all(caller)


def test_what_deserves_to_go_first_overtakes_what_nobody_took_yet(
    relay: Relay, leader: Leader, queue: Redis, tenant: Caller, other_tenant: Caller
) -> None:
    large = _chunks(tenant, add_screening(tenant.tenant_id, "large", [40_000] * 20))
    relay.tick(leader)
    assert _lying(queue) == large[:WINDOW]
    (small,) = _chunks(other_tenant, add_screening(other_tenant.tenant_id, "small", [100]))
    relay.tick(leader)
    assert sorted(_hints(queue)) == sorted([small, large[0]])
    with app_session(tenant.tenant_id) as session:  # the one that gave way is due as before
        assert session.scalars(select(Chunk.due_at <= func.now()).where(Chunk.id == large[1])).one()
    for caller in (tenant, other_tenant):
        _finish_all(caller)


def test_low_priority_gives_way_and_a_limit_holds(
    relay: Relay, leader: Leader, queue: Redis, tenant: Caller, other_tenant: Caller
) -> None:
    low_id = add_screening(tenant.tenant_id, "low", [40_000] * 4)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Screening).where(Screening.id == low_id).values(low=True))
    usual = _chunks(other_tenant, add_screening(other_tenant.tenant_id, "usual", [40_000] * 4))
    relay.tick(leader)
    assert _hints(queue) == usual[:WINDOW]
    with app_session(other_tenant.tenant_id) as session:
        session.execute(update(Tenant).values(running_limit=1))
        assert chunks.claim(session, usual[0], "worker") is not None
    relay.tick(leader)
    assert _hints(queue) == _chunks(tenant, low_id)[:WINDOW]
    for caller in (tenant, other_tenant):
        _finish_all(caller)


def test_a_lost_hint_is_given_again(relay: Relay, leader: Leader, queue: Redis, tenant: Caller) -> None:
    (id,) = _chunks(tenant, add_screening(tenant.tenant_id, "pool", [100]))
    relay.tick(leader)
    queue.flushall()
    relay.tick(leader)
    assert _hints(queue) == []  # not at once: it may yet be on its way
    with app_session(tenant.tenant_id) as session:
        due_at, now = session.execute(select(Chunk.due_at, func.now()).where(Chunk.id == id)).one()
        assert timedelta(seconds=5) < due_at - now <= timedelta(seconds=10)
        session.execute(update(Chunk).where(Chunk.id == id).values(due_at=func.now()))
    relay.tick(leader)
    assert _hints(queue) == [id]
    _finish_all(tenant)


def test_a_lease_that_ran_out_is_hinted_at(relay: Relay, leader: Leader, queue: Redis, tenant: Caller) -> None:
    (id,) = _chunks(tenant, add_screening(tenant.tenant_id, "pool", [100]))
    with app_session(tenant.tenant_id) as session:
        assert chunks.claim(session, id, "worker") is not None
    relay.tick(leader)
    assert _hints(queue) == []
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Chunk).where(Chunk.id == id).values(lease_until=func.now()))
    relay.tick(leader)
    assert _hints(queue) == [id]
    _finish_all(tenant)


def test_a_long_screening_keeps_nobody_from_explanations(
    relay: Relay, leader: Leader, queue: Redis, tenant: Caller, other_tenant: Caller
) -> None:
    add_screening(tenant.tenant_id, "long", [40_000] * 20)
    asked = [_ask_for_passages(caller) for caller in (tenant, other_tenant) for _ in range(2)]
    explained = []
    for _ in range(4):
        relay.explain_due = 0.0  # some seconds later
        relay.tick(leader)
        relay.tick(leader)  # one at a time
        explained += _lying(queue, EXPLAIN)
        queue.delete(EXPLAIN)
        relay.tick(leader)  # and not at once the next
        assert not queue.llen(EXPLAIN)
        assert queue.llen(SCREEN) == WINDOW
    assert sorted(explained) == sorted(asked)
    assert {asked.index(id) // 2 for id in explained[:2]} == {0, 1}, "tenants take turns"
    for caller in (tenant, other_tenant):
        _finish_all(caller)


def _ask_for_passages(caller: Caller) -> UUID:
    screening_id = add_screening(caller.tenant_id, f"ended {uuid4()}", [100])
    with app_session(caller.tenant_id) as session:
        session.execute(update(Chunk).where(Chunk.screening_id == screening_id).values(state="done"))
        pair = {"screening_id": screening_id, "job_id": uuid4(), "resume_id": uuid4()}
        asked = insert(Passages).values(tenant_id=caller.tenant_id, **pair).returning(Passages.id)
        return session.scalars(asked).one()


def test_what_a_worker_has_locked_is_neither_put_off_nor_waited_for(leader: Leader, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [40_000] * 3)
    rows = [Due(tenant.tenant_id, screening_id, id) for id in _chunks(tenant, screening_id)]
    with app_session(tenant.tenant_id) as worker:
        worker.execute(select(Chunk.id).where(Chunk.id == rows[1].id).with_for_update())
        with leader.session() as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))  # waiting would fail, not hang
            assert due.postpone(session, Chunk, rows) == [rows[0], rows[2]]
    _finish_all(tenant)


def test_without_redis_nothing_is_put_off(
    relay: Relay, leader: Leader, tenant: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    (id,) = _chunks(tenant, add_screening(tenant.tenant_id, "pool", [100]))
    retry = relay.redis.get_retry()
    assert retry is not None
    with Redis(port=free_port(), retry=retry) as nobody:
        monkeypatch.setattr(relay, "redis", nobody)
        relay.tick(leader)
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(Chunk.due_at <= func.now()).where(Chunk.id == id)).one()
    _finish_all(tenant)


def test_a_canceled_screening_is_swept_and_no_longer_hinted_at(
    relay: Relay, leader: Leader, queue: Redis, tenant: Caller
) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [40_000] * 50)
    with app_session(tenant.tenant_id) as session:
        screenings.request_cancel(session, screening_id)
    relay.tick(leader)
    assert _hints(queue) == []
    assert check_counts(tenant.tenant_id, screening_id)["canceled"] == 50


def test_one_leads_and_another_takes_over(database: Deployment) -> None:
    with lead("relay") as first:
        assert first is not None
        with lead("relay") as second, lead("another") as another:
            assert second is None
            assert another is not None
    _wait_for(_another_leads, 60)


def _another_leads() -> bool:
    with lead("relay") as leader:
        return leader is not None


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP])
def test_another_relay_takes_over_within_ten_seconds(
    database: Deployment, tmp_path: Path, fate: signal.Signals
) -> None:
    """From one that was killed, and from one that hangs with its connection open: a machine that is not busy takes
    what the server waits for a silent leader, and what the other waits between two tries.
    """
    assert SILENCE + RETRY_SECONDS < 10
    environment = database.environment() | {"WINNOW_RUN_DIR": str(tmp_path)}
    argv = [sys.executable, "-m", "workers.relay"]
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    processes = [child.Command(argv, logs[0], environment, REPOSITORY).start()]
    try:
        _wait_for(lambda: "leading" in logs[0].read_text(), 60)
        processes.append(child.Command(argv, logs[1], environment, REPOSITORY).start())
        _wait_for(lambda: list(tmp_path.glob(f"relay.{processes[1].pid}.alive")), 60)
        processes[0].send_signal(fate)
        _wait_for(lambda: "leading" in logs[1].read_text(), 60)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _wait_for(condition: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
