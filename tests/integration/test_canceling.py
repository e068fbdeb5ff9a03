"""The sweep behind a cancel waits for nobody: what a worker has locked is left for its next turn."""

import pytest
from conftest import Caller
from screening_rows import add_packs, add_screening, check_counts
from sqlalchemy import select, text

from db import canceling, screenings
from db.engine import app_session
from db.tables import Chunk
from local.deployment import Deployment


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


def test_a_locked_chunk_is_skipped_and_canceled_once_it_is_free(tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [screenings.CHUNK_TOKENS] * 3)
    with app_session(tenant.tenant_id) as session:
        ids = session.scalars(select(Chunk.id).where(Chunk.screening_id == screening_id).order_by(Chunk.seq)).all()
        screenings.request_cancel(session, screening_id)
    with app_session(tenant.tenant_id) as worker:
        worker.execute(select(Chunk.id).where(Chunk.id == ids[0]).with_for_update())
        with app_session(tenant.tenant_id) as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))  # waiting would fail, not hang
            assert canceling.sweep(session, screening_id) == len(ids) - 1
    with app_session(tenant.tenant_id) as session:
        assert canceling.sweep(session, screening_id) == 1
    assert check_counts(tenant.tenant_id, screening_id)["canceled"] == 3
