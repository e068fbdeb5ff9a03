"""Jobs: the postings that resumes are screened against, upserted in bulk."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from api import cursor as cursors
from api.auth import Caller
from api.bodies import upload_body
from api.cursor import Cursor, Limit
from api.idempotency import Key
from api.problems import not_found
from api.resumes import Filename
from api.uploads import Upload, receive
from api.wishes import MustHaves, Weights
from db import jobs
from db.engine import app_session

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


class Job(BaseModel):
    """A job as it reads now; a screening keeps the text it began with."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "0199c0de-0000-7000-8000-000000000003",
                "external_id": "backend-1",
                "title": "Backend developer",
                "description": "You build and run our payment services in Python.",
                "education": "Bachelor in computer science",
                "experience": "At least 3 years",
                "skills": "Python, PostgreSQL, Docker",
                "weights": {"skills": 2, "title": 1},
                "must_haves": {"skills": ["Python"], "years": 3},
                "created_at": "2026-03-01T09:29:00Z",
                "updated_at": "2026-03-01T09:29:00Z",
            }
        },
    )

    id: UUID
    external_id: str
    title: str
    description: str
    education: str
    experience: str
    skills: str
    weights: Weights
    must_haves: MustHaves
    created_at: datetime
    updated_at: datetime


class Jobs(BaseModel):
    """A page of jobs in the order they were made."""

    jobs: list[Job]
    next_cursor: str | None


@router.post(
    "",
    status_code=201,
    response_model=Upload,
    summary="Upload jobs in bulk",
    responses={202: {"model": Upload, "description": "Documents are still being parsed: poll `Location`."}},
    openapi_extra=upload_body("job"),
)
async def upload_jobs(request: Request, caller: Caller, key: Key = None, filename: Filename = "") -> Response:
    """Rows as JSON, NDJSON or CSV, or files (PDF, DOCX, TXT, several in a form, or one ZIP); each gets an outcome.

    Columns: `external_id`, `title`, `description`, `education`, `experience`, `skills`, or resume_data.csv's own for
    these. In JSON also `weights` of the breakdown's parts (`{"skills": 2}`) and `must_haves` (`{"skills": ["Python"],
    "years": 3, "degree": "bachelor", "languages": ["German"], "certifications": ["PMP"]}`); in CSV a cell holds such an
    object. A known `external_id` gets the new text; screenings under way keep the old one. Of a file, the first line is
    the title.
    """
    return await receive(request, caller.tenant_id, key, filename, "job")


@router.get("", summary="List jobs")
def list_jobs(caller: Caller, cursor: Cursor = None, limit: Limit = 100) -> Jobs:
    """Jobs in the order they were made, page by page."""
    after = cursors.decode(cursor, UUID)[0] if cursor else None
    with app_session(caller.tenant_id) as session:
        found = jobs.page(session, limit, after)
    following = cursors.encode(found[-1].id) if len(found) == limit else None
    return Jobs(jobs=[Job.model_validate(job) for job in found], next_cursor=following)


@router.get("/{job_id}", summary="Read a job")
def get_job(job_id: UUID, caller: Caller) -> Job:
    """The job as it reads now."""
    with app_session(caller.tenant_id) as session:
        job = jobs.get(session, job_id)
    if job is None:
        raise not_found("job", "GET /v1/jobs")
    return Job.model_validate(job)
