"""API keys: made once, stored as a hash, looked up before the tenant is known."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, literal, select, text, true, update
from sqlalchemy.orm import Session

from db.engine import app_reader, app_session, system_asking_engine, system_session
from db.tables import ApiKey, Tenant

PREFIX = "wnw_"


class UnknownKeyError(Exception):
    """No key has this id."""


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Who a key speaks for."""

    tenant_id: UUID
    key_id: UUID
    rate_limit: int | None
    """Requests a minute, when the key has a limit of its own."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What is known of a key; the key itself is known to its holder alone."""

    tenant: str
    id: UUID
    name: str
    rate_limit: int | None
    created_at: datetime
    revoked_at: datetime | None


def hash_key(key: str) -> bytes:
    """SHA-256 of the key. A key holds 256 random bits, so no slow hash is needed against guessing."""
    return hashlib.sha256(key.encode()).digest()


_OWNER = select(ApiKey.tenant_id, ApiKey.id, ApiKey.rate_limit).where(
    ApiKey.key_hash == bindparam("key_hash"), ApiKey.revoked_at.is_(None)
)


def find_owner(key: str) -> KeyOwner | None:
    """The owner of a key that is not revoked, or None. Asked by most requests, so without a transaction."""
    return _owner(hash_key(key))


def _owner(key_hash: bytes) -> KeyOwner | None:
    with system_asking_engine().connect() as connection:
        row = connection.execute(_OWNER, {"key_hash": key_hash}).one_or_none()
    return KeyOwner(row.tenant_id, row.id, row.rate_limit) if row else None


def read(key: str, query: Select[*tuple[Any, ...]], **parameters: object) -> tuple[KeyOwner, Row[Any] | None] | None:
    """The row of `query` that the key's owner may see, or None; None in place of both when the key opens nothing.

    In one round trip once the key was seen: what it belongs to never changes, and whether it is revoked the statement
    itself checks. `query` gives one row at most, and is the same object at every call.
    """
    hashed = hash_key(key)
    try:
        seen = _first_seen(hashed)
    except UnknownKeyError:
        return None
    with app_reader(seen.tenant_id) as connection:
        told = {"key_id": seen.key_id, "key_hash": hashed, **parameters}
        row = connection.execute(_beside_key(query), told).one_or_none()
    if row is None:
        return None
    return KeyOwner(seen.tenant_id, seen.key_id, row.key_rate_limit), row if row.is_there else None


@lru_cache(maxsize=10_000)
def _first_seen(key_hash: bytes) -> KeyOwner:
    """The owner of a key that was not revoked when it was first seen. Raises UnknownKeyError, which is not kept."""
    if (owner := _owner(key_hash)) is None:
        raise UnknownKeyError
    return owner


@lru_cache(maxsize=16)
def _beside_key(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    asked = query.add_columns(literal(True).label("is_there")).subquery("asked")
    return (
        select(ApiKey.rate_limit.label("key_rate_limit"), *asked.c)
        .select_from(ApiKey)
        .outerjoin(asked, true())
        .where(ApiKey.id == bindparam("key_id"), ApiKey.key_hash == bindparam("key_hash"), ApiKey.revoked_at.is_(None))
    )


def create_key(tenant_name: str, key_name: str, rate_limit: int | None = None) -> tuple[UUID, str]:
    """Make a key for a tenant, and the tenant when it does not exist; returns the tenant's id and the key, once."""
    key = PREFIX + secrets.token_urlsafe(32)
    with system_session() as system:
        # Names are not unique by constraint, since one would tell a tenant of another's; this lock stands in.
        system.execute(text("SELECT pg_advisory_xact_lock(hashtext('create_key'))"))
        tenant_id = system.scalar(select(Tenant.id).where(Tenant.name == tenant_name))
        is_new = tenant_id is None
        tenant_id = tenant_id or system.scalar(select(func.uuidv7()))
        assert tenant_id is not None
        with app_session(tenant_id) as session:
            if is_new:
                session.add(Tenant(id=tenant_id, name=tenant_name))
                session.flush()
            session.add(ApiKey(tenant_id=tenant_id, name=key_name, key_hash=hash_key(key), rate_limit=rate_limit))
    return tenant_id, key


def list_keys(tenant_name: str | None = None) -> list[KeyState]:
    """Every key of the tenants of that name, or of all tenants, in the order they were made."""
    with system_session() as system:
        tenants = select(Tenant.id, Tenant.name).order_by(Tenant.name, Tenant.id)
        found = system.execute(tenants if tenant_name is None else tenants.where(Tenant.name == tenant_name)).all()
    return [state for tenant_id, name in found for state in _keys_of(tenant_id, name)]


def revoke(key_id: UUID) -> bool:
    """Let a key open nothing from the next request on; False when there is none of this id, or it was revoked."""
    with _owner_of(key_id) as session:
        if session is None:
            return False
        wanted = (ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
        return (
            session.scalar(update(ApiKey).where(*wanted).values(revoked_at=func.now()).returning(ApiKey.id)) is not None
        )


def limit(key_id: UUID, per_minute: int | None) -> bool:
    """Give a key a rate limit of its own (0: none), or the deployment's back (None); False when it is unknown."""
    with _owner_of(key_id) as session:
        if session is None:
            return False
        session.execute(update(ApiKey).where(ApiKey.id == key_id).values(rate_limit=per_minute))
        return True


def _keys_of(tenant_id: UUID, tenant: str) -> list[KeyState]:
    columns = (ApiKey.id, ApiKey.name, ApiKey.rate_limit, ApiKey.created_at, ApiKey.revoked_at)
    with app_session(tenant_id) as session:
        return [KeyState(tenant, *row) for row in session.execute(select(*columns).order_by(ApiKey.id))]


@contextmanager
def _owner_of(key_id: UUID) -> Iterator[Session | None]:
    """A session of the tenant that the key belongs to, or None: only its owner's rows can be changed."""
    with system_session() as system:
        tenant_id = system.scalar(select(ApiKey.tenant_id).where(ApiKey.id == key_id))
    if tenant_id is None:
        yield None
        return
    with app_session(tenant_id) as session:
        yield session
