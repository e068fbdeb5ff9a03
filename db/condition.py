"""What `winnow doctor` asks the database: how the server is set, what waits, what failed. Reads, and changes nothing.

They need the system role; `undecryptable` needs its tenant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db import secrets
from db.engine import app_engine, system_engine
from db.tables import Base, Endpoint, Screening


@dataclass(frozen=True, slots=True)
class Role:
    """What the role of a session is and has; `owned` counts its tables."""

    name: str
    superuser: bool
    bypasses: bool
    owned: int


@dataclass(frozen=True, slots=True)
class Work:
    """Work of one kind that has waited for over a minute; `mark` moves whenever some of it gets done."""

    waiting: int
    held: int
    mark: int


@dataclass(frozen=True, slots=True)
class Receivers:
    """Endpoints that failed for an hour and more without a break, and those that were disabled within a day."""

    failing: int
    disabled: int


@dataclass(frozen=True, slots=True)
class Errors:
    """Items that errored in the screenings made within a day."""

    items: int
    screenings: int
    total: int


# A screening's chunks are put off by seconds whenever they are hinted at, so its own age tells how long they wait.
_WORK = {
    "screen": """
        SELECT count(*) FILTER (WHERE c.state = 'due' OR c.lease_until <= now()),
            count(*) FILTER (WHERE c.lease_until > now()),
            coalesce((SELECT sum(claimed_tokens) FROM screenings WHERE state = 'in_progress'), 0)
        FROM screenings s JOIN chunks c ON c.tenant_id = s.tenant_id AND c.screening_id = s.id
        WHERE s.state = 'in_progress' AND s.created_at < now() - interval '1 minute' AND c.state IN ('due', 'leased')
    """,
    "parse": """
        SELECT count(*) FILTER (WHERE state = 'due' OR lease_until <= now()),
            count(*) FILTER (WHERE lease_until > now()), count(*)
        FROM documents WHERE state IN ('due', 'leased') AND created_at < now() - interval '1 minute'
    """,
    "deliver": """
        SELECT count(*) FILTER (WHERE d.state = 'due' OR d.lease_until <= now()),
            count(*) FILTER (WHERE d.lease_until > now()), coalesce(sum(d.attempt), 0)
        FROM deliveries d JOIN endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
        WHERE d.state IN ('due', 'leased') AND d.due_at < now() - interval '1 minute' AND e.disabled_at IS NULL
            AND (e.paused_until IS NULL OR e.paused_until < now() - interval '1 minute')
    """,
}
# The two halves of an advisory lock's number stand in two columns; hashtext is negative for half of all names.
_LEADS = text(
    """
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (classid::bigint << 32) | objid::bigint = hashtext(:name)::bigint
    )
    """
)


def setting(session: Session, name: str) -> str:
    """A setting of the server's, as SHOW tells it."""
    return str(session.scalar(select(func.current_setting(name))))


def roles() -> list[Role]:
    """Whom the two kinds of sessions work as, each asked in a transaction of its own."""
    query = """
        SELECT rolname, rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid)
        FROM pg_roles WHERE rolname = current_user
    """
    found = []
    for engine in (app_engine(), system_engine()):
        with Session(engine) as session:
            found.append(Role(*session.execute(text(query)).one()))
    return found


def open_tables(session: Session) -> list[str]:
    """Tables with tenants' rows that row-level security does not close to everybody."""
    closed = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
    found = set(session.scalars(text(closed)))
    tables = Base.metadata.tables.values()
    return sorted({table.name for table in tables if table.name == "tenants" or "tenant_id" in table.c} - found)


def now(session: Session) -> datetime:
    """The database's clock, at this moment rather than at the transaction's begin."""
    moment: datetime = session.scalars(select(func.clock_timestamp())).one()
    return moment


def leads(session: Session, name: str) -> bool:
    """Whether some process leads under this name (db.leader)."""
    return bool(session.scalar(_LEADS, {"name": name}))


def work(session: Session, queue: str) -> Work:
    """What waits for the workers of this queue: screen, parse or deliver."""
    return Work(*session.execute(text(_WORK[queue])).one())


def packs_in_use(session: Session) -> set[tuple[str, str]]:
    """(name, version) of every pack that a screening in progress is scored with."""
    held = session.scalars(select(Screening.packs).where(Screening.state != "ended"))
    return {(name, version) for packs in held for name, version in packs.items()}


def receivers(session: Session) -> Receivers:
    """How the webhooks' receivers are, of all tenants."""
    worn = Endpoint.failing_since < func.now() - timedelta(hours=1)
    failing = func.count().filter(Endpoint.disabled_at.is_(None), worn)
    disabled = func.count().filter(Endpoint.disabled_at > func.now() - timedelta(days=1))
    return Receivers(*session.execute(select(failing, disabled).select_from(Endpoint)).one())


def errors(session: Session) -> Errors:
    """What could not be scored lately, of all tenants."""
    counts = func.coalesce(func.sum(Screening.errored), 0), func.count(), func.coalesce(func.sum(Screening.total), 0)
    lately = Screening.created_at > func.now() - timedelta(days=1)
    return Errors(*session.execute(select(*counts).where(lately, Screening.errored > 0)).one())


def tenants_with_endpoints(session: Session) -> list[UUID]:
    """Tenants that have any."""
    return list(session.scalars(select(Endpoint.tenant_id).distinct()))


def undecryptable(session: Session) -> Iterator[UUID]:
    """Endpoints of the session's tenant whose secrets no key of ours decrypts. Raises SettingsError."""
    for row in session.execute(select(Endpoint.id, Endpoint.secret)):
        try:
            secrets.decrypt(row.secret)
        except secrets.UndecryptableError:
            yield row.id
