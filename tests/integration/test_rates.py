"""How often a key may call: counted in Redis, told on every answer, open while Redis is away."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from sqlalchemy import update

from api.app import app
from api.buckets import take
from api.optional_redis import optional_redis
from db.engine import app_session
from db.tables import ApiKey
from local.deployment import Deployment
from local.ports import free_port
from workers.settings import worker_settings


def _use_redis(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    worker_settings.cache_clear()
    optional_redis.forget()


@pytest.fixture
def api(database: Deployment, tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    _use_redis(monkeypatch, database.servers.redis_url)
    monkeypatch.setattr("api.optional_redis.TIMEOUT_SECONDS", 10.0)  # a busy machine is no Redis that is away
    with TestClient(app, headers=tenant.headers) as client:
        yield client
    optional_redis.forget()


def limit_of(tenant_id: UUID, per_minute: int) -> None:
    with app_session(tenant_id) as session:
        session.execute(update(ApiKey).values(rate_limit=per_minute))


def test_every_answer_tells_what_is_left(api: TestClient, tenant: Caller) -> None:
    limit_of(tenant.tenant_id, 3)  # a token every 20 s: none comes between the two calls
    first, missing = api.get("/v1/pools"), api.get(f"/v1/pools/{uuid4()}")
    assert (first.status_code, missing.status_code) == (200, 404)
    assert [answer.headers["RateLimit-Policy"] for answer in (first, missing)] == ['"key";q=3;w=60'] * 2
    left = [re.fullmatch(r'"key";r=(\d+);t=(\d+)', answer.headers["RateLimit"]) for answer in (first, missing)]
    assert [found and found[1] for found in left] == ["2", "1"]
    assert all(found and 0 < int(found[2]) <= 20 for found in left)


def test_a_poll_is_counted_by_the_limit_that_its_key_has_now(api: TestClient, tenant: Caller) -> None:
    for limit in (5, 7):
        limit_of(tenant.tenant_id, limit)
        answer = api.get(f"/v1/screenings/{uuid4()}")
        assert answer.headers["RateLimit-Policy"] == f'"key";q={limit};w=60'


def test_who_calls_too_often_is_told_when_to_come_back(api: TestClient, tenant: Caller) -> None:
    limit_of(tenant.tenant_id, 2)
    answers = [api.get("/v1/pools") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "rate_limited"
    assert 20 < int(answers[2].headers["Retry-After"]) <= 30
    assert answers[2].headers["RateLimit"].startswith('"key";r=0;')


def test_a_bucket_fills_again_with_time(api: TestClient) -> None:
    name, granted = f"test:{uuid4()}", []
    for _ in range(4):
        taken = take(name, per_minute=1200)
        assert taken is not None
        granted.append(taken.left)
        time.sleep(0.1)
    assert min(granted) > 1197.5  # two tokens come in a tenth of a second, up to the size of the bucket


def test_one_keys_haste_is_not_anothers(api: TestClient, tenant: Caller, other_tenant: Caller) -> None:
    limit_of(tenant.tenant_id, 1)
    assert [api.get("/v1/pools").status_code for _ in range(2)] == [200, 429]
    assert api.get("/v1/pools", headers=other_tenant.headers).status_code == 200


def test_a_key_without_limit_is_not_counted(api: TestClient, tenant: Caller) -> None:
    limit_of(tenant.tenant_id, 0)
    assert "RateLimit" not in api.get("/v1/pools").headers


def test_redis_away_holds_nobody_back_and_says_so(
    api: TestClient, tenant: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    limit_of(tenant.tenant_id, 1)
    _use_redis(monkeypatch, f"redis://127.0.0.1:{free_port()}/0")
    answers = [api.get("/v1/pools") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert "RateLimit" not in answers[0].headers
    assert [record.message for record in caplog.records if "redis away" in record.message]
    assert optional_redis.away


def test_a_redis_that_hangs_costs_one_request_and_not_the_next(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.optional_redis.TIMEOUT_SECONDS", 0.25)
    monkeypatch.setattr("api.optional_redis.PAUSE_SECONDS", 60.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        _use_redis(monkeypatch, f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        assert [api.get("/v1/pools").status_code for _ in range(5)] == [200] * 5
        mute.settimeout(0.5)
        mute.accept()[0].close()
        with pytest.raises(TimeoutError):
            mute.accept()


def test_redis_back_again_counts_again(
    api: TestClient, database: Deployment, tenant: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.optional_redis.PAUSE_SECONDS", 0.05)
    _use_redis(monkeypatch, f"redis://127.0.0.1:{free_port()}/0")
    assert "RateLimit" not in api.get("/v1/pools").headers
    optional_redis._client = None
    monkeypatch.setenv("REDIS_URL", database.servers.redis_url)
    worker_settings.cache_clear()
    time.sleep(0.1)
    assert "RateLimit" in api.get("/v1/pools").headers
    assert not optional_redis.away


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/pools", "GET, POST"), (f"/v1/pools/{uuid4()}", None), ("/ats/evaluate", "POST"), ("/healthz", "GET")],
)
def test_a_wrong_method_is_told_all_the_right_ones(api: TestClient, path: str, allowed: str | None) -> None:
    answer = api.request("PROPFIND", path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == (allowed or answer.headers["Allow"])
    documented = app.openapi()["paths"].get(path, {})
    assert {method.upper() for method in documented} <= set(answer.headers["Allow"].split(", "))
