"""The whole system on data that are deleted afterwards."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

import db.engine
from client.client import Winnow
from db.tables import Tenant
from local.credentials import Credentials
from local.deployment import Deployment
from local.servers import Servers
from local.supervisor import Program
from local.system import System, running


@dataclass(frozen=True, slots=True)
class Running:
    """A system, and the key and id of its only tenant."""

    system: System
    api_key: str
    tenant_id: UUID

    def client(self) -> Winnow:
        """A client of this system; one for each thread."""
        return Winnow(self.system.url, self.api_key)


@contextmanager
def temporary_system(
    logs: Path, settings: tuple[tuple[str, str], ...] = (), beside: Sequence[Program] = (), data: Path | None = None
) -> Iterator[Running]:
    """Servers, API, relay and workers, and programs beside them; this process can read the database as they do.

    The servers' data lie in `data`, which the caller deletes, or else in a folder that goes when left.
    """
    logs.mkdir(parents=True, exist_ok=True)
    with Servers.start(data, durable=False) if data else Servers.temporary() as servers:
        deployment = Deployment(servers, Credentials(), "winnow", (("WINNOW_RUN_DIR", str(logs)), *settings))
        deployment.create_roles()
        deployment.administer("migrate")
        deployment.administer("register-packs")
        key = deployment.administer("create-key", "--tenant", "benchmark").strip()
        os.environ.update(deployment.environment())
        with running(deployment, logs, beside=beside) as system:
            yield Running(system, key, _only_tenant())
        db.engine.dispose()


def _only_tenant() -> UUID:
    with db.engine.system_session() as session:
        return session.scalars(select(Tenant.id)).one()
