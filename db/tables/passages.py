"""Which passages of a resume moved the score of an item: asked for, worked on, found."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Identified
from db.tables.uploads import UNFINISHED


class Passages(Base, Identified):
    """One item's passages, `found` when done. Its due time is the outbox; its lease is held by one screening worker."""

    __tablename__ = "passages"

    screening_id: Mapped[UUID]
    job_id: Mapped[UUID]
    resume_id: Mapped[UUID]
    found: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    state: Mapped[str] = mapped_column(server_default="due")
    attempt: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "screening_id"], ["screenings.tenant_id", "screenings.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("tenant_id", "screening_id", "job_id", "resume_id"),
        CheckConstraint("state IN ('due', 'leased', 'done', 'failed')", "state"),
        CheckConstraint("(state = 'done') = (found IS NOT NULL)", "found"),
        Index(None, "tenant_id", "due_at", postgresql_where=UNFINISHED),
    )
