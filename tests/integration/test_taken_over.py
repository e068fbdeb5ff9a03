"""A worker that takes over what is known needs no model for it, and the results are the same."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from conftest import Caller
from screening_rows import add_jobs, add_pool, check_counts
from sqlalchemy import insert, select

from db import new_screenings, results
from db.engine import app_session
from db.results import Filters
from db.tables import Chunk, Resume
from workers.device import Device
from workers.pipelines import Pipelines
from workers.screen import Screener
from workers.settings import worker_settings


@pytest.fixture(scope="module")
def scorer(packs_in_use: None) -> Screener:
    return Screener(Device("cpu"), Pipelines("cpu"))


@pytest.fixture
def without_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Screener]]:
    """Makes a worker that finds no packs from then on."""

    def make() -> Screener:
        monkeypatch.setenv("WINNOW_PACKS", str(tmp_path))
        worker_settings.cache_clear()
        return Screener(Device("cpu"), Pipelines("cpu"))

    yield make
    monkeypatch.undo()
    worker_settings.cache_clear()


def _screen(caller: Caller, screener: Screener, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    """A screening whose every chunk was hinted at once, and again when it is still there."""
    with app_session(caller.tenant_id) as session:
        screening_id = new_screenings.create(session, pool_id, job_ids, {"threshold": None})
    for _ in range(3):
        with app_session(caller.tenant_id) as session:
            waiting = session.scalars(select(Chunk.id).where(Chunk.screening_id == screening_id, Chunk.state == "due"))
            hinted = waiting.all()
        for id in hinted:
            screener.screen(caller.tenant_id, id)
    return screening_id


def _results(caller: Caller, screening_id: UUID) -> list[dict[str, Any]]:
    with app_session(caller.tenant_id) as session:
        return [asdict(result) for result in results.page(session, screening_id, Filters(), None, 1_000)]


def test_the_same_pool_again_reads_no_model(
    scorer: Screener, without_packs: Callable[[], Screener], tenant: Caller
) -> None:
    texts = {3: "buy cheap pills free offer now", 4: "Java developer. Master of Science. Python, SQL and Docker."}
    pool_id = add_pool(tenant.tenant_id, "pool", [20_000] * 6, texts)
    job_ids = add_jobs(tenant.tenant_id, "job", 2)
    first = _screen(tenant, scorer, pool_id, job_ids)
    again = _screen(tenant, without_packs(), pool_id, job_ids)
    assert check_counts(tenant.tenant_id, first) == check_counts(tenant.tenant_id, again)
    computed, copied = _results(tenant, first), _results(tenant, again)
    assert {row["reused_from"] for row in computed} == {None}
    assert {row["reused_from"] for row in copied} == {first}
    assert [row | {"reused_from": None} for row in copied] == computed
    assert any(row["flags"] for row in copied)


def test_of_a_pool_that_grew_only_what_is_new_is_computed(
    scorer: Screener, without_packs: Callable[[], Screener], tenant: Caller
) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [1_000] * 5), add_jobs(tenant.tenant_id, "job", 1)
    first = _screen(tenant, scorer, pool_id, job_ids)
    with app_session(tenant.tenant_id) as session:
        key = {"tenant_id": tenant.tenant_id, "pool_id": pool_id, "external_id": "new", "tokens": 10}
        session.execute(insert(Resume).values(**key, text="A nurse.", content_hash="a nurse"))
    again = _screen(tenant, without_packs(), pool_id, job_ids)
    assert check_counts(tenant.tenant_id, again)["scored"] == 5
    _screen_rest(tenant, scorer, again)
    assert check_counts(tenant.tenant_id, again)["scored"] == 6
    new = [row for row in _results(tenant, again) if row["reused_from"] != first]
    assert [row["resume_external_id"] for row in new] == ["new"]


def test_a_claim_of_no_seconds_gets_on_as_well(
    scorer: Screener, tenant: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [20_000] * 3), add_jobs(tenant.tenant_id, "job", 1)
    first = _screen(tenant, scorer, pool_id, job_ids)
    monkeypatch.setattr("workers.taken_over.worker_settings", lambda: replace(worker_settings(), claim_seconds=0.0))
    again = _screen(tenant, scorer, pool_id, job_ids)
    assert {row["reused_from"] for row in _results(tenant, again)} == {first}


def _screen_rest(caller: Caller, screener: Screener, screening_id: UUID) -> None:
    with app_session(caller.tenant_id) as session:
        (left,) = session.scalars(select(Chunk.id).where(Chunk.screening_id == screening_id, Chunk.state == "due"))
    screener.screen(caller.tenant_id, left)
