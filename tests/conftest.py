"""One embedded Postgres and Redis for the whole run; a fresh copy of a migrated database for every test module."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import httpx
import psycopg2
import pytest
import redis
from fastapi.testclient import TestClient
from hypothesis import settings

import db.engine
from api.texts import TEXTS
from db.keys import create_key
from db.leader import Leader, lead
from local.credentials import Credentials
from local.deployment import Deployment
from local.servers import Servers
from local.system import System, running

settings.load_profile("ci")
"""Hypothesis draws the same examples in every run and sets no example a time, so that a slow machine changes nothing.
To look for new ones: `pytest --hypothesis-profile=default`."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Caller:
    """A tenant and an API key that speaks for it."""

    tenant_id: UUID
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with Servers.temporary() as running:
        yield running


@pytest.fixture(scope="session")
def template(servers: Servers) -> Deployment:
    """A migrated, empty database, copied for every module: migrations take longer than a copy."""
    deployment = Deployment(servers, Credentials(), "winnow_template")
    deployment.create_roles()
    deployment.administer("migrate")
    return deployment


@pytest.fixture(scope="module")
def database(template: Deployment) -> Iterator[Deployment]:
    """A database and a Redis of this module's own, named by the environment that our code reads."""
    deployment = Deployment(template.servers, template.credentials, f"winnow_{next(_numbers)}")
    _as_superuser(deployment, f"CREATE DATABASE {deployment.database} TEMPLATE {template.database} OWNER winnow_owner")
    deployment.create_roles()  # a copy has the template's tables, not the rights on the database itself
    _empty_redis(deployment)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in deployment.environment().items():
            patch.setenv(name, value)
        db.engine.dispose()
        yield deployment
        db.engine.dispose()
    _as_superuser(deployment, f"DROP DATABASE {deployment.database} WITH (FORCE)")


@pytest.fixture(scope="session")
def tiny_packs(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[str, str], ...]:
    """Settings that name packs whose scores mean nothing but come in milliseconds."""
    from benchmarks.tiny_packs import (
        write_tiny_packs,  # here, as it loads torch, which most runs of a few tests do without
    )

    root = tmp_path_factory.mktemp("tiny")
    write_tiny_packs(root)
    return ("WINNOW_PACKS", str(root / "packs")), ("WINNOW_BASE_MODEL", str(root / "base"))


@pytest.fixture(scope="module")
def packs_in_use(database: Deployment, tiny_packs: tuple[tuple[str, str], ...]) -> Iterator[None]:
    """The tiny packs are in this module's registry, and a worker within this process reads them."""
    from workers.settings import worker_settings

    replace(database, settings=tiny_packs).administer("register-packs")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in tiny_packs:
            patch.setenv(name, value)
        worker_settings.cache_clear()
        yield
    worker_settings.cache_clear()


@pytest.fixture(scope="module")
def more_settings() -> tuple[tuple[str, str], ...]:
    """What a module's system is told beside; a module that needs any has a fixture of this name."""
    return ()


@pytest.fixture(scope="module")
def system(
    database: Deployment,
    tiny_packs: tuple[tuple[str, str], ...],
    more_settings: tuple[tuple[str, str], ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """Every process of Winnow over this module's database, scoring with tiny packs; may call receivers on this host."""
    settings = (*tiny_packs, ("WINNOW_WEBHOOK_ALLOW", "127.0.0.0/8"), *more_settings)
    deployment = replace(database, settings=settings)
    deployment.administer("register-packs")
    with running(deployment, tmp_path_factory.mktemp("system") / "logs") as running_system:
        yield running_system


@pytest.fixture(scope="module")
def awake(system: System) -> System:
    """The system once its interactive worker answers: on a busy machine its start takes longer than a call may."""
    headers, until = {"Authorization": f"Bearer {create_key('early riser', 'test')[1]}"}, time.monotonic() + 300
    while True:
        answer = httpx.post(f"{system.url}/ats/evaluate", json=TEXTS, headers=headers, timeout=60, trust_env=False)
        if answer.is_success:
            return system
        assert time.monotonic() < until, answer.text
        time.sleep(0.2)


@pytest.fixture
def client(database: Deployment) -> Iterator[TestClient]:
    """The API in this process, over this module's database."""
    from api.app import app

    with TestClient(app) as running:
        yield running


@pytest.fixture
def leader(database: Deployment) -> Iterator[Leader]:
    """Leads under a name of its own: Postgres ends a connection, and with it a lock, a little after it was closed."""
    with lead(str(uuid4())) as leader:
        assert leader is not None
        yield leader


@pytest.fixture
def tenant(database: Deployment) -> Caller:
    """A customer that nobody else has touched."""
    return Caller(*create_key(f"tenant {next(_numbers)}", "test"))


@pytest.fixture
def other_tenant(database: Deployment) -> Caller:
    """Another customer, from whom everything must be hidden."""
    return Caller(*create_key(f"tenant {next(_numbers)}", "test"))


def _as_superuser(deployment: Deployment, statement: str) -> None:
    address = deployment.servers.superuser_url.replace("+psycopg2", "")
    connection = psycopg2.connect(address)
    try:
        connection.autocommit = True  # databases are made and dropped outside transactions
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def _empty_redis(deployment: Deployment) -> None:
    with redis.Redis.from_url(deployment.servers.redis_url) as client:
        client.flushall()
