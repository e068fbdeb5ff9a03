"""Screenings over HTTP: what is refused, what is frozen, and what a poll says."""

from uuid import uuid4

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_jobs, add_packs, add_pool, events_of, found
from sqlalchemy import insert, select, update

from db import canceling, chunks, new_screenings
from db.engine import app_session
from db.tables import Chunk, Job, ScreeningJob, Upload
from local.deployment import Deployment


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


def test_a_screening_is_accepted_with_everything_frozen(client: TestClient, tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100] * 3), add_jobs(tenant.tenant_id, "job", 2)
    request = {"pool_id": str(pool_id), "job_external_ids": ["job-1", "job-0"], "options": {"threshold": 0.7}}
    answer = client.post("/v1/screenings", json=request, headers=tenant.headers)
    assert answer.status_code == 202
    body = answer.json()
    assert answer.headers["Location"] == f"/v1/screenings/{body['id']}"
    assert int(answer.headers["Retry-After"]) > 0
    assert body["job_ids"] == [str(job_ids[1]), str(job_ids[0])]
    assert (body["total"], body["counts"]["processing"]) == (6, 6)
    options = {"threshold": 0.7, "explain_top": 0, "priority": "normal", "reuse": True, "rerank": None}
    assert body["options"] == options
    assert (body["packs"]["match"], body["format"]) == ("1", "torch-fp32")
    assert "A person decides" in body["notice"]
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Job).values(title="Changed later"))
        titles = session.scalars(select(ScreeningJob.job["title"].astext).order_by(ScreeningJob.position)).all()
    assert titles == ["Job 1", "Job 0"]


def test_the_same_key_makes_one_screening(client: TestClient, tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 1)
    request = {"pool_id": str(pool_id), "job_ids": [str(job_ids[0])]}
    headers = tenant.headers | {"Idempotency-Key": "once"}
    first, second = (client.post("/v1/screenings", json=request, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert len(client.get("/v1/screenings", headers=tenant.headers).json()["screenings"]) == 1


def test_chunks_are_cut_by_tokens_and_hold_every_resume_once(tenant: Caller) -> None:
    pool_id = add_pool(tenant.tenant_id, "pool", [4_000, 100, 20_000, 100, 100, 7_000, 50_000, 100])
    job_ids = add_jobs(tenant.tenant_id, "job", 1)
    with app_session(tenant.tenant_id) as session:
        id = new_screenings.create(session, pool_id, job_ids, {})
        rows = session.scalars(select(Chunk).where(Chunk.screening_id == id).order_by(Chunk.seq)).all()
    assert [row.items for row in rows] == [3, 4, 1]
    assert [row.seq for row in rows] == [1, 2, 3]
    held = [resume for row in rows for resume in row.resume_ids]
    assert len(held) == len(set(held)) == 8
    assert held == sorted(held)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"pool_id": str(uuid4())}, 404, "pool_not_found"),
        ({"job_ids": [str(uuid4())]}, 404, "jobs_not_found"),
        ({"job_ids": [], "job_external_ids": ["nobody"]}, 404, "jobs_not_found"),
        ({"job_ids": []}, 422, "invalid_request"),
        ({"job_ids": [], "job_external_ids": ["a\0b"]}, 422, "invalid_request"),
        ({"options": {"threshold": 2}}, 422, "invalid_request"),
        ({"surprise": 1}, 422, "invalid_request"),
    ],
)
def test_a_bad_request_says_what_to_do(
    client: TestClient, tenant: Caller, change: dict[str, object], status: int, code: str
) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 1)
    request = {"pool_id": str(pool_id), "job_ids": [str(job_ids[0])]} | change
    answer = client.post("/v1/screenings", json=request, headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]


