"""Faults on the running system in their short forms; `make chaos` has the long ones.

Leases of the dead are made to run out at once, instead of in half a minute.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import psycopg2
import pytest
import redis
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_jobs, add_pool, check_counts, found
from sqlalchemy import func, select, update

import db.engine
from api.app import app
from benchmarks.chaos.stage import wrong_clock
from client.client import Winnow
from client.retries import Retries
from db import chunks, new_screenings, screenings
from db.engine import app_session
from db.tables import Chunk, Document, Score
from local.deployment import Deployment
from local.supervisor import Program
from local.system import System, programs, running

ITEMS = 60
SCREENERS = ("worker-screen", "worker-screen-2")


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("armed")


@pytest.fixture(scope="module")
def system(
    database: Deployment,
    tiny_packs: tuple[tuple[str, str], ...],
    tmp_path_factory: pytest.TempPathFactory,
    armed: Path,
) -> Iterator[System]:
    """Two screening workers, one of them with its clock an hour wrong; processes that die where they are told to."""
    settings = (*tiny_packs, ("WINNOW_TEST_BUILD", "1"), ("WINNOW_CRASH_POINTS", str(armed)))
    deployment = replace(database, settings=settings)
    deployment.administer("register-packs")
    (usual,) = (program for program in programs() if program.name == "worker-screen")
    second = Program("worker-screen-2", usual.argv, usual.grace, wrong_clock())
    with running(deployment, tmp_path_factory.mktemp("system") / "logs", beside=[second]) as running_system:
        yield running_system


@pytest.fixture
def client(system: System, tenant: Caller) -> Iterator[Winnow]:
    with Winnow(system.url, tenant.key, retries=Retries(attempts=60, longest=2)) as client:  # an API's restart
        yield client


def _screening(tenant: Caller, texts: dict[int, str] | None = None, items: int = ITEMS) -> UUID:
    pool_id = add_pool(tenant.tenant_id, "pool", [8_000] * items, texts)
    job_ids = add_jobs(tenant.tenant_id, "job", 1)
    with app_session(tenant.tenant_id) as session:
        return new_screenings.create(session, pool_id, job_ids, {})


def _until(condition: Callable[[], object], seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def _let_go(system: System, tenant: Caller) -> None:
    """Let the leases of dead workers run out now."""
    alive = [f"{socket.gethostname()}:{system.supervisor.pid(name)}" for name in SCREENERS]
    with app_session(tenant.tenant_id) as session:
        dead = update(Chunk).where(Chunk.state == "leased", Chunk.worker.not_in(alive))
        session.execute(dead.values(lease_until=func.now()))


def _end(system: System, tenant: Caller, screening_id: UUID) -> dict[str, int]:
    """Let it end; the counters are held against the rows at every look."""

    def ended() -> bool:
        check_counts(tenant.tenant_id, screening_id)
        _let_go(system, tenant)
        with app_session(tenant.tenant_id) as session:
            view = screenings.find(session, screening_id)
        assert view is not None
        return view.state == "ended"

    _until(ended)
    return check_counts(tenant.tenant_id, screening_id)


@pytest.mark.parametrize("point", ["claiming", "scoring", "finishing", "finished"])
def test_a_screen_worker_killed_loses_and_doubles_nothing(
    system: System, tenant: Caller, armed: Path, point: str
) -> None:
    """Before the claim, while scoring, inside the finishing transaction and after it.

    One death a screening: three with the same resume in hand by chance would rightly make it errored.
    """
    (armed / f"screen.{point}").write_text("kill")
    screening_id = _screening(tenant)
    _until(lambda: not (armed / f"screen.{point}").exists())
    assert _end(system, tenant, screening_id) == {"scored": ITEMS, "errored": 0, "canceled": 0}


@pytest.mark.parametrize("point", ["scoring", "finishing"])
def test_a_worker_killed_in_a_second_stage_loses_and_doubles_nothing(
    system: System, tenant: Caller, armed: Path, point: str
) -> None:
    """The first stage is this test's own, of whose chunks no worker is told; so one dies in the second."""
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [8_000] * ITEMS), add_jobs(tenant.tenant_id, "job", 1)
    with app_session(tenant.tenant_id) as session:
        screening_id = new_screenings.create(session, pool_id, job_ids, {"rerank": {"top": 20}})
        later = update(Chunk).where(Chunk.screening_id == screening_id).values(due_at=func.now() + timedelta(days=1))
        ids = session.scalars(later.returning(Chunk.id)).all()
    (armed / f"screen.{point}").write_text("kill")
    for id in ids:
        with app_session(tenant.tenant_id) as session:
            claim = chunks.claim(session, id, "test")
        assert claim is not None
        with app_session(tenant.tenant_id) as session:
            chunks.finish(session, claim, found(tenant.tenant_id, claim))
    _until(lambda: not (armed / f"screen.{point}").exists())
    assert _end(system, tenant, screening_id) == {"scored": ITEMS, "errored": 0, "canceled": 0}
    with app_session(tenant.tenant_id) as session:
        ranked = select(func.count(Score.pair_probability)).where(Score.screening_id == screening_id)
        assert session.scalar(ranked) == 20


