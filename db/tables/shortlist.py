"""Shortlists: what a first stage found of the items that the pair model may rank yet."""

from typing import Any
from uuid import UUID

from sqlalchemy import REAL, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Owned


class Shortlisted(Base, Owned):
    """An item between the stages, still processing. Every row becomes one of `scores`, which has the same columns.

    `pair_probability` and `pair_matched` are set when an earlier screening knows them (`db.reuse`).
    """

    __tablename__ = "shortlist"

    screening_id: Mapped[UUID] = mapped_column(primary_key=True)
    resume_id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    probability: Mapped[float] = mapped_column(REAL)
    matched: Mapped[bool]
    pair_probability: Mapped[float | None] = mapped_column(REAL)
    pair_matched: Mapped[bool | None]
    windows: Mapped[int]
    input_hash: Mapped[str]
    reused_from: Mapped[UUID | None]
    explanation: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "screening_id"], ["screenings.tenant_id", "screenings.id"], ondelete="CASCADE"
        ),
        Index("ix_shortlist_rank", "tenant_id", "screening_id", "job_id", text("probability DESC"), "resume_id"),
    )
