"""Tenants and the API keys that speak for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Identified


class Tenant(Base):
    """One customer. While others wait, work is done in proportion to `weight`; `running_limit` bounds its claims."""

    __tablename__ = "tenants"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    weight: Mapped[int] = mapped_column(server_default="1")
    running_limit: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("weight BETWEEN 1 AND 1000", "weight"),
        CheckConstraint("running_limit >= 1", "running_limit"),
    )


class ApiKey(Base, Identified):
    """A key, kept as the SHA-256 of its 256 random bits; the key itself is shown once and never stored.

    `rate_limit` is the requests a minute that this key may send; null means the deployment's own limit, 0 none.
    """

    __tablename__ = "api_keys"

    name: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(LargeBinary)
    revoked_at: Mapped[datetime | None]
    rate_limit: Mapped[int | None]

    __table_args__ = (Index(None, "key_hash"), CheckConstraint("rate_limit >= 0", "rate_limit"))
