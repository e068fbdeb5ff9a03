"""Rows that screenings stand on, written straight into the database, and what a scorer would have found."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.orm import Session

from db import new_screenings
from db.chunks import Claim, Findings
from db.engine import app_session
from db.packs import SCORING
from db.tables import Event, Job, Pack, PackRelease, Pool, Resume, Score, Screening, ScreeningJob
from local.deployment import Deployment

COUNTS = ("scored", "errored", "canceled")


def add_packs(database: Deployment, version: str = "1", names: Sequence[str] = SCORING) -> None:
    """Make packs current that nothing will load."""
    engine = create_engine(database.environment()["DATABASE_OWNER_URL"])
    with Session(engine) as session, session.begin():
        versions = [{"name": name, "version": version} for name in names]
        session.execute(insert(Pack), [{**one, "manifest": {"files": {}}} for one in versions])
        session.execute(insert(PackRelease), [{**one, "released_by": "test"} for one in versions])
    engine.dispose()


def add_pool(tenant_id: UUID, name: str, tokens: Sequence[int], texts: Mapping[int, str] | None = None) -> UUID:
    """A pool with a resume of each of these lengths, in this order."""
    with app_session(tenant_id) as session:
        pool_id = session.scalars(insert(Pool).values(tenant_id=tenant_id, name=name).returning(Pool.id)).one()
        rows = [
            {
                "tenant_id": tenant_id,
                "pool_id": pool_id,
                "external_id": f"resume-{number}",
                "name": f"Applicant {number}",
                "text": (texts or {}).get(number, f"Applicant number {number} knows Python and SQL."),
                "content_hash": f"{name}-{number}",
                "tokens": count,
            }
            for number, count in enumerate(tokens)
        ]
        if rows:
            session.execute(insert(Resume), rows)
    return pool_id


def add_jobs(tenant_id: UUID, prefix: str, count: int) -> list[UUID]:
    """Jobs of external ids PREFIX-0, PREFIX-1 and so on."""
    with app_session(tenant_id) as session:
        rows = [
            {
                "tenant_id": tenant_id,
                "external_id": f"{prefix}-{number}",
                "title": f"Job {number}",
                "description": "Python and SQL wanted.",
                "content_hash": f"{prefix}-{number}",
                "tokens": 10,
            }
            for number in range(count)
        ]
        return list(session.scalars(insert(Job).returning(Job.id, sort_by_parameter_order=True), rows))


def add_screening(tenant_id: UUID, name: str, tokens: Sequence[int], jobs: int = 1, **options: Any) -> UUID:
    """A screening of a pool of its own."""
    pool_id, job_ids = add_pool(tenant_id, name, tokens), add_jobs(tenant_id, name, jobs)
    with app_session(tenant_id) as session:
        return new_screenings.create(session, pool_id, job_ids, {"threshold": None, **options})


def found(tenant_id: UUID, claim: Claim, failing: Mapping[UUID, str] | None = None) -> Findings:
    """A score for every item of the claim, but for the `failing` resumes."""
    errors = {id: why for id, why in (failing or {}).items() if id in claim.resume_ids}
    with app_session(tenant_id) as session:
        frozen = select(ScreeningJob.job_id).where(ScreeningJob.screening_id == claim.screening_id)
        job_ids = session.scalars(frozen).all()
    kept = [id for id in claim.resume_ids if id not in errors]
    scores = [
        {"job_id": job_id, "resume_id": id, "probability": 0.5, "matched": True, "windows": 1, "input_hash": "0"}
        for id in kept
        for job_id in job_ids
    ]
    assessments = [
        {"resume_id": id, "categories": {"HR": 0.9}, "labels": ["HR"], "flags": [], "flagged": False, "input_hash": "0"}
        for id in kept
    ]
    return Findings(scores, assessments, errors)


def check_counts(tenant_id: UUID, screening_id: UUID) -> dict[str, int]:
    """The counters, after holding them against the rows they count in the same snapshot."""
    counted = [
        select(func.count()).where(Score.screening_id == screening_id, Score.state == state).scalar_subquery()
        for state in COUNTS
    ]
    columns = (Screening.scored, Screening.errored, Screening.canceled, Screening.total, Screening.state)
    with app_session(tenant_id) as session:
        row = session.execute(select(*columns, *counted).where(Screening.id == screening_id)).one()
    assert row[:3] == row[5:], "counters differ from the rows they count"
    assert (row.state == "ended") == (sum(row[:3]) == row.total)
    return dict(zip(COUNTS, row[:3], strict=True))


def events_of(tenant_id: UUID, screening_id: UUID) -> list[str]:
    """The types of the screening's events, the oldest first."""
    with app_session(tenant_id) as session:
        mine = Event.payload["screening_id"].astext == str(screening_id)
        return list(session.scalars(select(Event.type).where(mine).order_by(Event.id)))
