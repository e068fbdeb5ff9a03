"""Screenings, the jobs frozen into them, and the chunks that workers claim."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Uuid,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Identified, Owned
from db.tables.uploads import UNFINISHED


class Screening(Base, Identified):
    """One run of a pool against jobs. Items still processing are `total - scored - errored - canceled`.

    `packs` maps a pack's name to the version this screening is scored with, first to last. `low` ones are worked on
    only while no other work waits. `claimed_tokens` counts all that was ever claimed of it: fair turns go by that.
    `sources` are earlier screenings whose scores it may take over (`db.reuse`). `second_stage_at` and
    `second_stage_items`: when the pair model began on the shortlists, and on how many items (`db.second_stage`).
    """

    __tablename__ = "screenings"

    pool_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(server_default="in_progress")
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    packs: Mapped[dict[str, str]] = mapped_column(JSONB)
    format: Mapped[str]
    retry_of: Mapped[UUID | None]
    sources: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid(as_uuid=True)), server_default="{}")
    low: Mapped[bool] = mapped_column(server_default=false())
    claimed_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    total: Mapped[int]
    scored: Mapped[int] = mapped_column(server_default="0")
    errored: Mapped[int] = mapped_column(server_default="0")
    canceled: Mapped[int] = mapped_column(server_default="0")
    started_at: Mapped[datetime | None]
    second_stage_at: Mapped[datetime | None]
    second_stage_items: Mapped[int | None]
    progressed_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "pool_id"], ["pools.tenant_id", "pools.id"], ondelete="CASCADE"),
        CheckConstraint("state IN ('in_progress', 'canceling', 'ended')", "state"),
        CheckConstraint("scored >= 0 AND errored >= 0 AND canceled >= 0", "counts"),
        CheckConstraint("scored + errored + canceled <= total", "sum"),
        CheckConstraint("(state = 'ended') = (scored + errored + canceled = total)", "ended"),
        Index(None, "state", postgresql_where=text("state <> 'ended'")),
        Index(None, "ended_at"),
        Index(None, "tenant_id", "pool_id"),
    )


class ScreeningJob(Base, Owned):
    """A job as it read when the screening was created; `job` holds its columns."""

    __tablename__ = "screening_jobs"

    screening_id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int]
    job: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "screening_id"], ["screenings.tenant_id", "screenings.id"], ondelete="CASCADE"
        ),
    )


class Chunk(Base, Identified):
    """The unit of claiming: some resumes of a screening, against all its jobs.

    In the second stage they go against the jobs whose shortlists they stand on. `items` counts these pairs. A chunk is
    claimable when it is due, or when its lease ran out. `attempt` tells the holder of a lease from an earlier one, and
    `claim_id` the chunks that were claimed together. `in_hand` holds the resumes of the batch that is being scored, so
    that a worker that dies tells over which; null before the claim's first batch. `failures` counts the times that
    scoring it broke or never came back. The parts of a chunk that was broken up share its `seq`. `sought`: its resumes
    were looked for among earlier scores.
    """

    __tablename__ = "chunks"

    screening_id: Mapped[UUID]
    stage: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    seq: Mapped[int]
    resume_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid(as_uuid=True)))
    items: Mapped[int]
    tokens: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="due")
    attempt: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    sought: Mapped[bool] = mapped_column(server_default=false())
    worker: Mapped[str | None]
    claim_id: Mapped[UUID | None]
    in_hand: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid(as_uuid=True)))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "screening_id"], ["screenings.tenant_id", "screenings.id"], ondelete="CASCADE"
        ),
        CheckConstraint("state IN ('due', 'leased', 'done', 'canceled')", "state"),
        Index(None, "tenant_id", "screening_id", "seq"),
        Index("ix_chunks_unfinished", "tenant_id", "screening_id", "seq", postgresql_where=UNFINISHED),
        Index("ix_chunks_leased", "tenant_id", postgresql_where=text("state = 'leased'")),
    )
