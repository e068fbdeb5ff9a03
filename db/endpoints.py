"""Endpoints: where a tenant wants its events sent, with which secret, and whether the receiver is well."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from db import events, secrets
from db.tables import Delivery, Endpoint

OVERLAP = timedelta(hours=24)  # for which a replaced secret signs beside the new one
MOST = 20  # endpoints a tenant may have: every event costs a row for each, in its own transaction

_WELL = {"failing_since": None, "slow": False, "paused_until": None}
_COLUMNS = (
    Endpoint.id,
    Endpoint.url,
    Endpoint.description,
    Endpoint.events,
    Endpoint.previous_until,
    Endpoint.failing_since,
    Endpoint.paused_until,
    Endpoint.disabled_at,
    Endpoint.disabled_reason,
    Endpoint.created_at,
)


class TooManyError(Exception):
    """The tenant has as many endpoints as it may have."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """An endpoint as its owner sees it: everything but its secret."""

    id: UUID
    url: str
    description: str
    events: list[str]
    previous_until: datetime | None
    failing_since: datetime | None
    paused_until: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    created_at: datetime


def create(session: Session, url: str, wanted: Sequence[str], description: str) -> tuple[Receiver, str]:
    """Add an endpoint; returns it and its secret, which cannot be had again. Raises TooManyError."""
    if (session.scalar(select(func.count()).select_from(Endpoint)) or 0) >= MOST:
        raise TooManyError
    secret = secrets.generate()
    row = session.execute(
        insert(Endpoint)
        .values(
            tenant_id=session.info["tenant"],
            url=url,
            events=list(wanted),
            description=description,
            secret=secrets.encrypt(secret.encode()),
        )
        .returning(*_COLUMNS)
    ).one()
    return Receiver(**row._mapping), secret


def find(session: Session, endpoint_id: UUID) -> Receiver | None:
    """One endpoint, or None."""
    row = session.execute(select(*_COLUMNS).where(Endpoint.id == endpoint_id)).one_or_none()
    return Receiver(**row._mapping) if row else None


def find_all(session: Session) -> list[Receiver]:
    """Every endpoint of the tenant, the oldest first."""
    return [Receiver(**row._mapping) for row in session.execute(select(*_COLUMNS).order_by(Endpoint.id))]


def change(session: Session, endpoint_id: UUID, **values: Any) -> Receiver | None:
    """Set any of url, description and events; the endpoint as it is then, or None when there is none.

    At a new URL it starts afresh: what is known of its health was another receiver's.
    """
    if "url" in values:
        values |= _WELL
    if values:
        session.execute(update(Endpoint).where(Endpoint.id == endpoint_id).values(**values))
    return find(session, endpoint_id)


def enable(session: Session, endpoint_id: UUID) -> None:
    """Send to it again, and forget that it failed."""
    enabled = update(Endpoint).where(Endpoint.id == endpoint_id)
    session.execute(enabled.values(**_WELL, disabled_at=None, disabled_reason=None))


def disable(session: Session, endpoint_id: UUID, reason: str) -> None:
    """Send nothing more to it: what was due has failed, and can be resent once it is enabled again."""
    disabled = update(Endpoint).where(Endpoint.id == endpoint_id, Endpoint.disabled_at.is_(None))
    session.execute(disabled.values(disabled_at=func.now(), disabled_reason=reason))
    fail_due(session, endpoint_id)


def fail_due(session: Session, endpoint_id: UUID) -> None:
    """End what is due at a disabled endpoint."""
    due = update(Delivery).where(Delivery.endpoint_id == endpoint_id, Delivery.state == "due")
    session.execute(due.values(state="failed", published_until=None, finished_at=func.now()))


def give_up(session: Session, endpoint_id: UUID, reason: str) -> None:
    """Disable an endpoint that does not answer as it should, and tell its owner's other endpoints."""
    disable(session, endpoint_id, reason)
    events.record(session, "endpoint.disabled", {"endpoint_id": str(endpoint_id), "reason": reason})


def note(session: Session, endpoint_id: UUID, succeeded: bool, slow: bool, pause: timedelta | None) -> None:
    """Note that it answered well, or since when it has not; whether it took long; what pause it asks for."""
    since = None if succeeded else func.coalesce(Endpoint.failing_since, func.now())
    until = func.greatest(Endpoint.paused_until, func.now() + pause) if pause else Endpoint.paused_until
    unlike = or_(Endpoint.failing_since.is_not(None) == succeeded, Endpoint.slow != slow, literal(pause is not None))
    noted = update(Endpoint).where(Endpoint.id == endpoint_id, unlike)
    session.execute(noted.values(failing_since=since, slow=slow, paused_until=until))


def rotate(session: Session, endpoint_id: UUID) -> tuple[Receiver, str] | None:
    """Give it a new secret; the old one signs beside it for 24 hours. None when there is no such endpoint."""
    secret = secrets.generate()
    row = session.execute(
        update(Endpoint)
        .where(Endpoint.id == endpoint_id)
        .values(
            previous_secret=Endpoint.secret,
            previous_until=func.now() + OVERLAP,
            secret=secrets.encrypt(secret.encode()),
        )
        .returning(*_COLUMNS)
    ).one_or_none()
    return (Receiver(**row._mapping), secret) if row else None


def remove(session: Session, endpoint_id: UUID) -> bool:
    """Delete it with its deliveries; False when there is none."""
    gone = delete(Endpoint).where(Endpoint.id == endpoint_id).returning(Endpoint.id)
    return session.execute(gone).one_or_none() is not None
