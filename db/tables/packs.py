"""Model packs this deployment knows, and their releases. Not a tenant's: all may read them, only the owner writes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base


class Pack(Base):
    """A version of a pack. `source` is the address it was fetched from, None for one that came with the code."""

    __tablename__ = "packs"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    manifest: Mapped[dict[str, Any]] = mapped_column(JSONB)
    manifest_sha256: Mapped[str | None]
    source: Mapped[str | None]
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PackRelease(Base):
    """A version that was promoted. The newest release of a name that was not withdrawn is current."""

    __tablename__ = "pack_releases"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str]
    version: Mapped[str]
    released_at: Mapped[datetime] = mapped_column(server_default=func.now())
    released_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", "withdrawn"),
        Index("ix_pack_releases_standing", "name", "id", postgresql_where=text("withdrawn_at IS NULL")),
    )