def test_a_poison_resume_errs_alone(system: System, tenant: Caller, armed: Path) -> None:
    """It exceeds memory whenever it is read. One that kills is in tests/integration/test_chunks.py."""
    (armed / "screen.scoring.poison").write_text("memory poison")
    screening_id = _screening(tenant, {30: "Applicant with poison"})
    counts = _end(system, tenant, screening_id)
    (armed / "screen.scoring.poison").unlink()
    assert counts == {"scored": ITEMS - 1, "errored": 1, "canceled": 0}
    with app_session(tenant.tenant_id) as session:
        reason = session.scalars(select(Score.reason).where(Score.state == "errored")).one()
    assert reason == "Scoring failed 3 times: MemoryError."


def test_clocks_that_are_wrong_change_nothing(system: System, tenant: Caller) -> None:
    """The worker whose clock is right stands still until the other has scored some: no luck decides who takes part."""
    pid = system.supervisor.pid("worker-screen-2")
    with _standing_still(system.supervisor.pid("worker-screen")):
        screening_id = _screening(tenant)
        _until(lambda: _finished_by(tenant, pid))
    assert _end(system, tenant, screening_id)["scored"] == ITEMS
    with app_session(tenant.tenant_id) as session:
        finished, now = session.execute(select(func.max(Chunk.finished_at), func.now())).one()
    assert finished is not None
    assert timedelta(0) <= now - finished < timedelta(minutes=10)


