"""Jobs: read by id; upserted by db.intake in bulk, and here one by one as documents are parsed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.tables import Job


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as it reads now."""

    id: UUID
    external_id: str
    title: str
    description: str
    education: str
    experience: str
    skills: str
    weights: dict[str, float]
    must_haves: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ParsedJob:
    """What a document turned out to hold; its external id comes from its text, so equal texts are one job."""

    external_id: str
    title: str
    description: str
    content_hash: str
    tokens: int


_STATE = (
    Job.id,
    Job.external_id,
    Job.title,
    Job.description,
    Job.education,
    Job.experience,
    Job.skills,
    Job.weights,
    Job.must_haves,
    Job.created_at,
    Job.updated_at,
)


def keep_parsed(session: Session, parsed: ParsedJob) -> tuple[UUID, bool]:
    """The id of the job, and whether it is new."""
    values = {
        "tenant_id": session.info["tenant"],
        "external_id": parsed.external_id,
        "title": parsed.title,
        "description": parsed.description,
        "content_hash": parsed.content_hash,
        "tokens": parsed.tokens,
    }
    new = session.scalars(insert(Job).values(values).on_conflict_do_nothing().returning(Job.id)).one_or_none()
    if new is not None:
        return new, True
    return session.scalars(select(Job.id).where(Job.external_id == parsed.external_id)).one(), False


def get(session: Session, job_id: UUID) -> JobState | None:
    """The job, or None when the tenant has no such one."""
    row = session.execute(select(*_STATE).where(Job.id == job_id)).one_or_none()
    return None if row is None else JobState(*row)


def page(session: Session, limit: int, after: UUID | None = None) -> list[JobState]:
    """Jobs in the order they were made, beginning after an id."""
    query = select(*_STATE).order_by(Job.id).limit(limit)
    if after is not None:
        query = query.where(Job.id > after)
    return [JobState(*row) for row in session.execute(query)]
