"""The running system that rows are measured on: temporary data, no limit of requests, tiny or shipped packs."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import psycopg2.extensions

from benchmarks.performance.setup import Setup
from benchmarks.temporary import Running, temporary_system
from benchmarks.tiny_packs import write_tiny_packs
from client.answers import Screening
from client.client import Winnow

SETTINGS = (("WINNOW_RATE_LIMIT", "0"), ("WINNOW_WEBHOOK_ALLOW", "127.0.0.0/8"))


@dataclass(frozen=True, slots=True)
class Stage:
    """A system that runs, and a client of it."""

    running: Running
    client: Winnow

    @property
    def url(self) -> str:
        """Of the API."""
        return self.running.system.url

    def pid(self, name: str) -> int:
        """The process of one of its programs."""
        return self.running.system.supervisor.pid(name)

    @contextmanager
    def superuser(self) -> Iterator[psycopg2.extensions.connection]:
        """A connection to its database that no policy binds, for peers and for preparing rows. Commits when left."""
        postgres = self.running.system.deployment.servers.postgres
        address = postgres.url(database=self.running.system.deployment.database)
        connection = psycopg2.connect(address.replace("+psycopg2", ""))
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def pool(self, name: str, rows: Sequence[dict[str, str]] | Path) -> str:
        """A new pool of these resumes; its id."""
        pool = self.client.pools.create(name)
        self.client.uploads.wait(self.client.pools.upload(pool.id, rows).id)
        return str(pool.id)

    def jobs(self, rows: Sequence[dict[str, str]]) -> list[str]:
        """The ids of these jobs."""
        self.client.uploads.wait(self.client.jobs.upload(rows).id)
        wanted = {row["external_id"] for row in rows}
        return [job.id for job in self.client.jobs.list() if job.external_id in wanted]

    def screened(self, pool: str, jobs: Sequence[str], *, reuse: bool = True) -> Screening:
        """A screening that has ended, and whose every item was scored."""
        made = self.client.screenings.create(pool, jobs, reuse=reuse)
        ended = self.client.screenings.wait(made.id)
        if ended.counts.scored != ended.total:
            raise RuntimeError(f"only {ended.counts.scored} of {ended.total} items were scored")
        return ended


@contextmanager
def staged(setup: Setup, *, tiny: bool = True, threads: int | None = None) -> Iterator[Stage]:
    """Everything started; stopped and deleted when left. `threads`: of the arithmetic of a worker."""
    settings = list(SETTINGS)
    if threads:
        settings.append(("OMP_NUM_THREADS", str(threads)))
    if tiny:
        write_tiny_packs(setup.folder)
        settings += [("WINNOW_PACKS", str(setup.folder / "packs")), ("WINNOW_BASE_MODEL", str(setup.folder / "base"))]
    with temporary_system(setup.folder / "logs", tuple(settings)) as running, running.client() as client:
        yield Stage(running, client)


def seconds_of(screening: Screening) -> float:
    """From its creation to the commit of its last score, by the database's clock."""
    assert screening.ended_at is not None
    return (screening.ended_at - screening.created_at).total_seconds()


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
