"""Engines and sessions. Every transaction of a tenant session tells Postgres whose rows it may see."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, SessionTransaction

from db import asking
from db.settings import database_settings

# A dead server must not hang a caller: connecting gives up after 5 s, and keepalives find a dead peer in about 30 s.
CONNECT_ARGS = {"connect_timeout": 5, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
STALL = "15s"
"""A process that stands still in a transaction loses it after so long: nobody can take over what it keeps locked."""


def _engine(url: str, settings: str = "", **options: Any) -> Engine:
    connect_args = {**CONNECT_ARGS, "options": f"-c idle_in_transaction_session_timeout={STALL} {settings}"}
    # Parameters hold resumes' texts, and whoever logs an error logs its message.
    engine = create_engine(
        url, pool_size=20, max_overflow=0, connect_args=connect_args, hide_parameters=True, **options
    )
    event.listen(engine, "checkout", _look)
    return engine


def _look(connection: Any, *_: object) -> None:
    """A server that has gone has hung up, which shows without a round trip for every transaction: connect anew."""
    looked = select.poll()
    looked.register(connection, select.POLLIN)
    if looked.poll(0):
        raise InvalidatePoolError


def _asking_engine(url: str) -> Engine:
    """Connections on which each message is a transaction of its own, for good.

    One that is put back in order on its way to the pool is lost to the pool if the server has gone meanwhile.
    """
    engine = _engine(url, asking.OPTIONS, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
    asking.listen(engine)
    return engine


@lru_cache(maxsize=1)
def app_engine() -> Engine:
    """Connections as `winnow_app`, which row-level security binds."""
    return _engine(database_settings().app_url)


@lru_cache(maxsize=1)
def system_engine() -> Engine:
    """Connections as `winnow_system`, which sees a few columns of all tenants: key look-up and due work."""
    return _engine(database_settings().system_url)


class TenantSession(Session):
    """A session whose every transaction is bound to `info["tenant"]`."""


_BIND = text("SELECT set_config('app.tenant', :tenant, true)")


@event.listens_for(TenantSession, "after_begin")
def _bind_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    # Local to the transaction: a pooled connection forgets it at commit, so no request inherits another's tenant.
    connection.execute(_BIND, {"tenant": str(session.info["tenant"])})


@contextmanager
def app_session(tenant_id: UUID) -> Iterator[Session]:
    """One transaction bound to a tenant: committed when the block ends, rolled back when it raises."""
    with TenantSession(app_engine(), info={"tenant": tenant_id}, expire_on_commit=False) as session, session.begin():
        yield session


@lru_cache(maxsize=1)
def system_asking_engine() -> Engine:
    """Connections as `winnow_system` for single statements, in one round trip instead of three. For reading."""
    return _asking_engine(database_settings().system_url)


@lru_cache(maxsize=1)
def _app_asking_engine() -> Engine:
    """Connections as `winnow_app`, on which each message tells Postgres whose rows it may see."""
    return _asking_engine(database_settings().app_url)


@contextmanager
def app_reader(tenant_id: UUID) -> Iterator[Connection]:
    """Statements that are bound to a tenant and see a snapshot each, in one round trip instead of four. For reading."""
    with _app_asking_engine().connect().execution_options(tenant=tenant_id) as connection:
        yield connection


def wait_for_client(session: Session) -> None:
    """This transaction may stand still: it reads only, for a client that takes its time."""
    session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def ping() -> None:
    """Raises sqlalchemy.exc.DBAPIError when the database does not answer."""
    with app_engine().connect() as connection:
        connection.execute(text("SELECT 1"))


@contextmanager
def system_session() -> Iterator[Session]:
    """One transaction of the narrow system role: committed when the block ends, rolled back when it raises."""
    with Session(system_engine(), expire_on_commit=False) as session, session.begin():
        yield session


def dispose() -> None:
    """Close every pooled connection and forget the settings, so that the next session reads them anew."""
    for cached in (app_engine, system_engine, _app_asking_engine, system_asking_engine):
        if cached.cache_info().currsize:
            cached().dispose()
        cached.cache_clear()
    database_settings.cache_clear()