def test_an_empty_pool_and_one_still_parsing_are_refused(client: TestClient, tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", []), add_jobs(tenant.tenant_id, "job", 1)
    request = {"pool_id": str(pool_id), "job_ids": [str(job_ids[0])]}
    answer = client.post("/v1/screenings", json=request, headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "pool_empty")
    with app_session(tenant.tenant_id) as session:
        upload = {"tenant_id": tenant.tenant_id, "pool_id": pool_id, "media_type": "text/csv", "state": "parsing"}
        session.execute(insert(Upload).values(upload))
    answer = client.post("/v1/screenings", json=request, headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "pool_parsing")
    assert answer.headers["Retry-After"]


def test_a_poll_counts_and_estimates(client: TestClient, tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [40_000] * 2), add_jobs(tenant.tenant_id, "job", 1)
    request = {"pool_id": str(pool_id), "job_ids": [str(job_ids[0])]}
    url = client.post("/v1/screenings", json=request, headers=tenant.headers).headers["Location"]
    with app_session(tenant.tenant_id) as session:
        first = session.scalars(select(Chunk.id).order_by(Chunk.seq)).first()
        assert first is not None
        claim = chunks.claim(session, first, "worker")
    assert claim is not None
    assert client.get(url, headers=tenant.headers).json()["seconds_left"] is None
    with app_session(tenant.tenant_id) as session:
        chunks.finish(session, claim, found(tenant.tenant_id, claim))
    body = client.get(url, headers=tenant.headers).json()
    assert body["counts"] == {"processing": 1, "scored": 1, "errored": 0, "canceled": 0}
    assert body["seconds_left"] > 0
    assert body["created_at"] <= body["started_at"]


def test_cancel_ends_what_nobody_works_on(client: TestClient, tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [40_000] * 2), add_jobs(tenant.tenant_id, "job", 2)
    request = {"pool_id": str(pool_id), "job_ids": [str(id) for id in job_ids]}
    url = client.post("/v1/screenings", json=request, headers=tenant.headers).headers["Location"]
    for _ in range(2):  # asking twice is no error
        answer = client.post(f"{url}/cancel", headers=tenant.headers)
        assert (answer.status_code, answer.json()["state"]) == (202, "canceling")
    id = answer.json()["id"]
    with app_session(tenant.tenant_id) as session:
        assert canceling.sweep(session, id) == 2
    body = client.get(url, headers=tenant.headers).json()
    assert (body["state"], body["counts"]["canceled"], body["counts"]["processing"]) == ("ended", 4, 0)
    assert body["ended_at"]
    assert events_of(tenant.tenant_id, id) == ["screening.canceled", "screening.ended"]
    assert client.post(f"{url}/cancel", headers=tenant.headers).json()["state"] == "ended"


def test_another_tenants_screening_does_not_exist(client: TestClient, tenant: Caller, other_tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 1)
    request = {"pool_id": str(pool_id), "job_ids": [str(job_ids[0])]}
    assert client.post("/v1/screenings", json=request, headers=other_tenant.headers).status_code == 404
    url = client.post("/v1/screenings", json=request, headers=tenant.headers).headers["Location"]
    for path in (url, f"{url}/results", f"{url}/export"):
        assert client.get(path, headers=other_tenant.headers).status_code == 404
        assert client.get(path).status_code == 401
    assert client.post(f"{url}/cancel", headers=other_tenant.headers).status_code == 404
    assert client.get("/v1/screenings", headers=other_tenant.headers).json()["screenings"] == []


def test_pages_of_screenings_hold_every_one_once(client: TestClient, tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 1)
    with app_session(tenant.tenant_id) as session:
        made = [str(new_screenings.create(session, pool_id, job_ids, {})) for _ in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/screenings", params=query, headers=tenant.headers).json()
        seen += [screening["id"] for screening in page["screenings"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == made[::-1]


def test_without_a_pair_model_nothing_can_be_ranked_anew(client: TestClient, tenant: Caller) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 1)
    request = {"pool_id": str(pool_id), "job_ids": [str(job_ids[0])], "options": {"rerank": {"top": 50}}}
    answer = client.post("/v1/screenings", json=request, headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_pair_model")
    assert client.get("/v1/screenings", headers=tenant.headers).json()["screenings"] == []
