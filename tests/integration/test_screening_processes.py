"""The relay and the screening worker as processes, scoring with tiny packs: the whole path, and what interrupts it."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
import redis
from conftest import Caller
from screening_rows import add_screening, check_counts, events_of
from sqlalchemy import func, select, update

from db import screenings
from db.engine import app_session
from db.tables import Assessment, Chunk, Score, Screening
from local.deployment import REPOSITORY, Deployment
from local.supervisor import Supervisor
from local.system import programs


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("armed")


@pytest.fixture(scope="module")
def workers(
    database: Deployment,
    tiny_packs: tuple[tuple[str, str], ...],
    tmp_path_factory: pytest.TempPathFactory,
    armed: Path,
) -> Iterator[Supervisor]:
    folder = tmp_path_factory.mktemp("workers")
    own = {"WINNOW_RUN_DIR": str(folder / "run"), "WINNOW_TEST_BUILD": "1", "WINNOW_CRASH_POINTS": str(armed)}
    deployment = replace(database, settings=(*tiny_packs, *own.items()))
    deployment.administer("register-packs")
    wanted = [program for program in programs() if program.name in ("relay", "worker-screen")]
    with Supervisor(wanted, deployment.environment(), REPOSITORY, folder / "logs") as supervisor:
        yield supervisor


def _until(condition: Callable[[], object], seconds: float = 280) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def _ended(caller: Caller, screening_id: UUID) -> Callable[[], bool]:
    def ended() -> bool:
        counts = check_counts(caller.tenant_id, screening_id)
        with app_session(caller.tenant_id) as session:
            view = screenings.find(session, screening_id)
        assert view is not None
        assert view.scored >= counts["scored"]
        return view.state == "ended"

    return ended


def _rows(caller: Caller, table: type[Score] | type[Assessment], screening_id: UUID) -> int:
    with app_session(caller.tenant_id) as session:
        return session.scalars(select(func.count()).select_from(table).where(table.screening_id == screening_id)).one()


def test_every_item_is_scored_and_told(workers: Supervisor, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "plain", [9_000] * 30, jobs=2)
    _until(_ended(tenant, screening_id))
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 60, "errored": 0, "canceled": 0}
    assert _rows(tenant, Assessment, screening_id) == 30
    told = events_of(tenant.tenant_id, screening_id)
    assert [one for one in told if one != "screening.progressed"] == ["screening.started", "screening.ended"]


def test_a_killed_worker_loses_and_doubles_nothing(workers: Supervisor, tenant: Caller, armed: Path) -> None:
    pid = workers.pid("worker-screen")
    (armed / "screen.scoring").write_text("kill")
    screening_id = add_screening(tenant.tenant_id, "killed", [40_000] * 600)
    _until(lambda: workers.pid("worker-screen") != pid)
    assert _expire_leases(tenant, screening_id, pid) > 0
    _until(_ended(tenant, screening_id))
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 600, "errored": 0, "canceled": 0}
    assert _rows(tenant, Assessment, screening_id) == 600


def test_a_worker_told_to_stop_hands_back_what_it_holds(workers: Supervisor, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "stopped", [40_000] * 600)
    with _frozen_with_a_claim(workers, tenant, screening_id) as pid:
        os.kill(pid, signal.SIGTERM)  # which it sees when it goes on
    _until(lambda: workers.pid("worker-screen") != pid)
    assert _expire_leases(tenant, screening_id, pid) == 0
    _until(_ended(tenant, screening_id))
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 600


def test_an_emptied_redis_only_delays(workers: Supervisor, tenant: Caller, database: Deployment) -> None:
    screening_id = add_screening(tenant.tenant_id, "flushed", [40_000] * 600)
    with (
        redis.Redis.from_url(database.servers.redis_url) as client,
        _frozen_with_a_claim(workers, tenant, screening_id),
    ):
        client.flushall()
    _until(_ended(tenant, screening_id))
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 600


def test_a_canceled_screening_ends_soon(workers: Supervisor, tenant: Caller) -> None:
    with _frozen(workers):
        screening_id = add_screening(tenant.tenant_id, "canceled", [40_000] * 600)
        with app_session(tenant.tenant_id) as session:
            screenings.request_cancel(session, screening_id)
    _until(_ended(tenant, screening_id))
    counts = check_counts(tenant.tenant_id, screening_id)
    assert counts["canceled"] > 0
    assert sum(counts.values()) == 600 == _rows(tenant, Score, screening_id)
    assert events_of(tenant.tenant_id, screening_id)[-2:] == ["screening.canceled", "screening.ended"]


def test_a_small_screening_ends_while_a_large_one_goes_on(
    workers: Supervisor, tenant: Caller, other_tenant: Caller
) -> None:
    large = add_screening(tenant.tenant_id, "large", [40_000] * 3_000)
    with _frozen_with_a_claim(workers, tenant, large):
        small = add_screening(other_tenant.tenant_id, "small", [9_000] * 4)
    _until(_ended(other_tenant, small))
    assert check_counts(other_tenant.tenant_id, small)["scored"] == 4
    with app_session(tenant.tenant_id) as session:
        screenings.request_cancel(session, large)
    _until(_ended(tenant, large))
    assert _ended_at(other_tenant, small) < _ended_at(tenant, large)


@contextmanager
def _frozen_with_a_claim(workers: Supervisor, caller: Caller, screening_id: UUID) -> Iterator[int]:
    """The worker's process number, while it stands still with a part of this screening under its lease.

    It may stand within a transaction: touch no row of this screening.
    """
    deadline = time.monotonic() + 280
    while True:
        with _frozen(workers) as pid:
            if _leased(caller, screening_id):
                yield pid
                return
        assert time.monotonic() < deadline, "it claimed nothing"
        time.sleep(0.01)


@contextmanager
def _frozen(workers: Supervisor) -> Iterator[int]:
    """The worker's process number, while it stands still."""
    pid = workers.pid("worker-screen")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGCONT)


def _leased(caller: Caller, screening_id: UUID) -> int:
    with app_session(caller.tenant_id) as session:
        leased = Chunk.screening_id == screening_id, Chunk.state == "leased"
        return session.scalars(select(func.count()).select_from(Chunk).where(*leased)).one()


def _ended_at(caller: Caller, screening_id: UUID) -> datetime:
    with app_session(caller.tenant_id) as session:
        ended_at = session.get_one(Screening, (caller.tenant_id, screening_id)).ended_at
    assert ended_at is not None
    return ended_at


def _expire_leases(caller: Caller, screening_id: UUID, pid: int) -> int:
    """Let a dead worker's leases run out at once instead of within 30 s; returns how many it held."""
    held = update(Chunk).where(
        Chunk.screening_id == screening_id, Chunk.state == "leased", Chunk.worker == f"{socket.gethostname()}:{pid}"
    )
    with app_session(caller.tenant_id) as session:
        return len(session.scalars(held.values(lease_until=func.now()).returning(Chunk.id)).all())
