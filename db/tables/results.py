"""What a screening found: a score an item, an assessment a resume. Both partitioned by screening id, so by time.

Neither has a foreign key: each row would pay for the check, and the finishing transaction already holds the screening.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import REAL, CheckConstraint, Index, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base

BY_SCREENING = "RANGE (screening_id)"


class Score(Base):
    """The end of one item: `probability` and `matched` when scored, `reason` when errored.

    `pair_probability` and `pair_matched` are the pair model's word on an item of a shortlist (`db.second_stage`): they
    hold in place of the first two, which are the first stage's.
    `reused_from` names the screening that computed it, when that was an earlier one (`db.reuse`).
    `explanation` is what `workers.findings` packs and `api.explanations` reads: a breakdown and must-haves.
    """

    __tablename__ = "scores"

    tenant_id: Mapped[UUID] = mapped_column(Uuid(as_uuid=True), primary_key=True)
    screening_id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    resume_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    probability: Mapped[float | None] = mapped_column(REAL)
    matched: Mapped[bool | None]
    pair_probability: Mapped[float | None] = mapped_column(REAL)
    pair_matched: Mapped[bool | None]
    windows: Mapped[int | None]
    input_hash: Mapped[str | None]
    reason: Mapped[str | None]
    reused_from: Mapped[UUID | None]
    explanation: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("state IN ('scored', 'errored', 'canceled')", "state"),
        CheckConstraint("(state = 'scored') = (probability IS NOT NULL)", "probability"),
        Index(
            "ix_scores_rank", "tenant_id", "screening_id", text("probability DESC NULLS LAST"), "job_id", "resume_id"
        ),
        Index(
            "ix_scores_job_rank",
            "tenant_id",
            "screening_id",
            "job_id",
            text("probability DESC NULLS LAST"),
            "resume_id",
        ),
        Index(
            "ix_scores_unscored",
            "tenant_id",
            "screening_id",
            "state",
            "job_id",
            "resume_id",
            postgresql_where=text("probability IS NULL"),
        ),
        Index(
            "ix_scores_pair_rank",
            "tenant_id",
            "screening_id",
            text("pair_probability DESC"),
            "job_id",
            "resume_id",
            postgresql_where=text("pair_probability IS NOT NULL"),
        ),
        {"postgresql_partition_by": BY_SCREENING},
    )


class Assessment(Base):
    """What depends on the resume alone: category probabilities, and passages flagged by moderation.

    `program` (`scoring.program`) read the resume, for this row and for the resume's scores in the screening.
    """

    __tablename__ = "assessments"

    tenant_id: Mapped[UUID] = mapped_column(Uuid(as_uuid=True), primary_key=True)
    screening_id: Mapped[UUID] = mapped_column(primary_key=True)
    resume_id: Mapped[UUID] = mapped_column(primary_key=True)
    categories: Mapped[dict[str, float]] = mapped_column(JSONB)
    labels: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    flags: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    flagged: Mapped[bool]
    input_hash: Mapped[str]
    program: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = ({"postgresql_partition_by": BY_SCREENING},)
