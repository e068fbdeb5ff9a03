"""What every request meets first: keys, errors as problems, health."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_packs

import db.engine
from api.app import app
from local.deployment import Deployment


@pytest.fixture
def api(tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers) as client:
        yield client


def test_ready_only_with_packs_but_alive_without(database: Deployment, api: TestClient) -> None:
    assert api.get("/healthz").json() == {"status": "ok"}
    missing = api.get("/readyz")
    assert (missing.status_code, missing.json()["code"]) == (503, "not_ready")
    assert "register-packs" in missing.json()["detail"]
    add_packs(database)
    assert api.get("/readyz").json()["status"] == "ok"


def test_the_database_away_is_a_problem_to_try_again(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_SYSTEM_URL"):
        monkeypatch.setenv(name, "postgresql+psycopg2://nobody:x@127.0.0.1:1/nothing")
    db.engine.dispose()
    try:
        for path in ("/readyz", "/v1/pools"):
            answer = api.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        assert api.get("/healthz").status_code == 200
    finally:
        monkeypatch.undo()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("PUT", "/v1/pools", 405, "method_not_allowed"),
        ("GET", "/v1/pools/not-a-uuid", 422, "invalid_request"),
        ("GET", "/v1/pools?cursor=%21", 422, "invalid_cursor"),
        ("GET", "/v1/pools?limit=0", 422, "invalid_request"),
        ("POST", "/v1/pools", 422, "invalid_request"),
    ],
)
def test_errors_are_problems(api: TestClient, method: str, path: str, status: int, code: str) -> None:
    answer = api.request(method, path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"urn:winnow:problem:{code}"
    assert problem["title"]
    assert problem["detail"]


def test_a_body_read_whole_may_not_be_large(api: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(80):
            yield b" " * 65_536

    for content in (b" " * 5_000_000, endless()):
        answer = api.post("/v1/pools", content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_pool_of_a_known_name_is_the_known_pool(api: TestClient) -> None:
    first, second = (api.post("/v1/pools", json={"name": name}) for name in ("Spring", " Spring "))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.headers["Location"] == second.headers["Location"] == f"/v1/pools/{first.json()['id']}"


def test_pools_and_jobs_come_page_by_page(api: TestClient) -> None:
    for number in range(5):
        api.post("/v1/pools", json={"name": f"Pool {number}"})
    first = api.get("/v1/pools?limit=3").json()
    second = api.get("/v1/pools", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    names = [pool["name"] for page in (first, second) for pool in page["pools"]]
    assert names == [f"Pool {number}" for number in range(5)]
    assert second["next_cursor"] is None
