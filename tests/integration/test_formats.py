"""A screening is scored in the numeric format that it began with, by whoever computes it."""

from uuid import UUID

import pytest
from conftest import Caller
from screening_rows import add_screening
from sqlalchemy import func, select

from db.engine import app_session
from db.tables import Chunk, Score, Screening
from scoring.formats import Format, computable
from workers.device import Device
from workers.pipelines import Pipelines
from workers.screen import Screener

OTHERS = sorted(computable("cpu") - {Format.FP32})


@pytest.fixture(scope="module")
def pipelines(packs_in_use: None) -> Pipelines:
    return Pipelines("cpu")


def _screened(pipelines: Pipelines, caller: Caller, name: str) -> UUID:
    """A new screening of one chunk, hinted at once."""
    screening_id = add_screening(caller.tenant_id, name, [1_000] * 3, jobs=2)
    with app_session(caller.tenant_id) as session:
        (chunk,) = session.scalars(select(Chunk.id).where(Chunk.screening_id == screening_id))
    Screener(Device("cpu"), pipelines, stopping=lambda: False).screen(caller.tenant_id, chunk)
    return screening_id


def _format_and_scores(caller: Caller, screening_id: UUID) -> tuple[str | None, list[float | None]]:
    with app_session(caller.tenant_id) as session:
        scores = (
            select(Score.probability).where(Score.screening_id == screening_id).order_by(Score.resume_id, Score.job_id)
        )
        return session.scalar(select(Screening.format).where(Screening.id == screening_id)), list(
            session.scalars(scores)
        )


@pytest.mark.parametrize("format", OTHERS)
def test_a_screening_keeps_the_format_it_began_with(
    pipelines: Pipelines, tenant: Caller, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    plain = _screened(pipelines, tenant, "plain")
    monkeypatch.setenv("WINNOW_FORMAT", format)
    other = _screened(pipelines, tenant, "other")
    (began, expected), (kept, found) = (_format_and_scores(tenant, id) for id in (plain, other))
    assert (began, kept) == (Format.FP32, format)
    assert len(found) == 6
    assert found != expected
    assert found == pytest.approx(expected, abs=0.1)


def test_a_format_that_this_device_lacks_is_left_to_others(
    pipelines: Pipelines, tenant: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_FORMAT", Format.FP16)
    screening_id = _screened(pipelines, tenant, "pool")
    with app_session(tenant.tenant_id) as session:
        (chunk,) = session.scalars(select(Chunk).where(Chunk.screening_id == screening_id))
        assert (chunk.state, chunk.attempt) == ("due", 0)
        assert session.scalar(select(func.count()).select_from(Score)) == 0
