"""A worker takes a screening through both stages with tiny packs, in this process."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_jobs, add_pool, check_counts
from sqlalchemy import select

from api.app import app
from db import new_screenings
from db.engine import app_session
from db.tables import Chunk, Score
from scoring.rerank import Reranker
from workers.device import Device
from workers.pipelines import Pipelines
from workers.screen import Screener

RESUMES, JOBS, TOP = 12, 2, 3


@pytest.fixture(scope="module")
def pipelines(packs_in_use: None) -> Pipelines:
    return Pipelines("cpu")


@pytest.fixture
def client(tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers) as running:
        yield running


def screening(caller: Caller) -> UUID:
    texts = {number: f"Developer of Java {'and Python ' * number}for {number} years." for number in range(RESUMES)}
    pool_id = add_pool(caller.tenant_id, "pool", [2_000] * RESUMES, texts)
    with app_session(caller.tenant_id) as session:
        options = {"threshold": None, "rerank": {"top": TOP}}
        return new_screenings.create(session, pool_id, add_jobs(caller.tenant_id, "job", JOBS), options)


def due(caller: Caller, screening_id: UUID) -> list[UUID]:
    with app_session(caller.tenant_id) as session:
        left = Chunk.screening_id == screening_id, Chunk.state == "due"
        return list(session.scalars(select(Chunk.id).where(*left)))


def drain(caller: Caller, pipelines: Pipelines, screening_id: UUID) -> None:
    """Hint at everything until nothing is left, as the relay would."""
    screener = Screener(Device("cpu"), pipelines, stopping=lambda: False)
    for _ in range(40):
        for id in due(caller, screening_id):
            screener.screen(caller.tenant_id, id)
        if not due(caller, screening_id):
            return
    raise AssertionError("it did not end")


def test_the_best_of_each_job_are_scored_by_the_pair_model(pipelines: Pipelines, tenant: Caller) -> None:
    screening_id = screening(tenant)
    drain(tenant, pipelines, screening_id)
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == RESUMES * JOBS
    with app_session(tenant.tenant_id) as session:
        scores = session.scalars(select(Score).where(Score.screening_id == screening_id)).all()
    for job_id in {score.job_id for score in scores}:
        of_job = sorted((score for score in scores if score.job_id == job_id), key=lambda one: -(one.probability or 0))
        assert [score.pair_probability is not None for score in of_job] == [True] * TOP + [False] * (RESUMES - TOP)
    assert all(score.explanation and score.input_hash and score.windows for score in scores)


def test_a_pair_model_that_breaks_leaves_the_first_stage_s_ranking(
    pipelines: Pipelines, tenant: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Reranker, "score", breaks)
    screening_id = screening(tenant)
    drain(tenant, pipelines, screening_id)
    assert check_counts(tenant.tenant_id, screening_id)["scored"] == RESUMES * JOBS
    with app_session(tenant.tenant_id) as session:
        scores = session.scalars(select(Score).where(Score.screening_id == screening_id)).all()
    assert {score.reason for score in scores} == {None, "Scoring failed 3 times: MemoryError."}
    assert {score.pair_probability for score in scores} == {None}


def pages(client: TestClient, path: str, limit: int, **filters: object) -> list[dict[str, Any]]:
    """All results, page by page."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit, **filters}
    while True:
        page = client.get(f"{path}/results", params=query).json()
        found += page["results"]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


def test_results_say_by_whom_they_were_ranked(pipelines: Pipelines, client: TestClient, tenant: Caller) -> None:
    screening_id = screening(tenant)
    drain(tenant, pipelines, screening_id)
    path = f"/v1/screenings/{screening_id}"
    body = client.get(path).json()
    assert (body["options"]["rerank"], body["second_stage_items"]) == ({"top": TOP}, TOP * JOBS)
    assert body["packs"]["pairs"] == "1"
    results = pages(client, path, 1000)
    assert [one["ranked_by"] for one in results] == ["pairs"] * TOP * JOBS + ["first_stage"] * (RESUMES - TOP) * JOBS
    for ranked_by in ("pairs", "first_stage"):
        part = [one for one in results if one["ranked_by"] == ranked_by]
        assert part == sorted(part, key=lambda one: (-one["probability"], one["job_id"], one["resume_id"]))
        assert all((one["first_stage_probability"] is None) == (ranked_by == "first_stage") for one in part)
        assert pages(client, path, 5, ranked_by=ranked_by) == part
    for limit in (1, TOP * JOBS - 1, TOP * JOBS, TOP * JOBS + 1):
        assert pages(client, path, limit) == results
    least = results[2]["probability"]
    assert pages(client, path, 4, min_score=least) == [one for one in results if one["probability"] >= least]
    job = results[0]["job_id"]
    assert pages(client, path, 4, job_id=job) == [one for one in results if one["job_id"] == job]
    alone = f"{path}/results/{job}/{results[0]['resume_id']}"
    assert client.get(alone).json() == results[0]
    exported = [json.loads(line) for line in client.get(f"{path}/export").text.splitlines()]
    assert [{name: line[name] for name in results[0]} for line in exported] == results
    table = csv.DictReader(io.StringIO(client.get(f"{path}/export", params={"format": "csv"}).text))
    assert [row["ranked_by"] for row in table] == [one["ranked_by"] for one in results]


@pytest.mark.parametrize("top", [0, 1001, None, "many"])
def test_so_many_cannot_be_ranked_anew(pipelines: Pipelines, client: TestClient, tenant: Caller, top: object) -> None:
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 1)
    request = {"pool_id": str(pool_id), "job_ids": [str(job_ids[0])], "options": {"rerank": {"top": top}}}
    assert client.post("/v1/screenings", json=request).status_code == 422
