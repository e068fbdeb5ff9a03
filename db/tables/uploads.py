"""Uploads, the outcome of each of their rows, and the documents still to be parsed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Identified, Owned

UNFINISHED = text("state IN ('due', 'leased')")


class Upload(Base, Identified):
    """One bulk intake. `total` counts its upload_rows; the four outcomes sum to it in every snapshot."""

    __tablename__ = "uploads"

    pool_id: Mapped[UUID | None]
    filename: Mapped[str] = mapped_column(server_default="")
    media_type: Mapped[str]
    state: Mapped[str]
    total: Mapped[int] = mapped_column(server_default="0")
    accepted: Mapped[int] = mapped_column(server_default="0")
    duplicate: Mapped[int] = mapped_column(server_default="0")
    rejected: Mapped[int] = mapped_column(server_default="0")
    pending: Mapped[int] = mapped_column(server_default="0")
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "pool_id"], ["pools.tenant_id", "pools.id"], ondelete="CASCADE"),
        CheckConstraint("state IN ('parsing', 'ended')", "state"),
        CheckConstraint("accepted + duplicate + rejected + pending = total", "sum"),
        Index(None, "tenant_id", "pool_id", postgresql_where=text("state = 'parsing'")),
    )


class UploadRow(Base, Owned):
    """What became of one row: `number` counts from 1 in the file; one row may hold a resume and a job."""

    __tablename__ = "upload_rows"

    upload_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(server_default="")
    external_id: Mapped[str | None]
    outcome: Mapped[str]
    code: Mapped[str | None]
    reason: Mapped[str | None]
    target_id: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "upload_id"], ["uploads.tenant_id", "uploads.id"], ondelete="CASCADE"),
        CheckConstraint("kind IN ('resume', 'job', 'archive')", "kind"),
        CheckConstraint("outcome IN ('accepted', 'duplicate', 'rejected', 'pending')", "outcome"),
        Index(
            "ix_upload_rows_not_accepted",
            "tenant_id",
            "upload_id",
            "outcome",
            "number",
            "kind",
            postgresql_where=text("outcome <> 'accepted'"),
        ),
    )


class Document(Base, Identified):
    """A source file of an upload row. Its due time is the outbox; its lease is held by one parse worker."""

    __tablename__ = "documents"

    upload_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[str]
    filename: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(server_default="due")
    attempt: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "upload_id"], ["uploads.tenant_id", "uploads.id"], ondelete="CASCADE"),
        CheckConstraint("kind IN ('resume', 'job', 'archive')", "kind"),
        CheckConstraint("state IN ('due', 'leased', 'done')", "state"),
        Index(None, "tenant_id", "due_at", postgresql_where=UNFINISHED),
        Index(None, "tenant_id", "upload_id"),
    )
