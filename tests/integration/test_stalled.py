"""A process that stands still in a transaction (stopped, swapped out, hung) keeps nothing locked for long."""

import time
from collections.abc import Iterator

import pytest
from conftest import Caller
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

import db.engine
from db.engine import app_engine, app_session, system_session, wait_for_client
from db.tables import Tenant


@pytest.fixture
def impatient(tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections that are ended after a fifth of a second, so that the tests need not wait for the default."""
    monkeypatch.setattr(db.engine, "STALL", "200ms")
    db.engine.dispose()
    yield
    db.engine.dispose()


@pytest.mark.usefixtures("impatient")
def test_what_a_stalled_transaction_locked_is_free_again(tenant: Caller) -> None:
    stalled = app_engine().connect()
    stalled.execute(select(func.set_config("app.tenant", str(tenant.tenant_id), True)))
    stalled.execute(update(Tenant).values(name="stalled"))
    with app_session(tenant.tenant_id) as session:  # waits for the lock, which only the end of the connection frees
        session.execute(update(Tenant).values(name="by another"))
    with pytest.raises(DBAPIError):
        stalled.commit()
    stalled.close()
    with app_session(tenant.tenant_id) as session:
        assert session.scalar(select(Tenant.name)) == "by another"


@pytest.mark.usefixtures("impatient")
def test_an_export_may_wait_for_a_slow_reader(tenant: Caller) -> None:
    with app_session(tenant.tenant_id) as session:
        wait_for_client(session)
        time.sleep(0.5)
        assert session.scalar(select(func.count()).select_from(Tenant)) == 1


@pytest.mark.parametrize("role", ["app", "system"])
def test_both_roles_are_ended_before_a_lease_runs_out(tenant: Caller, role: str) -> None:
    with app_session(tenant.tenant_id) if role == "app" else system_session() as session:
        seconds = session.scalar(select(func.current_setting("idle_in_transaction_session_timeout")))
    assert seconds == "15s"
