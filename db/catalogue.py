"""What jobs are recommended from: a tenant's own jobs with their vectors, and the deployment's imported postings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import create_engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.engine import app_engine
from db.packs import active_versions
from db.settings import database_url
from db.tables import Job, JobVector, Posting


@dataclass(frozen=True, slots=True)
class OwnJob:
    """One of the tenant's jobs; `vector` (float16) and `skills` are None until they were computed."""

    id: UUID
    external_id: str
    title: str
    content_hash: str
    skills: list[str] | None
    vector: bytes | None


@dataclass(frozen=True, slots=True)
class Vector:
    """What was computed of a job's text."""

    content_hash: str
    skills: Sequence[str]
    vector: bytes


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A posting to be imported, or as it was; `vector` is float16."""

    external_id: str
    title: str
    company: str
    location: str
    url: str
    skills: Sequence[str]
    vector: bytes


@dataclass(frozen=True, slots=True)
class Edition:
    """Tells one state of the imported postings from another."""

    count: int
    imported_at: datetime | None


def pack_versions(names: Sequence[str]) -> dict[str, str]:
    """The active versions of these packs; belongs to no tenant."""
    with Session(app_engine()) as session:
        return active_versions(session, names)


def own_jobs(session: Session, made_by: str, most: int) -> list[OwnJob]:
    """The tenant's jobs, the newest first, with what `made_by` computed of them."""
    computed = (JobVector.content_hash == Job.content_hash) & (JobVector.made_by == made_by)
    columns = (Job.id, Job.external_id, Job.title, Job.content_hash, JobVector.skills, JobVector.vector)
    query = select(*columns).outerjoin(JobVector, computed).order_by(Job.id.desc()).limit(most)
    return [OwnJob(*row) for row in session.execute(query)]


def count_jobs(session: Session) -> int:
    """How many jobs the tenant has."""
    return session.scalar(select(func.count()).select_from(Job)) or 0


def job_texts(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """All parts of these jobs as one text each."""
    columns = (Job.title, Job.description, Job.education, Job.experience, Job.skills)
    rows = session.execute(select(Job.id, *columns).where(Job.id.in_(ids)))
    return {row[0]: "\n".join(filter(None, row[1:])) for row in rows}


def keep_vectors(session: Session, made_by: str, vectors: Iterable[Vector]) -> None:
    """Keep what was computed, and drop what belongs to no job any more."""
    session.execute(delete(JobVector).where(JobVector.content_hash.not_in(select(Job.content_hash))))
    tenant = {"tenant_id": session.info["tenant"], "made_by": made_by}
    for one in vectors:
        values = {"skills": list(one.skills), "vector": one.vector, **tenant}
        statement = insert(JobVector).values(content_hash=one.content_hash, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "content_hash"], set_=values))


def edition(made_by: str) -> Edition:
    """The present state of the postings that `made_by` computed."""
    query = select(func.count(), func.max(Posting.imported_at)).where(Posting.made_by == made_by)
    with Session(app_engine()) as session:
        return Edition(*session.execute(query).one())


def postings(made_by: str) -> list[tuple[str, PostingRow]]:
    """Every imported posting with its source, in a fixed order."""
    names = (Posting.external_id, Posting.title, Posting.company, Posting.location, Posting.url)
    query = select(Posting.source, *names, Posting.skills, Posting.vector).where(Posting.made_by == made_by)
    with Session(app_engine()) as session:
        rows = session.execute(query.order_by(Posting.source, Posting.external_id))
        return [(row[0], PostingRow(*row[1:])) for row in rows]


def replace_postings(source: str, made_by: str, rows: Sequence[PostingRow]) -> int:
    """Put these postings in place of all that came from `source`; needs DATABASE_OWNER_URL. Returns how many went."""
    engine = create_engine(database_url("DATABASE_OWNER_URL"), hide_parameters=True)
    values = [
        {"source": source, "made_by": made_by, "external_id": row.external_id, "title": row.title,
         "company": row.company, "location": row.location, "url": row.url, "skills": list(row.skills),
         "vector": row.vector}
        for row in rows
    ]  # fmt: skip
    with Session(engine) as session, session.begin():
        gone = session.scalars(delete(Posting).where(Posting.source == source).returning(Posting.external_id)).all()
        if values:
            session.execute(insert(Posting), values)
    engine.dispose()
    return len(gone)
