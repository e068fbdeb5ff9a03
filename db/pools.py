"""Pools of resumes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.tables import Pool, Resume, Upload


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool, how many resumes it holds, and how many of its uploads are still being parsed."""

    id: UUID
    name: str
    created_at: datetime
    resumes: int
    parsing: int


def create(session: Session, name: str) -> tuple[PoolState, bool]:
    """The pool of this name, and whether it is new."""
    values = {"tenant_id": session.info["tenant"], "name": name}
    statement = insert(Pool).values(values).on_conflict_do_nothing().returning(Pool.id)
    new = session.scalars(statement).one_or_none()
    row = session.execute(_states().where(Pool.name == name)).mappings().one()
    return PoolState(**row), new is not None


def get(session: Session, pool_id: UUID) -> PoolState | None:
    """The pool, or None when the tenant has no such one."""
    row = session.execute(_states().where(Pool.id == pool_id)).mappings().one_or_none()
    return None if row is None else PoolState(**row)


def exists(session: Session, pool_id: UUID) -> bool:
    """Whether the tenant has this pool; counts nothing."""
    return session.scalar(select(Pool.id).where(Pool.id == pool_id)) is not None


def page(session: Session, limit: int, after: UUID | None = None) -> list[PoolState]:
    """Pools in the order they were made, beginning after an id."""
    query = _states().order_by(Pool.id).limit(limit)
    if after is not None:
        query = query.where(Pool.id > after)
    return [PoolState(**row) for row in session.execute(query).mappings()]


def _states() -> Select[UUID, str, datetime, int, int]:
    resumes = select(func.count()).where(Resume.tenant_id == Pool.tenant_id, Resume.pool_id == Pool.id)
    parsing = select(func.count()).where(
        Upload.tenant_id == Pool.tenant_id, Upload.pool_id == Pool.id, Upload.state == "parsing"
    )
    return select(
        Pool.id,
        Pool.name,
        Pool.created_at,
        resumes.scalar_subquery().label("resumes"),
        parsing.scalar_subquery().label("parsing"),
    )
