"""API keys: made once, stored as a hash, looked up before the tenant is known."""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.engine import app_session, system_session
from db.tables import ApiKey, Tenant

PREFIX = "wnw_"


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Who a key speaks for."""

    tenant_id: UUID
    key_id: UUID
    rate_limit: int | None
    """Requests a minute, when the key has a limit of its own."""


def hash_key(key: str) -> bytes:
    """SHA-256 of the key. A key holds 256 random bits, so no slow hash is needed against guessing."""
    return hashlib.sha256(key.encode()).digest()


def find_owner(session: Session, key: str) -> KeyOwner | None:
    """The owner of a key that is not revoked, or None. Needs the system role."""
    wanted = (ApiKey.key_hash == hash_key(key), ApiKey.revoked_at.is_(None))
    row = session.execute(select(ApiKey.tenant_id, ApiKey.id, ApiKey.rate_limit).where(*wanted)).one_or_none()
    return KeyOwner(row.tenant_id, row.id, row.rate_limit) if row else None


def create_key(tenant_name: str, key_name: str) -> tuple[UUID, str]:
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
            session.add(ApiKey(tenant_id=tenant_id, name=key_name, key_hash=hash_key(key)))
    return tenant_id, key
