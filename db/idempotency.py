"""First answers to POSTs, kept in the transaction of their effect, so that neither exists without the other.

Bodies are encrypted at rest: the answer that shows a new webhook secret is among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, literal, select
from sqlalchemy.orm import Session

from db import secrets
from db.tables import IdempotencyKey

KEPT_FOR = timedelta(hours=24)
PRUNED_AT_ONCE = 100


class InFlightError(Exception):
    """Another request with this key has not been answered yet."""


class OtherRequestError(Exception):
    """The key was used before, with another request."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was first given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def claim(session: Session, key: str, request_hash: str) -> Kept | None:
    """Hold the key until the transaction ends; the answer it already has, or None when this request is the first.

    The hold is an advisory lock of the transaction: it dies with its process. Raises InFlightError, OtherRequestError.
    """
    name = func.current_setting("app.tenant").op("||")(literal(f":idempotency:{key}"))
    if not session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))):
        raise InFlightError
    row = session.execute(
        select(IdempotencyKey.request_hash, IdempotencyKey.status, IdempotencyKey.headers, IdempotencyKey.body).where(
            IdempotencyKey.key == key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise OtherRequestError
    return Kept(row.status, row.headers, secrets.decrypt(row.body))


def keep(session: Session, key: str, request_hash: str, answer: Kept) -> None:
    """Keep the answer to a claimed key, and forget some of the tenant's that are older than KEPT_FOR."""
    session.add(
        IdempotencyKey(
            tenant_id=session.info["tenant"],
            key=key,
            request_hash=request_hash,
            status=answer.status,
            headers=dict(answer.headers),
            body=secrets.encrypt(answer.body),
        )
    )
    session.flush()
    forget(session)


def forget(session: Session, age: timedelta = KEPT_FOR) -> int:
    """Forget some of the tenant's answers that are older; tells how many."""
    stale = (
        select(IdempotencyKey.key)
        .where(IdempotencyKey.created_at < func.now() - age)
        .order_by(IdempotencyKey.created_at)
        .limit(PRUNED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    gone = delete(IdempotencyKey).where(IdempotencyKey.key.in_(stale)).returning(IdempotencyKey.key)
    return len(session.execute(gone).all())
