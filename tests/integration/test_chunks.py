"""Claims, step by step: how much is claimed, and how a chunk with a bad resume in it comes to an end."""

from uuid import UUID

import pytest
from conftest import Caller
from screening_rows import add_packs, add_screening, check_counts, found
from sqlalchemy import func, select, update

from db import broken_chunks, chunks
from db.chunks import Claim, Findings, IncompleteError
from db.engine import app_session
from db.tables import Chunk, Score, Tenant
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


def _die(caller: Caller, claim: Claim) -> None:
    """A worker's death, half a minute later."""
    with app_session(caller.tenant_id) as session:
        ours = Chunk.id.in_([chunk.id for chunk in claim.chunks])
        session.execute(update(Chunk).where(ours).values(lease_until=func.now()))


@pytest.mark.parametrize(("recorded", "deaths_expected"), [(True, 4), (False, 5)])
def test_a_resume_that_kills_its_worker_costs_no_other_and_few_deaths(
    tenant: Caller, recorded: bool, deaths_expected: int
) -> None:
    """In its batch of 143, in one of twelve parts, and twice alone; once more when nothing was recorded."""
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
                if recorded:
                    chunks.take_in_hand(session, claim, claim.resume_ids[: broken_chunks.MOST_IN_HAND])
            if poison in claim.resume_ids:
                deaths += 1
                _die(tenant, claim)
            else:
                with app_session(tenant.tenant_id) as session:
                    chunks.finish(session, claim, found(tenant.tenant_id, claim))
    assert deaths == deaths_expected
    assert check_counts(tenant.tenant_id, screening_id) == {"scored": 143, "errored": 1, "canceled": 0}
    with app_session(tenant.tenant_id) as session:
        row = session.execute(select(Score.resume_id, Score.reason).where(Score.state == "errored")).one()
    assert row.resume_id == poison
    assert row.reason == f"Scoring failed 3 times: {chunks.LOST}."


def test_after_a_death_only_the_batch_in_hand_is_split(tenant: Caller) -> None:
    ids = _due(tenant, add_screening(tenant.tenant_id, "pool", [4_000] * 24))
    claim = _claim(tenant, ids[0], PLENTY)
    assert claim is not None
    first, *others = claim.chunks
    assert len(others) >= 2
    batch = set(first.resume_ids[1:]) | set(others[0].resume_ids[:1])
    with app_session(tenant.tenant_id) as session:
        assert chunks.take_in_hand(session, claim, first.resume_ids[:1])
        assert chunks.take_in_hand(session, claim, batch)
    _die(tenant, claim)
    for held in claim.chunks:
        again = _claim(tenant, held.id)
        touched = bool(batch & set(held.resume_ids))
        assert (again is None) == touched
        assert touched or (again is not None and not again.suspect)
    with app_session(tenant.tenant_id) as session:
        rows = session.execute(select(Chunk.resume_ids, Chunk.failures, Chunk.items)).all()
    assert {id for row in rows if row.failures for id in row.resume_ids} == batch
    assert sum(row.items for row in rows) == 24


def test_what_waits_for_its_turn_is_not_to_blame(tenant: Caller) -> None:
    """A slot that has read its claim waits while the other one scores what kills the process, again and again."""
    screening_id = add_screening(tenant.tenant_id, "pool", [8_000])
    for _ in range(2 * broken_chunks.GIVE_UP_AFTER):
        claim = _claim(tenant, _due(tenant, screening_id)[0])
        assert claim is not None
        with app_session(tenant.tenant_id) as session:
            assert chunks.take_in_hand(session, claim, [])
        _die(tenant, claim)
    last = _claim(tenant, _due(tenant, screening_id)[0])
    assert last is not None
    assert not last.suspect


def test_a_portion_that_was_taken_over_does_not_give_back_the_rest_of_the_claim(tenant: Caller) -> None:
    ids = _due(tenant, add_screening(tenant.tenant_id, "pool", [20_000] * 4))
    claim = _claim(tenant, ids[0], PLENTY)
    assert claim is not None
    lost, kept = claim.chunks[0], claim.chunks[1:]
    assert kept
    with app_session(tenant.tenant_id) as session:
        assert chunks.take_in_hand(session, claim, lost.resume_ids)  # so nothing of the rest is in hand
        session.execute(update(Chunk).where(Chunk.id == lost.id).values(lease_until=func.now()))
    _claim(tenant, lost.id)
    with app_session(tenant.tenant_id) as session:
        assert chunks.take_in_hand(session, claim, lost.resume_ids)
    for held in kept:
        with app_session(tenant.tenant_id) as session:
            session.execute(update(Chunk).where(Chunk.id == held.id).values(lease_until=func.now()))
        _claim(tenant, held.id)
    with app_session(tenant.tenant_id) as session:
        assert not chunks.take_in_hand(session, claim, lost.resume_ids)


def test_a_tenant_has_no_more_claims_at_once_than_its_limit(tenant: Caller) -> None:
    ids = _due(tenant, add_screening(tenant.tenant_id, "pool", [40_000] * 8))
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Tenant).values(running_limit=2))
    two = [_claim(tenant, ids[0], 250_000), _claim(tenant, ids[4], 250_000)]
    assert all(claim is not None and len(claim.chunks) > 1 for claim in two)
    assert _claim(tenant, ids[7]) is None
    assert two[0] is not None
    with app_session(tenant.tenant_id) as session:
        chunks.finish(session, two[0], found(tenant.tenant_id, two[0]))
    assert _claim(tenant, ids[7]) is not None


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
