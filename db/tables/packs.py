"""Model packs this deployment knows. Not a tenant's: every tenant may read them, only the owner writes them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base


class Pack(Base):
    """A version of a pack; at most one version of a name is active, and new screenings begin with it."""

    __tablename__ = "packs"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    manifest: Mapped[dict[str, Any]] = mapped_column(JSONB)
    active: Mapped[bool]
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("uq_packs_active", "name", unique=True, postgresql_where=text("active")),)
