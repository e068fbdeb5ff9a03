"""Idempotency keys: an effect and its first answer come to be together, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from api.app import app
from db import idempotency
from db.engine import app_session
from db.tables import IdempotencyKey, Resume, Upload

KEY = {"Idempotency-Key": "k-1"}
ROWS = '{"external_id": "a", "text": "One"}\n'


@pytest.fixture
def api(tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers) as client:
        yield client


@pytest.fixture
def path(api: TestClient) -> str:
    return f"/v1/pools/{api.post('/v1/pools', json={'name': 'Spring'}).json()['id']}/resumes"


def send(api: TestClient, path: str, rows: str = ROWS, key: dict[str, str] = KEY) -> tuple[int, str, str]:
    answer = api.post(path, content=rows, headers={"Content-Type": "application/x-ndjson", **key})
    return answer.status_code, answer.headers.get("Idempotent-Replayed", ""), answer.text


def test_the_first_answer_is_given_again(api: TestClient, path: str, tenant: Caller) -> None:
    status, _, body = send(api, path)
    assert send(api, path) == (status, "true", body)
    assert send(api, path, key={"Idempotency-Key": "k-2"})[2] != body
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(func.count()).select_from(Upload)).one() == 2


def test_another_body_or_address_under_the_key_is_refused(api: TestClient, path: str) -> None:
    send(api, path)
    assert send(api, path, ROWS * 2)[0] == 422
    assert send(api, "/v1/jobs")[0] == 422
    assert api.post("/v1/pools", json={"name": "Autumn"}, headers=KEY).json()["code"] == "idempotency_key_reused"


def test_keys_of_other_tenants_do_not_matter(api: TestClient, path: str, other_tenant: Caller) -> None:
    send(api, path)
    with TestClient(app, headers=other_tenant.headers) as other:
        assert other.post("/v1/pools", json={"name": "Spring"}, headers=KEY).status_code == 201


def test_a_request_in_flight_holds_its_key_and_a_dead_one_lets_go(api: TestClient, path: str, tenant: Caller) -> None:
    with suppress(ConnectionError), app_session(tenant.tenant_id) as session:
        idempotency.claim(session, KEY["Idempotency-Key"], "hash")
        status, _, body = send(api, path)
        assert (status, "request_in_flight" in body) == (409, True)
        raise ConnectionError  # the process dies: its transaction ends with it
    assert send(api, path)[:2] == (201, "")


def test_a_request_that_failed_may_be_corrected_under_its_key(api: TestClient, path: str) -> None:
    assert send(api, path, rows="")[0] == 422
    assert send(api, path)[:2] == (201, "")


def test_many_at_once_have_one_effect(api: TestClient, path: str, tenant: Caller) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: send(api, path), range(12)))
    assert {status for status, _, _ in answers} <= {201, 409}
    assert len({body for status, _, body in answers if status == 201}) == 1
    assert sum(status == 201 and not replayed for status, replayed, _ in answers) == 1
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(func.count()).select_from(Resume)).one() == 1


def test_old_keys_are_forgotten(api: TestClient, path: str, tenant: Caller) -> None:
    send(api, path)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(IdempotencyKey).values(created_at=datetime.now(UTC) - timedelta(hours=25)))
    send(api, path, key={"Idempotency-Key": "k-2"})
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(IdempotencyKey.key)).all() == ["k-2"]
