"""Idempotency keys: the first answer to a POST, kept so that a repeat gets it again."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Owned


class IdempotencyKey(Base, Owned):
    """One transaction writes the answer and the effect of a POST; while it runs, an advisory lock holds the key."""

    __tablename__ = "idempotency_keys"

    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index(None, "tenant_id", "created_at"),)
