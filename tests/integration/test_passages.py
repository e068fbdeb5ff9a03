"""Passages asked for as a screening ends: whose they are, and what becomes of them under leases."""

from datetime import timedelta
from uuid import UUID

import pytest
from conftest import Caller
from screening_rows import add_jobs, add_packs, add_pool, found
from sqlalchemy import func, insert, select, update

from db import chunks, new_screenings, passages
from db.engine import app_session
from db.passages import MOST_ATTEMPTS, Claim
from db.tables import Chunk, Passages, Resume
from local.deployment import Deployment
from workers.device import Device
from workers.explain import explain
from workers.pipelines import Pipelines

FOUND = {"probability": 0.5, "raised": [], "lowered": [], "passages": 1, "passes": 1}


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


@pytest.fixture
def screening_id(tenant: Caller) -> UUID:
    """Five resumes against two jobs, one resume unreadable; the best two of each job are to be explained; ended."""
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100] * 5), add_jobs(tenant.tenant_id, "job", 2)
    with app_session(tenant.tenant_id) as session:
        screening_id = new_screenings.create(session, pool_id, job_ids, {"threshold": None, "explain_top": 2})
        chunk_id = session.scalars(select(Chunk.id).where(Chunk.screening_id == screening_id)).one()
    with app_session(tenant.tenant_id) as session:
        claim = chunks.claim(session, chunk_id, "worker")
    assert claim is not None
    findings = found(tenant.tenant_id, claim, {claim.resume_ids[0]: "no readable text"})
    for place, row in enumerate(findings.scores):
        row["probability"] = place / 10  # type: ignore[index]
    with app_session(tenant.tenant_id) as session:
        chunks.finish(session, claim, findings)
    return screening_id


def _ids(caller: Caller, screening_id: UUID) -> list[UUID]:
    with app_session(caller.tenant_id) as session:
        return list(session.scalars(select(Passages.id).where(Passages.screening_id == screening_id)))


def _state(caller: Caller, id: UUID) -> str:
    with app_session(caller.tenant_id) as session:
        return session.scalars(select(Passages.state).where(Passages.id == id)).one()


def _claim(caller: Caller, id: UUID) -> Claim | None:
    with app_session(caller.tenant_id) as session:
        return passages.claim(session, id)


def _expire(caller: Caller, id: UUID) -> None:
    with app_session(caller.tenant_id) as session:
        lapsed = func.now() - timedelta(seconds=1)
        session.execute(update(Passages).where(Passages.id == id).values(lease_until=lapsed))


def test_the_best_of_each_job_are_asked_for(tenant: Caller, screening_id: UUID) -> None:
    claims = [_claim(tenant, id) for id in _ids(tenant, screening_id)]
    best = {(claim.item.job_id, claim.item.text) for claim in claims if claim}
    assert len(best) == 4
    assert {text for _, text in best} == {f"Applicant number {number} knows Python and SQL." for number in (3, 4)}


def test_what_is_found_is_kept_once(tenant: Caller, screening_id: UUID) -> None:
    id = _ids(tenant, screening_id)[0]
    claim = _claim(tenant, id)
    assert claim is not None
    assert _claim(tenant, id) is None  # under a lease
    with app_session(tenant.tenant_id) as session:
        passages.keep(session, claim.item, FOUND)  # somebody asked for the same meanwhile
        assert not passages.finish(session, claim, {**FOUND, "passes": 9})
        item = passages.find(session, screening_id, claim.item.job_id, claim.item.resume_id)
    assert item is not None
    assert item.found == FOUND
    assert _state(tenant, id) == "done"


def test_a_lease_that_ran_out_is_taken_over_a_few_times(tenant: Caller, screening_id: UUID) -> None:
    id = _ids(tenant, screening_id)[0]
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claim = _claim(tenant, id)
        assert claim is not None
        assert claim.attempt == attempt
        _expire(tenant, id)
    assert _claim(tenant, id) is None
    assert _state(tenant, id) == "failed"


def test_a_lease_is_renewed_by_its_holder_alone(tenant: Caller, screening_id: UUID) -> None:
    id = _ids(tenant, screening_id)[0]
    first = _claim(tenant, id)
    assert first is not None
    _expire(tenant, id)
    with app_session(tenant.tenant_id) as session:
        assert passages.renew(session, first)
        assert passages.terms(session, id) is None  # it is held again
    _expire(tenant, id)
    assert _claim(tenant, id) is not None
    with app_session(tenant.tenant_id) as session:
        assert not passages.renew(session, first)


def test_without_its_packs_an_item_is_left_as_it_is(tenant: Caller, screening_id: UUID) -> None:
    id = _ids(tenant, screening_id)[0]
    explain(tenant.tenant_id, id, Pipelines("cpu"), Device("cpu"))  # such packs as nothing can load
    claim = _claim(tenant, id)
    assert claim is not None
    assert claim.attempt == 1


def test_given_back_untried_it_is_due_again_and_a_failure_counts(tenant: Caller, screening_id: UUID) -> None:
    id = _ids(tenant, screening_id)[0]
    claim = _claim(tenant, id)
    assert claim is not None
    with app_session(tenant.tenant_id) as session:
        passages.release(session, claim)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claim = _claim(tenant, id)
        assert claim is not None
        assert claim.attempt == attempt
        with app_session(tenant.tenant_id) as session:
            passages.fail(session, claim)
    assert _state(tenant, id) == "failed"


def test_a_resume_that_came_after_the_screening_is_no_item_of_it(tenant: Caller, screening_id: UUID) -> None:
    claim = _claim(tenant, _ids(tenant, screening_id)[0])
    assert claim is not None
    with app_session(tenant.tenant_id) as session:
        pool_id = session.scalars(select(Resume.pool_id).where(Resume.id == claim.item.resume_id)).one()
        late = {"external_id": "late", "name": "", "text": "Late.", "content_hash": "late", "tokens": 1}
        resume_id = session.scalars(
            insert(Resume).values(pool_id=pool_id, tenant_id=tenant.tenant_id, **late).returning(Resume.id)
        ).one()
        assert passages.find(session, screening_id, claim.item.job_id, claim.item.resume_id) is not None
        assert passages.find(session, screening_id, claim.item.job_id, resume_id) is None


def test_nobody_else_sees_them(tenant: Caller, other_tenant: Caller, screening_id: UUID) -> None:
    id = _ids(tenant, screening_id)[0]
    assert _ids(other_tenant, screening_id) == []
    assert _claim(other_tenant, id) is None
    claim = _claim(tenant, id)
    assert claim is not None
    with app_session(other_tenant.tenant_id) as session:
        assert passages.find(session, screening_id, claim.item.job_id, claim.item.resume_id) is None
