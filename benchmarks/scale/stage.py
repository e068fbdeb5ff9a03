"""Databases of different sizes on one embedded Postgres, so that they can be asked in turns."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session

from db.engine import TenantSession
from local.credentials import Credentials
from local.deployment import Deployment
from local.servers import Servers


@dataclass(frozen=True, slots=True)
class Sized:
    """A database that is to hold `scores` scores. `owner` is bound by row-level security like all but `superuser`."""

    scores: int
    app: Engine
    system: Engine
    owner: Engine
    superuser: Engine

    @contextmanager
    def session(self, tenant_id: UUID) -> Iterator[Session]:
        """One transaction as the processes of Winnow have it."""
        with TenantSession(self.app, info={"tenant": tenant_id}, expire_on_commit=False) as session, session.begin():
            yield session


@contextmanager
def staged(directory: Path, sizes: Sequence[int], *, durable: bool) -> Iterator[list[Sized]]:
    """Every size's database, migrated; what was loaded into it before is still there."""
    with ExitStack() as stack:
        servers = stack.enter_context(Servers.start(directory, durable=durable))
        credentials = Credentials.kept_in(servers.home / "credentials.json")
        yield [stack.enter_context(_sized(servers, credentials, size)) for size in sizes]


@contextmanager
def _sized(servers: Servers, credentials: Credentials, scores: int) -> Iterator[Sized]:
    deployment = Deployment(servers, credentials, f"scale_{scores}")
    deployment.create_roles()
    deployment.administer("migrate")
    deployment.administer("register-packs")
    environment = deployment.environment()
    urls = [environment[name] for name in ("DATABASE_URL", "DATABASE_SYSTEM_URL", "DATABASE_OWNER_URL")]
    superuser = make_url(servers.superuser_url).set(database=deployment.database)
    engines = [create_engine(url) for url in (*map(make_url, urls), superuser)]
    try:
        yield Sized(scores, *engines)
    finally:
        for engine in engines:
            engine.dispose()
