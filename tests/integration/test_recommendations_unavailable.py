"""What callers of recommendations and analyses are told when something they need is away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_packs

from api.app import app
from api.optional_redis import optional_redis
from api.settings import settings
from local.deployment import Deployment
from local.ports import free_port
from workers.settings import worker_settings

RESUME = {"resume": "Ten years of java and sql."}
PAIR = RESUME | {"job_description": "Java developer"}


@pytest.fixture(scope="module")
def packs(database: Deployment) -> None:
    add_packs(database)


@pytest.fixture
def api(packs: None, tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    for name in ("ADZUNA_APP_ID", "ADZUNA_APP_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    for cached in (settings, worker_settings):
        cached.cache_clear()
    optional_redis.forget()
    with TestClient(app, headers=tenant.headers) as client:
        yield client
    optional_redis.forget()


def test_without_an_account_adzuna_is_not_asked(api: TestClient) -> None:
    answer = api.post("/ats/recommendations", json=RESUME | {"source": "adzuna"})
    assert (answer.status_code, answer.json()["code"]) == (503, "adzuna_not_configured")
    assert "ADZUNA_APP_ID" in answer.json()["detail"]


def test_a_deployment_without_a_needed_pack_says_which(api: TestClient) -> None:
    for path, content, pack in (("analyze", PAIR, "tfidf"), ("recommendations", RESUME, "occupations")):
        answer = api.post(f"/ats/{path}", json=content)
        assert (answer.status_code, answer.json()["code"]) == (503, "interactive_unavailable")
        assert pack in answer.json()["detail"]


def test_redis_away_is_told_at_once(api: TestClient) -> None:
    answer = api.post("/ats/evaluate", json=PAIR)
    assert (answer.status_code, answer.json()["code"]) == (503, "interactive_unavailable")
    assert answer.headers["Retry-After"]
    assert api.get("/readyz").json()["degraded"]
    assert api.get("/ats/sample").status_code == 200
