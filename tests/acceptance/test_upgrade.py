"""An upgrade without downtime: a newer program migrates the tables while this one serves and scores."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.config import Config
from conftest import Caller
from screening_rows import add_jobs, add_pool, check_counts
from sqlalchemy import text

from db import new_screenings, revisions
from db.admin import ROOT
from db.engine import app_session
from local.deployment import Deployment
from local.system import System

NEXT = '''
"""What a next version might add, to the tables that are in use the most."""

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade():
    for table in ("screenings", "chunks", "scores", "resumes"):
        op.add_column(table, sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.create_table("notes", sa.Column("id", sa.Uuid(), primary_key=True))


def downgrade():
    op.drop_table("notes")
    for table in ("screenings", "chunks", "scores", "resumes"):
        op.drop_column(table, "note")
'''
CHUNKS = 40


@pytest.fixture
def newer(tmp_path: Path, database: Deployment) -> Iterator[Config]:
    """The migrations of a program that is one version ahead of the one that runs."""
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder)
    (folder / "versions" / "next.py").write_text(NEXT.format(head=revisions.needed()))
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(folder))
    yield config
    command.downgrade(config, revisions.needed())


@pytest.fixture(scope="module")
def more_settings() -> tuple[tuple[str, str], ...]:
    """A chunk a claim, so that the screening is under way for a while."""
    return (("WINNOW_CLAIM_SECONDS", "0"),)


@dataclass(slots=True)
class Poller:
    """Asks a running API again and again whether it is ready and how far a screening is, until told to stop."""

    system: System
    caller: Caller
    screening_id: object
    stop: threading.Event = field(default_factory=threading.Event)
    answers: list[int] = field(default_factory=list)

    def run(self) -> None:
        paths = ("/readyz", f"/v1/screenings/{self.screening_id}", f"/v1/screenings/{self.screening_id}/results")
        with httpx.Client(base_url=self.system.url, headers=self.caller.headers, timeout=60, trust_env=False) as http:
            while not self.stop.wait(0.2):
                self.answers += [http.get(path).status_code for path in paths]


def wait_for(condition: Callable[[], object]) -> None:
    """However long it takes: the test's own time-out ends it."""
    while not condition():
        time.sleep(0.05)


def test_a_screening_goes_on_across_a_migration(system: System, tenant: Caller, newer: Config) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [40_000] * CHUNKS), add_jobs(tenant.tenant_id, "job", 2)
    with app_session(tenant.tenant_id) as session:
        id = new_screenings.create(session, pool_id, job_ids, {"threshold": None, "reuse": False})
    poller = Poller(system, tenant, id)
    thread = threading.Thread(target=poller.run)
    thread.start()
    try:
        wait_for(lambda: check_counts(tenant.tenant_id, id)["scored"])
        command.upgrade(newer, "head")
        assert check_counts(tenant.tenant_id, id)["scored"] < 2 * CHUNKS, "it ended before the migration did"
        assert revisions.deployed().ahead
        wait_for(lambda: check_counts(tenant.tenant_id, id)["scored"] == 2 * CHUNKS)
    finally:
        poller.stop.set()
        thread.join()
    assert set(poller.answers) == {200}
    assert check_counts(tenant.tenant_id, id) == {"scored": 2 * CHUNKS, "errored": 0, "canceled": 0}


def test_a_migration_waits_its_turn_and_lets_others_pass(
    database: Deployment, tenant: Caller, newer: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody reads for longer than a migration waits for its lock: it gives up, and is begun anew."""
    done = threading.Thread(target=command.upgrade, args=(newer, "head"))
    with caplog.at_level(logging.WARNING), app_session(tenant.tenant_id) as reader:
        reader.execute(text("SELECT count(*) FROM resumes"))
        done.start()
        wait_for(lambda: "did not get its lock" in caplog.text)
        with app_session(tenant.tenant_id) as another:  # nobody queues behind it between its tries
            another.execute(text("SELECT count(*) FROM screenings"))
        assert not revisions.deployed().ahead
    done.join(120)
    assert revisions.deployed().ahead
    assert "works on them as they are" in database.administer("migrate")  # as the old version's start does, back again
