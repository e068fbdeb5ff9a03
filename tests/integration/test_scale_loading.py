"""The synthetic rows of benchmarks.scale: as many as were asked for, loaded once, with every index that pages need."""

from __future__ import annotations

import pytest
from screening_rows import add_packs
from sqlalchemy import Engine, create_engine, func, make_url, select

from benchmarks.scale import finishing, loading, samples, sizes, timing, uploads
from benchmarks.scale.questions import QUESTIONS, SYSTEM_QUESTIONS
from benchmarks.scale.stage import Sized
from db.tables import Chunk, Score
from local.deployment import Deployment


@pytest.fixture
def sized(database: Deployment, monkeypatch: pytest.MonkeyPatch) -> Sized:
    """A database that is to hold four screenings of 5 jobs and 100 resumes."""
    for name, value in (("RESUMES", 100), ("JOBS", 5), ("ITEMS", 500)):
        monkeypatch.setattr(loading, name, value)
    monkeypatch.setattr(uploads, "ROWS", 1_000)
    environment = database.environment()
    urls = [environment[name] for name in ("DATABASE_URL", "DATABASE_SYSTEM_URL", "DATABASE_OWNER_URL")]
    superuser = make_url(database.servers.superuser_url).set(database=database.database)
    return Sized(2_000, *(create_engine(url) for url in (*map(make_url, urls), superuser)))


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(Score)) or 0)


def test_rows_are_loaded_once_measured_and_dropped_by_the_month(sized: Sized, database: Deployment) -> None:
    add_packs(database)
    loaded = loading.load(sized, lambda _: None)
    assert (len(loaded), count(sized.superuser)) == (4, 2_000)
    assert loading.load(sized, lambda _: None) == loaded
    assert count(sized.superuser) == 2_000

    assert set(sizes.of_score_indexes(sized)) == {
        "pk_scores",
        "ix_scores_pair_rank",
        "ix_scores_rank",
        "ix_scores_job_rank",
        "ix_scores_unscored",
    }
    assert next(one for one in sizes.of_tables(sized) if one.table == "scores").rows == 2_000

    with finishing.begun(sized, loaded[0], samples.explanations()) as work:
        _, items = work.finish()
        with sized.session(loaded[0].tenant_id) as session:
            ended = select(func.sum(Chunk.items)).where(Chunk.screening_id == work.screening_id, Chunk.state == "done")
            done = session.scalars(ended).one()
        assert items == done > 0
    assert count(sized.superuser) == 2_000, "a finished claim leaves nothing behind"

    asked = timing.Asked(sized, loaded, uploads.load(sized, loaded[0].tenant_id))
    answers = timing.ask_all([asked], 1, lambda _: None)
    assert {one.question for one in answers} == {*QUESTIONS, *SYSTEM_QUESTIONS, timing.FINISHING}
    assert all(one.server[2_000] > 0 and one.growth == (1, 1, 1) for one in answers)

    assert sizes.drop_last_month(sized.superuser)[0] == 500
    assert count(sized.superuser) == 1_500
    loading.load(sized, lambda _: None)
    assert count(sized.superuser) == 2_000
    for engine in (sized.app, sized.system, sized.owner, sized.superuser):
        engine.dispose()
