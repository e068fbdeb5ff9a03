"""Resumes: read by id or pool; written by db.intake in bulk, and here one by one as documents are parsed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.tables import Resume


@dataclass(frozen=True, slots=True)
class ResumeState:
    """A resume as it was accepted."""

    id: UUID
    pool_id: UUID
    external_id: str
    name: str
    text: str
    fields: dict[str, str]
    content_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ResumeHead:
    """A resume in a list, without its text."""

    id: UUID
    external_id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ParsedResume:
    """What a document turned out to hold; its external id comes from its text, so equal texts are one resume."""

    external_id: str
    name: str
    text: str
    content_hash: str
    tokens: int


def keep_parsed(session: Session, pool_id: UUID, document_id: UUID, parsed: ParsedResume) -> tuple[UUID, bool]:
    """The id of the resume, and whether it is new to the pool."""
    values = {
        "tenant_id": session.info["tenant"],
        "pool_id": pool_id,
        "document_id": document_id,
        "external_id": parsed.external_id,
        "name": parsed.name,
        "text": parsed.text,
        "content_hash": parsed.content_hash,
        "tokens": parsed.tokens,
    }
    new = session.scalars(insert(Resume).values(values).on_conflict_do_nothing().returning(Resume.id)).one_or_none()
    if new is not None:
        return new, True
    same = select(Resume.id).where(Resume.pool_id == pool_id, Resume.external_id == parsed.external_id)
    return session.scalars(same).one(), False


def get(session: Session, resume_id: UUID) -> ResumeState | None:
    """The resume, or None when the tenant has no such one."""
    resume = session.scalar(select(Resume).where(Resume.id == resume_id))
    if resume is None:
        return None
    return ResumeState(
        id=resume.id,
        pool_id=resume.pool_id,
        external_id=resume.external_id,
        name=resume.name,
        text=resume.text,
        fields=resume.fields,
        content_hash=resume.content_hash,
        created_at=resume.created_at,
    )


def page(session: Session, pool_id: UUID, limit: int, after: str | None = None) -> list[ResumeHead]:
    """Resumes of a pool by external id, beginning after one; the unique key serves the order."""
    query = (
        select(Resume.id, Resume.external_id, Resume.name, Resume.created_at)
        .where(Resume.pool_id == pool_id)
        .order_by(Resume.external_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Resume.external_id > after)
    return [ResumeHead(*row) for row in session.execute(query)]