@contextmanager
def _standing_still(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _finished_by(tenant: Caller, pid: int) -> int:
    with app_session(tenant.tenant_id) as session:
        mine = select(func.count()).where(Chunk.state == "done", Chunk.worker.endswith(f":{pid}"))
        return session.scalars(mine).one()


def test_a_parse_worker_killed_over_a_document_loses_none(
    system: System, tenant: Caller, client: Winnow, armed: Path, tmp_path: Path
) -> None:
    (armed / "parse.parsing").write_text("kill")
    with zipfile.ZipFile(tmp_path / "resumes.zip", "w") as archive:
        for number in range(6):
            archive.writestr(f"{number}.txt", f"Applicant {number} knows Python and SQL, and has for {number} years.")
    upload = client.pools.upload(client.pools.create("documents").id, tmp_path / "resumes.zip")
    _until(lambda: not (armed / "parse.parsing").exists())

    def ended() -> bool:
        with app_session(tenant.tenant_id) as session:
            held = update(Document).where(Document.state == "leased", Document.attempt == 1)
            session.execute(held.values(lease_until=func.now()))
        return client.uploads.get(upload.id).state == "ended"

    _until(ended)
    assert client.uploads.get(upload.id).counts.accepted == 6


def test_an_api_killed_in_an_upload_leaves_nothing_of_it(
    system: System, tenant: Caller, client: Winnow, armed: Path
) -> None:
    """The client sends it again with the same key. What had been left of the first would make duplicates of it."""
    (armed / "intake.written").write_text("kill")
    pool = client.pools.create("interrupted")
    rows = [{"external_id": f"r-{number}", "text": f"Applicant {number} knows Java."} for number in range(1_500)]
    upload = client.pools.upload(pool.id, rows, idempotency_key="interrupted")
    assert not (armed / "intake.written").exists()
    assert (upload.counts.accepted, upload.counts.duplicate) == (1_500, 0)


def test_connections_cut_by_redis_and_postgres_only_delay(system: System, tenant: Caller, database: Deployment) -> None:
    screening_id = _screening(tenant, items=200)
    for _ in range(2):
        with redis.Redis.from_url(database.servers.redis_url) as queue:
            queue.client_kill_filter(_type="normal", skipme=True)
        _terminate(database)
        time.sleep(0.5)
    db.engine.dispose()  # this process's own connections were cut, too
    assert _end(system, tenant, screening_id) == {"scored": 200, "errored": 0, "canceled": 0}


def test_an_upload_without_room_is_told_so(tenant: Caller, client: Winnow) -> None:
    """In this process, spooling to a device that is always full."""
    spool = Path("/dev/full")
    with TestClient(app, raise_server_exceptions=False) as front, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "TemporaryFile", lambda: spool.open("w+b", buffering=0))
        pool = client.pools.create("full")
        headers = tenant.headers | {"Content-Type": "application/x-ndjson"}
        answer = front.post(f"/v1/pools/{pool.id}/resumes", content=b'{"text": "java"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert int(answer.headers["Retry-After"]) > 0


def test_without_room_in_the_database_uploads_are_refused_and_scores_wait(
    system: System, tenant: Caller, client: Winnow, database: Deployment
) -> None:
    """Postgres refuses rows as it does on a full disk, by triggers instead of one."""
    screening_id = _screening(tenant)
    pool = client.pools.create("without room")
    rows = [{"external_id": f"r-{number}", "text": f"Applicant {number} knows Java."} for number in range(3)]
    with _without_room(database, "resumes", "scores"):
        answer = httpx.post(
            f"{system.url}/v1/pools/{pool.id}/resumes",
            content="\n".join(map(json.dumps, rows)),
            headers=tenant.headers | {"Content-Type": "application/x-ndjson"},
            trust_env=False,
        )
        _until(lambda: _leased(tenant))
        scored = check_counts(tenant.tenant_id, screening_id)["scored"]
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert int(answer.headers["Retry-After"]) > 0
    assert scored == 0
    assert client.pools.upload(pool.id, rows).counts.accepted == 3
    assert _end(system, tenant, screening_id) == {"scored": ITEMS, "errored": 0, "canceled": 0}


@contextmanager
def _without_room(database: Deployment, *tables: str) -> Iterator[None]:
    _as_superuser(
        database,
        """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$""",
        *(f"CREATE TRIGGER no_room BEFORE INSERT ON {table} EXECUTE FUNCTION no_room()" for table in tables),
    )
    try:
        yield
    finally:
        _as_superuser(database, "DROP FUNCTION no_room() CASCADE")


def _as_superuser(database: Deployment, *statements: str) -> None:
    address = database.servers.postgres.url(database=database.database).replace("+psycopg2", "")
    connection = psycopg2.connect(address)
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def _leased(tenant: Caller) -> int:
    with app_session(tenant.tenant_id) as session:
        return session.scalars(select(func.count()).where(Chunk.state == "leased")).one()


def _terminate(database: Deployment) -> None:
    """End every connection to this module's database."""
    connection = psycopg2.connect(database.servers.superuser_url.replace("+psycopg2", ""))
    try:
        with connection.cursor() as cursor:
            query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
            cursor.execute(query, (database.database,))
    finally:
        connection.close()
