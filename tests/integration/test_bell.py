"""What makes work due wakes the relay as it commits, so that it need not look often."""

from collections.abc import Callable

import pytest
from conftest import Caller
from screening_rows import add_jobs, add_packs, add_pool, add_screening
from sqlalchemy.orm import Session

from db import bell, new_screenings, screenings
from db.engine import app_session
from db.leader import Leader
from local.deployment import Deployment

FOR_EVER = 600.0
SHORT = 0.05


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


def _new_screening(caller: Caller) -> Callable[[Session], object]:
    pool_id, job_ids = add_pool(caller.tenant_id, "pool", [8_000]), add_jobs(caller.tenant_id, "job", 1)
    return lambda session: new_screenings.create(session, pool_id, job_ids, {})


def _cancel(caller: Caller) -> Callable[[Session], object]:
    id = add_screening(caller.tenant_id, "pool", [8_000])
    return lambda session: screenings.request_cancel(session, id)


@pytest.mark.parametrize("making", [_new_screening, _cancel])
def test_new_work_ends_the_rest(
    leader: Leader, tenant: Caller, making: Callable[[Caller], Callable[[Session], object]]
) -> None:
    make = making(tenant)
    while leader.rest(SHORT):
        pass  # what was rung for before
    with app_session(tenant.tenant_id) as session:
        make(session)
        assert not leader.rest(SHORT), "it rang before the work was there"
    assert leader.rest(FOR_EVER)
    assert not leader.rest(SHORT), "it rang twice"


def test_what_was_rung_during_a_turn_is_heard_after_it(leader: Leader, tenant: Caller) -> None:
    with leader.session(), app_session(tenant.tenant_id) as session:
        bell.ring(session)
    with leader.session():
        pass
    assert leader.rest(FOR_EVER)


def test_a_connection_that_has_ended_ends_the_rest(leader: Leader) -> None:
    driver = leader.connection.connection.dbapi_connection
    assert driver is not None
    driver.close()
    assert not leader.rest(FOR_EVER)
