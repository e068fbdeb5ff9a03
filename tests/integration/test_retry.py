"""Errored items tried again, and scores gone stale: what is told, and that versions never mix."""

from typing import Any
from uuid import UUID

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_jobs, add_packs, add_pool, check_counts, events_of, found
from sqlalchemy import select, update

from db import chunks, new_screenings
from db.chunks import Findings
from db.engine import app_session
from db.tables import Chunk, Event, Job, Screening, ScreeningJob
from local.deployment import Deployment


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


def _screening(caller: Caller, pool_id: UUID, job_ids: list[UUID]) -> UUID:
    with app_session(caller.tenant_id) as session:
        return new_screenings.create(session, pool_id, job_ids, {"threshold": 0.7})


def _score(caller: Caller, screening_id: UUID, failing: int = 0, flagged: int = 0) -> list[UUID]:
    """Score all but the first `failing` resumes, which are returned; `flagged` of each chunk are pointed at."""
    failed: list[UUID] = []
    with app_session(caller.tenant_id) as session:
        for id in session.scalars(
            select(Chunk.id).where(Chunk.screening_id == screening_id, Chunk.state == "due")
        ).all():
            claim = chunks.claim(session, id, "worker")
            assert claim is not None
            bad = claim.resume_ids[: failing - len(failed)]
            failed += bad
            findings = found(caller.tenant_id, claim, dict.fromkeys(bad, "unreadable"))
            pointed_at = [{**row, "flagged": place < flagged} for place, row in enumerate(findings.assessments)]
            chunks.finish(session, claim, Findings(findings.scores, pointed_at, findings.errors))
    return failed


def test_only_errored_items_are_tried_again_as_they_were(client: TestClient, tenant: Caller) -> None:
    job_ids = add_jobs(tenant.tenant_id, "job", 2)
    old = _screening(tenant, add_pool(tenant.tenant_id, "pool", [5_000] * 9), job_ids)
    failed = _score(tenant, old, failing=3)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Job).values(title="Changed later"))
    answer = client.post(f"/v1/screenings/{old}/retry", headers=tenant.headers)
    assert answer.status_code == 202
    body = answer.json()
    assert answer.headers["Location"] == f"/v1/screenings/{body['id']}"
    assert (body["retry_of"], body["total"], body["options"]["threshold"]) == (str(old), 6, 0.7)
    assert body["job_ids"] == [str(id) for id in job_ids]
    with app_session(tenant.tenant_id) as session:
        of_new = Chunk.screening_id == UUID(body["id"])
        assert sorted(id for row in session.scalars(select(Chunk.resume_ids).where(of_new)) for id in row) == sorted(
            failed
        )
        titles = select(ScreeningJob.job["title"].astext).where(ScreeningJob.screening_id == UUID(body["id"]))
        assert "Changed later" not in session.scalars(titles).all()
    _score(tenant, UUID(body["id"]))
    assert check_counts(tenant.tenant_id, UUID(body["id"])) == {"scored": 6, "errored": 0, "canceled": 0}
    assert check_counts(tenant.tenant_id, old) == {"scored": 12, "errored": 6, "canceled": 0}


def test_a_retry_keeps_the_packs_it_began_with(client: TestClient, tenant: Caller) -> None:
    old = _screening(tenant, add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 1))
    _score(tenant, old, failing=1)
    _pretend_packs(tenant, old, "9")
    answer = client.post(f"/v1/screenings/{old}/retry", headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["missing"]) == (503, "packs_missing", ["match"])
    _pretend_packs(tenant, old, "1")
    assert client.post(f"/v1/screenings/{old}/retry", headers=tenant.headers).json()["packs"]["match"] == "1"


def test_what_cannot_be_retried_is_told(client: TestClient, tenant: Caller, other_tenant: Caller) -> None:
    old = _screening(tenant, add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 1))
    path = f"/v1/screenings/{old}/retry"
    assert client.post(path, headers=tenant.headers).json()["code"] == "not_ended"
    _score(tenant, old)
    assert client.post(path, headers=tenant.headers).json()["code"] == "nothing_errored"
    assert client.post(path, headers=other_tenant.headers).status_code == 404


def test_scores_are_stale_once_other_packs_have_scored_the_same(client: TestClient, tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 2)
    old = _screening(tenant, pool_id, job_ids)
    _score(tenant, old)
    _pretend_packs(tenant, old, "0")
    new = _screening(tenant, pool_id, job_ids[:1])
    assert not _told(client, tenant, old)["stale"]  # not before the new one has ended
    _score(tenant, new)
    body = _told(client, tenant, old)
    assert body["stale"]
    [by] = body["replaced_by"]
    assert (by["job_id"], by["screening_id"], by["packs"]["match"]) == (str(job_ids[0]), str(new), "1")
    assert body["packs"]["match"] == "0"  # and stays what it was scored with
    assert not _told(client, tenant, new)["stale"]
    rows = client.get(f"/v1/screenings/{old}/results", headers=tenant.headers).json()["results"]
    assert {row["job_id"]: row["stale"] for row in rows} == {str(job_ids[0]): True, str(job_ids[1]): False}


def test_the_same_packs_again_make_nothing_stale(client: TestClient, tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 1)
    old, new = (_screening(tenant, pool_id, job_ids) for _ in range(2))
    for id in (old, new):
        _score(tenant, id)
    assert not _told(client, tenant, old)["stale"]


def test_flagged_resumes_are_told_once_a_batch(tenant: Caller) -> None:
    id = _screening(tenant, add_pool(tenant.tenant_id, "pool", [30] * 480), add_jobs(tenant.tenant_id, "job", 1))
    _score(tenant, id, flagged=405)
    with app_session(tenant.tenant_id) as session:
        told = session.scalars(select(Event.payload).where(Event.type == "result.flagged").order_by(Event.id)).all()
    assert [len(payload["resume_ids"]) for payload in told][:2] == [400, 5]
    assert {payload["screening_id"] for payload in told} == {str(id)}


def test_progress_is_told_no_oftener_than_the_setting_says(tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [40_000] * 4), add_jobs(tenant.tenant_id, "job", 1)
    quiet = _screening(tenant, pool_id, job_ids)
    _score(tenant, quiet)
    assert events_of(tenant.tenant_id, quiet) == ["screening.started", "screening.ended"]
    monkeypatch.setenv("WINNOW_PROGRESS_SECONDS", "0")
    talkative = _screening(tenant, pool_id, job_ids)
    _score(tenant, talkative)
    told = events_of(tenant.tenant_id, talkative)
    assert told == ["screening.started", *["screening.progressed"] * 3, "screening.ended"]


def _pretend_packs(caller: Caller, screening_id: UUID, match: str) -> None:
    """As if the screening had been scored with this version."""
    with app_session(caller.tenant_id) as session:
        row = session.get_one(Screening, (caller.tenant_id, screening_id))
        row.packs = row.packs | {"match": match}


def _told(client: TestClient, caller: Caller, id: UUID) -> dict[str, Any]:
    body: dict[str, object] = client.get(f"/v1/screenings/{id}", headers=caller.headers).json()
    return body
