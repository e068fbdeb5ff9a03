"""Polls over HTTP: one round trip says what the longer way says, and opens to no key that opens nothing."""

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_jobs, add_packs, add_pool
from sqlalchemy import Integer, Select, func, literal, literal_column, select, text, update

from db import keys, new_screenings
from db.engine import app_engine, app_reader, app_session
from db.tables import ApiKey, Pool, Screening
from local.deployment import Deployment


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


@pytest.fixture
def url(tenant: Caller) -> str:
    """Of a screening of two jobs that nobody works on."""
    pool_id, job_ids = add_pool(tenant.tenant_id, "pool", [100]), add_jobs(tenant.tenant_id, "job", 2)
    with app_session(tenant.tenant_id) as session:
        return f"/v1/screenings/{new_screenings.create(session, pool_id, job_ids, {})}"


def test_a_poll_says_what_the_list_says(client: TestClient, tenant: Caller, url: str) -> None:
    answer = client.get(url, headers=tenant.headers)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Retry-After"]
    assert [answer.json()] == client.get("/v1/screenings", headers=tenant.headers).json()["screenings"]


def test_a_poll_of_what_was_replaced_says_by_what(client: TestClient, tenant: Caller, url: str) -> None:
    with app_session(tenant.tenant_id) as session:
        first = session.scalars(select(Screening)).one()
        jobs = new_screenings.named_jobs(session, ["job-0"])
        later = new_screenings.create(session, first.pool_id, jobs, {})
        ended = update(Screening).where(Screening.id == later)
        session.execute(ended.values(state="ended", scored=1, packs={"match": "later"}))
    body = client.get(url, headers=tenant.headers).json()
    assert body["stale"]
    assert [(one["job_id"], one["screening_id"]) for one in body["replaced_by"]] == [(str(jobs[0]), str(later))]


def test_a_key_that_is_revoked_polls_no_more(client: TestClient, tenant: Caller, url: str) -> None:
    assert client.get(url, headers=tenant.headers).status_code == 200
    with app_session(tenant.tenant_id) as session:
        key_id = session.scalars(select(ApiKey.id)).one()
    assert keys.revoke(key_id)
    answer = client.get(url, headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_reader_sees_its_tenant_alone_and_leaves_nothing_behind(tenant: Caller, other_tenant: Caller) -> None:
    for one in (tenant, other_tenant):
        with app_session(one.tenant_id) as session:
            session.add(Pool(tenant_id=one.tenant_id, name="own"))
        with app_reader(one.tenant_id) as connection:
            assert connection.scalars(select(Pool.tenant_id)).all() == [one.tenant_id]
    with app_engine().connect() as connection:
        assert connection.scalars(select(Pool.id)).all() == []


def test_a_question_is_planned_once_a_connection(tenant: Caller) -> None:
    told = text("pg_prepared_statements WHERE statement LIKE '%generic_plans%'")
    question: Select[int] = select(literal_column("generic_plans - custom_plans", Integer)).select_from(told)
    with app_reader(tenant.tenant_id) as connection:
        first, second = (connection.scalars(question).all() for _ in range(2))
    assert (len(first), len(second)) == (1, 1)
    assert first[0] < second[0]  # the same prepared statement, and one more use of its plan


def test_a_server_that_goes_after_its_answer_costs_no_poll(tenant: Caller) -> None:
    for turn in range(3):  # a connection that was in the pool before is put back otherwise than a new one
        with app_reader(tenant.tenant_id) as ended, app_reader(tenant.tenant_id) as other:
            assert ended.scalar(select(literal(str(turn)))) == str(turn)
            pid = ended.scalar(select(func.pg_backend_pid()))
            if turn == 2:
                assert other.scalar(select(func.pg_terminate_backend(pid, 5_000)))
    with app_reader(tenant.tenant_id) as connection:
        assert connection.scalar(select(literal("there"))) == "there"
