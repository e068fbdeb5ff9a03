"""What a screening worker does with a hint, in this process, with tiny packs: bad items, bad packs, a stop."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from conftest import Caller
from prometheus_client import REGISTRY
from screening_rows import add_screening, check_counts
from sqlalchemy import ColumnElement, func, select, update

from db.engine import app_session
from db.tables import Chunk, Resume, Score, ScreeningJob
from workers.device import Device
from workers.pipelines import Pipelines
from workers.screen import Screener
from workers.settings import worker_settings


@pytest.fixture(scope="module")
def pipelines(packs_in_use: None) -> Pipelines:
    return Pipelines("cpu")


def _screener(pipelines: Pipelines, stopping: Callable[[], bool] = lambda: False) -> Screener:
    return Screener(Device("cpu"), pipelines, stopping=stopping)


def _chunks(caller: Caller, screening_id: UUID) -> list[Chunk]:
    with app_session(caller.tenant_id) as session:
        unfinished = Chunk.screening_id == screening_id, Chunk.state.in_(["due", "leased"])
        return list(session.scalars(select(Chunk).where(*unfinished).order_by(Chunk.seq)))


def _drain(caller: Caller, screener: Screener, screening_id: UUID) -> None:
    """Hint at everything until nothing is left, as the relay would."""
    for _ in range(20):
        for chunk in _chunks(caller, screening_id):
            screener.screen(caller.tenant_id, chunk.id)
        if not _chunks(caller, screening_id):
            return
    raise AssertionError("it did not end")


def _change(caller: Caller, name: str, **values: object) -> None:
    with app_session(caller.tenant_id) as session:
        session.execute(update(Resume).where(Resume.external_id == name).values(**values))


def _reasons(caller: Caller, condition: ColumnElement[bool]) -> set[str | None]:
    with app_session(caller.tenant_id) as session:
        return set(session.scalars(select(Score.reason).where(condition)))


def test_all_is_scored_and_can_be_reproduced(pipelines: Pipelines, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [1_000] * 8, jobs=2)
    _drain(tenant, _screener(pipelines), screening_id)
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 16
    with app_session(tenant.tenant_id) as session:
        rows = session.execute(select(Score.probability, Score.input_hash, Score.windows)).all()
    assert all(0 <= row.probability <= 1 and len(row.input_hash) == 64 and row.windows >= 1 for row in rows)


def test_an_unreadable_resume_costs_no_other(pipelines: Pipelines, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [1_000] * 8, jobs=2)
    _change(tenant, "resume-5", text=" \n\t ")
    _drain(tenant, _screener(pipelines), screening_id)
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 14, "errored": 2, "canceled": 0}
    assert _reasons(tenant, Score.state == "errored") == {"the resume holds no readable text"}


def test_a_resume_that_breaks_the_scorer_costs_no_other(pipelines: Pipelines, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [200] * 60)
    _change(tenant, "resume-41", fields={"skills": ["not", "text"]})
    _drain(tenant, _screener(pipelines), screening_id)
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 59, "errored": 1, "canceled": 0}
    assert _reasons(tenant, Score.state == "errored") == {"the resume could not be read: AttributeError"}


def test_scoring_that_breaks_every_time_comes_to_an_end(pipelines: Pipelines, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [5_000] * 15)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(ScreeningJob).values(job={}))  # no title to score against
    _drain(tenant, _screener(pipelines), screening_id)
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 0, "errored": 15, "canceled": 0}
    assert _reasons(tenant, Score.state == "errored") == {"Scoring failed 3 times: KeyError."}


def test_packs_that_do_not_load_leave_the_work_to_others(
    pipelines: Pipelines, tenant: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [1_000])
    monkeypatch.setenv("WINNOW_PACKS", str(tmp_path))
    worker_settings.cache_clear()
    (chunk,) = _chunks(tenant, screening_id)
    _screener(Pipelines("cpu")).screen(tenant.tenant_id, chunk.id)
    (chunk,) = _chunks(tenant, screening_id)
    assert (chunk.state, chunk.attempt) == ("due", 0)
    monkeypatch.undo()
    worker_settings.cache_clear()


def test_a_stop_hands_the_claim_back(pipelines: Pipelines, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [1_000])
    (chunk,) = _chunks(tenant, screening_id)
    asked = iter([False])  # told to stop right after claiming
    _screener(pipelines, lambda: next(asked, True)).screen(tenant.tenant_id, chunk.id)
    (chunk,) = _chunks(tenant, screening_id)
    assert (chunk.state, chunk.attempt, chunk.failures, chunk.lease_until) == ("due", 1, 0, None)
    _drain(tenant, _screener(pipelines), screening_id)
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 1


def test_who_waits_for_a_slot_that_stands_still_leaves_its_claim_to_others(
    pipelines: Pipelines, tenant: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.device.PATIENCE_SECONDS", 0.1)
    screening_id = add_screening(tenant.tenant_id, "pool", [1_000])
    (chunk,) = _chunks(tenant, screening_id)
    still, other = _screener(pipelines), _screener(pipelines)
    waiting = threading.Thread(target=still.screen, args=(tenant.tenant_id, chunk.id))
    with still.device.turn(lambda: None):
        waiting.start()
        while [(chunk.state, chunk.attempt) for chunk in _chunks(tenant, screening_id)] != [("due", 1)]:
            time.sleep(0.01)
        _drain(tenant, other, screening_id)
        assert waiting.is_alive()  # busy, so that the watchdog may judge it
    waiting.join()
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 1


def _counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"winnow_{name}_total", labels) or 0.0


def test_what_a_claim_came_to_and_what_it_cost_is_counted(pipelines: Pipelines, tenant: Caller) -> None:
    claims = [("claims", {"outcome": outcome}) for outcome in ("handed_back", "failed", "recorded")]
    chunks = [("chunks_claimed", {"attempt": attempt}) for attempt in ("first", "repeated")]
    counters = [*claims, *chunks, ("tokens", {}), ("padded_tokens", {}), ("device_busy_seconds", {})]
    before = [_counted(name, **labels) for name, labels in counters]
    screening_id = add_screening(tenant.tenant_id, "pool", [1_000] * 2)
    (chunk,) = _chunks(tenant, screening_id)
    asked = iter([False])
    _screener(pipelines, lambda: next(asked, True)).screen(tenant.tenant_id, chunk.id)
    _drain(tenant, _screener(pipelines), screening_id)
    *told, tokens, padded, busy = [
        _counted(name, **labels) - begun for (name, labels), begun in zip(counters, before, strict=True)
    ]
    assert told == [1, 0, 1, 1, 1]
    assert 0 < tokens <= padded
    assert busy > 0


def test_a_hint_twice_or_late_changes_nothing(pipelines: Pipelines, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [1_000])
    (chunk,) = _chunks(tenant, screening_id)
    for _ in range(3):
        _screener(pipelines).screen(tenant.tenant_id, chunk.id)
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 1
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(func.count()).select_from(Score)).one() == 1


def test_several_chunks_are_claimed_once_the_rate_is_known(pipelines: Pipelines, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [20_000] * 12)
    screener = _screener(pipelines)
    screener.screen(tenant.tenant_id, _chunks(tenant, screening_id)[0].id)
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 1
    assert screener.rates[1] > 0
    screener.rates[1] = 1e6  # of a machine that is not busy
    screener.screen(tenant.tenant_id, _chunks(tenant, screening_id)[0].id)
    assert check_counts(tenant.tenant_id, screening_id)["scored"] > 2
