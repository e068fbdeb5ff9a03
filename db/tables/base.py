"""What every table shares: naming, the tenant column and time stamps by the database's clock."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, MetaData, Text, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


class Base(DeclarativeBase):
    """Registry of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), UUID: Uuid(as_uuid=True), str: Text()}


class Owned:
    """A row of one tenant. Keys and foreign keys bypass row-level security, so all of them begin with tenant_id."""

    tenant_id: Mapped[UUID] = mapped_column(
        ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True, sort_order=-3
    )


class Identified(Owned):
    """A tenant's row with an id of its own; uuid version 7, so ids grow with time."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7(), sort_order=-2)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=-1)
