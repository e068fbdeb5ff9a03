"""Connections of the pool, as a server leaves them."""

from conftest import Caller
from sqlalchemy import func, select

from db.engine import app_reader, app_session


def test_connections_that_the_server_ended_meanwhile_fail_no_transaction(tenant: Caller) -> None:
    with app_session(tenant.tenant_id) as one, app_session(tenant.tenant_id) as other:
        pids = [session.scalar(select(func.pg_backend_pid())) for session in (one, other)]
    with app_reader(tenant.tenant_id) as connection:
        for pid in pids:
            assert connection.scalar(select(func.pg_terminate_backend(pid, 60_000)))
    with app_session(tenant.tenant_id) as one, app_session(tenant.tenant_id) as other:
        assert all(session.scalar(select(func.pg_backend_pid())) not in pids for session in (one, other))
