"""Retention: what is older than the deployment keeps it is deleted, a little in each transaction.

Results go a month at a time: their screenings are deleted here, and once none of a month is left its partitions are
dropped whole (`db.partitions`). What has not ended is never deleted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, Session

from db import erasure, idempotency, partitions
from db.engine import app_session, system_session
from db.settings import KeptFor
from db.tables import Delivery, Event, Resume, Screening, Tenant, Upload

Step = Callable[[Session, timedelta], int]
"""Deletes some rows of a tenant that are older than this; tells how many, 0 when none is left."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """What one transaction deleted: so many of a tenant's, or a partition of everybody's."""

    what: str
    count: int
    tenant_id: UUID | None = None


def sweep(kept: KeptFor) -> Iterator[Deleted]:
    """Delete all that is due, and tell what each transaction did. Stop whenever you like: the next sweep goes on.

    Raises sqlalchemy.exc.DBAPIError when the database is away.
    """
    steps: tuple[tuple[str, Step, timedelta | None], ...] = (
        ("screenings", _screenings, kept.results),
        ("resumes", _resumes, kept.resumes),
        ("uploads", _uploads, kept.uploads),
        ("events", _events, kept.events),
        ("idempotency keys", idempotency.forget, idempotency.KEPT_FOR),
    )
    for tenant_id in _tenants():
        for what, step, age in steps:
            if age is not None:
                yield from _repeatedly(tenant_id, what, step, age)
    if kept.results is not None:
        yield from (Deleted(f"partition {name}", 1) for name in _drop_months())


def _repeatedly(tenant_id: UUID, what: str, step: Step, age: timedelta) -> Iterator[Deleted]:
    count = -1
    while count:
        with app_session(tenant_id) as session:
            count = step(session, age)
        if count:
            yield Deleted(what, count, tenant_id)


def _tenants() -> list[UUID]:
    with system_session() as session:
        return list(session.scalars(select(Tenant.id)))


def _drop_months() -> list[str]:
    """None while somebody reads them; the next sweep tries again."""
    try:
        with system_session() as session:
            return partitions.drop_finished(session)
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == partitions.LOCK_NOT_AVAILABLE:
            return []
        raise


def _older(id: InstrumentedAttribute[UUID], age: timedelta) -> ColumnElement[bool]:
    """Ids of version 7 grow with time, so that age is a range of the primary key."""
    return id < func.first_id(func.now() - age)


def _screenings(session: Session, age: timedelta) -> int:
    """A few at a time, as each has many chunks. Their scores are out of reach now, and go with their month."""
    old = select(Screening.id).where(_older(Screening.id, age), Screening.state == "ended")
    old = old.order_by(Screening.id).limit(10).with_for_update(skip_locked=True)
    return len(session.execute(delete(Screening).where(Screening.id.in_(old)).returning(Screening.id)).all())


def _resumes(session: Session, age: timedelta) -> int:
    """Those of one pool, unless it is being screened."""
    at_work = exists().where(Screening.pool_id == Resume.pool_id, Screening.state != "ended")
    query = select(Resume.pool_id, Resume.id).where(_older(Resume.id, age), ~at_work).order_by(Resume.id).limit(200)
    rows = session.execute(query).all()
    if not rows:
        return 0
    pool_id = rows[0].pool_id
    try:
        return erasure.erase_resumes(session, pool_id, [row.id for row in rows if row.pool_id == pool_id])
    except erasure.InProgressError:  # it began just now
        return 0


def _uploads(session: Session, age: timedelta) -> int:
    """With the outcomes of their rows and the files that they brought; the resumes and jobs stay."""
    old = select(Upload.id).where(_older(Upload.id, age), Upload.state == "ended")
    old = old.order_by(Upload.id).limit(10).with_for_update(skip_locked=True)
    return len(session.execute(delete(Upload).where(Upload.id.in_(old)).returning(Upload.id)).all())


def _events(session: Session, age: timedelta) -> int:
    """With their deliveries and every try of them, once none is to be made any more."""
    owed = exists().where(Delivery.event_id == Event.id, Delivery.state.in_(("due", "leased")))
    old = select(Event.id).where(_older(Event.id, age), ~owed).order_by(Event.id).limit(1000)
    old = old.with_for_update(skip_locked=True)
    return len(session.execute(delete(Event).where(Event.id.in_(old)).returning(Event.id)).all())
