"""`winnow doctor` on the running system: it is well; then a worker hangs, one claims nothing, and a clock is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Caller
from redis import Redis
from screening_rows import add_jobs, add_pool
from sqlalchemy import func, text, update

from admin.checks.case import Case, here
from admin.doctor import State, checks, run
from benchmarks.chaos.stage import wrong_clock
from db import condition, new_screenings, screenings
from db.engine import app_session, system_session
from db.tables import Screening
from local.system import System
from workers import presence
from workers.celery_app import WORKERS
from workers.settings import worker_settings

WINNOW = [sys.executable, "-c", "from client.cli import main; main()"]


def wait_for(condition: Callable[[], object]) -> None:
    """However long it takes: the test's own time-out ends it."""
    while not condition():
        time.sleep(0.1)


@pytest.fixture
def case(system: System) -> Iterator[Case]:
    """The system, once each of its processes is there."""
    worker_settings.cache_clear()
    case = replace(here(None), packs=Path(dict(system.deployment.settings)["WINNOW_PACKS"]), patience=0.0)
    wait_for(lambda: {sign.queue for sign in presence.signs(case.redis)} == set(WORKERS))
    wait_for(leads)
    yield case
    worker_settings.cache_clear()


def leads() -> bool:
    with system_session() as session:
        return condition.leads(session, "relay")


def doctor(system: System, folder: Path, more: Mapping[str, str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code and what was found, by check; called in a folder of nobody's."""
    environment = os.environ | system.deployment.environment() | {"WINNOW_MAX_UPLOAD_MB": "1", **more}
    done = subprocess.run(
        [*WINNOW, "doctor", "--json"],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, {one["check"]: one for one in json.loads(done.stdout)}


def found(name: str, case: Case) -> str:
    [checked] = run({name: checks()[name]}, case)
    assert checked.state != State.UNKNOWN, checked.reason
    return " ".join(finding.wrong for finding in checked.findings)


@contextmanager
def hanging(pid: int) -> Iterator[None]:
    """A process that is there and does nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def fade(redis: Redis, queue: str) -> None:
    """What time does to the signs of a worker that leaves none."""
    for _ in range(2):
        for key in redis.scan_iter(f"{presence.PREFIX}{queue}:*"):
            redis.delete(key)
        time.sleep(0.2)


def test_a_well_system_is_well(system: System, case: Case, tmp_path: Path) -> None:
    code, told = doctor(system, tmp_path, {})
    assert {name: one for name, one in told.items() if one["state"] != "well"} == {}
    assert list(told) == list(checks())
    assert code == 0


def test_a_clock_an_hour_wrong(system: System, case: Case, tmp_path: Path) -> None:
    code, told = doctor(system, tmp_path, wrong_clock())
    assert "The clock of this machine is 3,600 s before" in told["clocks"]["findings"][0]["wrong"]
    assert "NTP" in told["clocks"]["findings"][0]["do"]
    assert code == 1


def test_a_worker_that_hangs_is_missed(system: System, case: Case) -> None:
    assert found("parse workers", case) == ""
    with hanging(system.supervisor.pid("worker-parse")):
        fade(case.redis, "parse")
        assert found("parse workers", case) == "No parse worker is there."
    wait_for(lambda: found("parse workers", case) == "")


def test_a_worker_that_claims_nothing_is_told_of(case: Case, tenant: Caller) -> None:
    """It lacks the pack that the screening is scored with."""
    pool_id, job_ids = add_pool(tenant.tenant_id, "pinned", [100] * 3), add_jobs(tenant.tenant_id, "pinned", 1)
    with app_session(tenant.tenant_id) as session:
        id = new_screenings.create(session, pool_id, job_ids, {"threshold": None})
        pinned = {"packs": {"match": "0"}, "created_at": func.now() - text("interval '2 minutes'")}
        session.execute(update(Screening).where(Screening.id == id).values(pinned))
    assert "nobody works on them, though a screen worker is there" in found("screening workers", case)
    assert "match 0, which is not in" in found("packs in use", case)
    with app_session(tenant.tenant_id) as session:
        screenings.request_cancel(session, id)
    wait_for(lambda: found("screening workers", case) == "")
