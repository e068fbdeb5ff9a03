"""Claims, step by step: how much is claimed, and how a chunk with a bad resume in it comes to an end."""

from uuid import UUID

import pytest
from conftest import Caller
from screening_rows import add_packs, add_screening, check_counts, found
from sqlalchemy import func, select, update

from db import chunks
from db.chunks import Claim, Findings, IncompleteError
from db.engine import app_session
from db.tables import Chunk, Score
from local.deployment import Deployment

PLENTY = 10_000_000


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


def _due(caller: Caller, screening_id: UUID) -> list[UUID]:
    with app_session(caller.tenant_id) as session:
        due = Chunk.screening_id == screening_id, Chunk.state.in_(["due", "leased"])
        return list(session.scalars(select(Chunk.id).where(*due).order_by(Chunk.seq, Chunk.id)))


def _claim(caller: Caller, chunk_id: UUID, tokens: int = 0) -> Claim | None:
    with app_session(caller.tenant_id) as session:
        return chunks.claim(session, chunk_id, "worker", tokens)


def test_as_much_is_claimed_as_was_asked_for(tenant: Caller) -> None:
    ids = _due(tenant, add_screening(tenant.tenant_id, "pool", [16_000] * 6))
    one = _claim(tenant, ids[0])
    assert one is not None
    assert [chunk.id for chunk in one.chunks] == ids[:1]
    some = _claim(tenant, ids[1], 3 * one.tokens)
    assert some is not None
    assert [chunk.id for chunk in some.chunks] == ids[1:4]
    rest = _claim(tenant, ids[4], PLENTY)
    assert rest is not None
    assert [chunk.id for chunk in rest.chunks] == ids[4:]


def test_a_chunk_that_failed_is_claimed_alone_and_by_nobody_beside_another(tenant: Caller) -> None:
    ids = _due(tenant, add_screening(tenant.tenant_id, "pool", [40_000] * 4))
    broken = _claim(tenant, ids[1])
    assert broken is not None
    with app_session(tenant.tenant_id) as session:
        chunks.fail(session, broken, "RuntimeError")
    alone = _claim(tenant, ids[1], PLENTY)
    assert alone is not None
    assert [chunk.id for chunk in alone.chunks] == [ids[1]]
    with app_session(tenant.tenant_id) as session:
        chunks.release(session, alone)
    others = _claim(tenant, ids[0], PLENTY)
    assert others is not None
    assert [chunk.id for chunk in others.chunks] == [ids[0], ids[2], ids[3]]


def test_a_resume_that_kills_its_worker_does_so_five_times_and_costs_no_other(tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [107] * 143 + [40_000])
    with app_session(tenant.tenant_id) as session:
        first = session.scalars(select(Chunk.resume_ids).order_by(Chunk.seq)).first()
    assert first is not None
    assert len(first) == 143
    poison, deaths = first[71], 0
    while hints := _due(tenant, screening_id):
        for id in hints:
            claim = _claim(tenant, id, PLENTY)
            if claim is None:
                continue
            with app_session(tenant.tenant_id) as session:
                if poison in claim.resume_ids:
                    deaths += 1
                    ours = Chunk.id.in_([chunk.id for chunk in claim.chunks])
                    session.execute(update(Chunk).where(ours).values(lease_until=func.now()))
                else:
                    chunks.finish(session, claim, found(tenant.tenant_id, claim))
    assert deaths == 5
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 143, "errored": 1, "canceled": 0}
    with app_session(tenant.tenant_id) as session:
        row = session.execute(select(Score.resume_id, Score.reason).where(Score.state == "errored")).one()
    assert row.resume_id == poison
    assert row.reason == "Scoring failed 3 times: the worker that scored it died or hung."


def test_findings_that_leave_an_item_out_are_refused(tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pool", [100] * 3)
    claim = _claim(tenant, _due(tenant, screening_id)[0])
    assert claim is not None
    findings = found(tenant.tenant_id, claim)
    with pytest.raises(IncompleteError), app_session(tenant.tenant_id) as session:
        chunks.finish(session, claim, Findings(findings.scores[1:], findings.assessments, {}))
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == 0
    with app_session(tenant.tenant_id) as session:
        assert chunks.finish(session, claim, findings) == 3
