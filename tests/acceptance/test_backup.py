"""docs/OPERATIONS.md on backup: dumped in the middle of a screening, restored into an empty server, it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from conftest import Caller
from screening_rows import add_jobs, add_pool, check_counts

from client import Winnow
from db import new_screenings
from db.engine import app_session
from local.deployment import Deployment
from local.postgres import postgres_programs
from local.servers import Servers
from local.system import running

CHUNKS, JOBS = 40, 2
ITEMS = CHUNKS * JOBS


@pytest.fixture
def empty_server() -> Iterator[Servers]:
    with Servers.temporary() as servers:
        yield servers


def wait_for(condition: Callable[[], object]) -> None:
    """However long it takes: the test's own time-out ends it."""
    while not condition():
        time.sleep(0.05)


def begin_screening(tenant_id: UUID) -> UUID:
    pool_id, job_ids = add_pool(tenant_id, "pool", [40_000] * CHUNKS), add_jobs(tenant_id, "job", JOBS)
    with app_session(tenant_id) as session:
        return new_screenings.create(session, pool_id, job_ids, {"threshold": None, "reuse": False})


def address(deployment: Deployment) -> str:
    """As superuser, who alone can dump what row-level security hides."""
    return deployment.servers.postgres.url(database=deployment.database).replace("+psycopg2", "")


def pg(program: str, *arguments: str) -> None:
    subprocess.run([postgres_programs(None) / program, *arguments], check=True)


def scores(deployment: Deployment) -> dict[tuple[str, str], Any]:
    """Every score by job and resume, with what it is and when it was made."""
    with closing(psycopg2.connect(address(deployment))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT job_id, resume_id, state, probability, created_at FROM scores")
        rows = cursor.fetchall()
    found = {(job_id, resume_id): told for job_id, resume_id, *told in rows}
    assert len(found) == len(rows)
    return found


@contextmanager
def held(pid: int) -> Iterator[None]:
    """A process stopped where it is, so that the moment does not pass: in the middle of a claim, or between two."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def dumped(deployment: Deployment, tenant_id: UUID, folder: Path) -> tuple[UUID, Path]:
    """A screening, and a dump of a deployment whose every process runs, taken in the middle of it."""
    slowly = replace(deployment, settings=(*deployment.settings, ("WINNOW_CLAIM_SECONDS", "0")))  # a chunk a claim
    dump = folder / "winnow.dump"
    with running(slowly, folder / "logs") as system:
        id = begin_screening(tenant_id)
        wait_for(lambda: check_counts(tenant_id, id)["scored"])
        with held(system.supervisor.pid("worker-screen")):
            pg("pg_dump", "--format=custom", f"--file={dump}", address(deployment))
    return id, dump


def test_a_screening_goes_on_where_the_dump_was_taken(
    database: Deployment,
    tenant: Caller,
    tiny_packs: tuple[tuple[str, str], ...],
    empty_server: Servers,
    tmp_path: Path,
) -> None:
    deployment = replace(database, settings=tiny_packs)
    deployment.administer("register-packs")
    id, dump = dumped(deployment, tenant.tenant_id, tmp_path)

    copy = replace(deployment, servers=empty_server)
    copy.create_roles()
    pg("pg_restore", "--exit-on-error", f"--dbname={address(copy)}", str(dump))
    before = scores(copy)
    assert 0 < len(before) < ITEMS

    with running(copy, tmp_path / "again" / "logs") as system, Winnow(system.url, tenant.key) as winnow:
        counts = winnow.screenings.wait(str(id)).counts
        exported = [(result.job_id, result.resume_id) for result in winnow.screenings.stream(str(id))]
    assert (counts.scored, counts.errored, counts.processing) == (ITEMS, 0, 0)
    assert len(exported) == len(set(exported)) == ITEMS
    after = scores(copy)
    assert len(after) == ITEMS
    assert {key: after[key] for key in before} == before
