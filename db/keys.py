"""API keys: made once, stored as a hash, looked up before the tenant is known."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.orm import Session

from db.engine import app_session, system_engine, system_session
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
    """The owner of a key that is not revoked, or None. Asked by every request, so without a transaction."""
    with system_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        row = connection.execute(_OWNER, {"key_hash": hash_key(key)}).one_or_none()
    return KeyOwner(row.tenant_id, row.id, row.rate_limit) if row else None


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
