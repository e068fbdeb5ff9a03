"""Pools of resumes, the resumes in them, and the jobs they are screened against."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Identified


class Pool(Base, Identified):
    """A named set of resumes."""

    __tablename__ = "pools"

    name: Mapped[str]

    __table_args__ = (UniqueConstraint("tenant_id", "name"),)


class Resume(Base, Identified):
    """One applicant's text; never changed once accepted, so a screening can be reproduced.

    `fields` holds the cleaned columns when the resume came in columns, else {}. `tokens` is an estimate for chunking.
    """

    __tablename__ = "resumes"

    pool_id: Mapped[UUID]
    external_id: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    text: Mapped[str]
    fields: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    content_hash: Mapped[str]
    tokens: Mapped[int]
    document_id: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "pool_id", "external_id"),
        Index(None, "tenant_id", "content_hash"),
        ForeignKeyConstraint(["tenant_id", "pool_id"], ["pools.tenant_id", "pools.id"], ondelete="CASCADE"),
    )


class Job(Base, Identified):
    """A job posting; an upsert replaces its text, and a screening keeps the text it began with.

    `weights` of the breakdown's parts and `must_haves` are empty where the job says nothing of them.
    """

    __tablename__ = "jobs"

    external_id: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    education: Mapped[str] = mapped_column(server_default="")
    experience: Mapped[str] = mapped_column(server_default="")
    skills: Mapped[str] = mapped_column(server_default="")
    weights: Mapped[dict[str, float]] = mapped_column(JSONB, server_default="{}")
    must_haves: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    content_hash: Mapped[str]
    tokens: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (UniqueConstraint("tenant_id", "external_id"),)
