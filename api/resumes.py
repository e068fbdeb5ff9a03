"""Resumes: uploaded in bulk into a pool, never changed once accepted."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import cursor as cursors
from api.auth import Caller
from api.bodies import upload_body
from api.cursor import Cursor, Limit
from api.erasure import erase
from api.idempotency import Key
from api.pools import ExistingPool
from api.problems import not_found
from api.uploads import Upload, receive
from db import erasure, resumes
from db.engine import app_session

router = APIRouter(prefix="/v1", tags=["resumes"])

Filename = Annotated[str, Query(max_length=300, description="Name of the file, where the body is one.")]


class ResumeHead(BaseModel):
    """A resume in a list, without its text."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    external_id: str
    name: str
    created_at: datetime


class Resume(ResumeHead):
    """A resume as it was accepted."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "0199c0de-0000-7000-8000-000000000002",
                "external_id": "a-17",
                "name": "Ada Example",
                "created_at": "2026-03-01T09:31:00Z",
                "pool_id": "0199c0de-0000-7000-8000-000000000001",
                "text": "Ada Example\nPython developer, eight years.",
                "fields": {},
                "content_hash": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
            }
        },
    )

    pool_id: UUID
    text: str
    fields: dict[str, str] = Field(description="The columns that the match model reads, where it came in columns.")
    content_hash: str


class Resumes(BaseModel):
    """A page of a pool's resumes by external id."""

    resumes: list[ResumeHead]
    next_cursor: str | None


@router.post(
    "/pools/{pool_id}/resumes",
    status_code=201,
    response_model=Upload,
    summary="Upload resumes in bulk",
    responses={202: {"model": Upload, "description": "Documents are still being parsed: poll `Location`."}},
    openapi_extra=upload_body("resume"),
)
async def upload_resumes(
    request: Request, pool_id: ExistingPool, caller: Caller, key: Key = None, filename: Filename = ""
) -> Response:
    """Rows as JSON, NDJSON or CSV, or files (PDF, DOCX, TXT, several in a form, or one ZIP); each gets an outcome.

    Columns: `external_id`, `name`, `text`, and all those of the public resume_data.csv, whose job columns make jobs.
    Without an `external_id` it is derived from the content. The same content again is a duplicate; other content under
    a known `external_id` is rejected.
    """
    return await receive(request, caller.tenant_id, key, filename, "resume", pool_id)


@router.get("/pools/{pool_id}/resumes", summary="List a pool's resumes")
def list_resumes(pool_id: ExistingPool, caller: Caller, cursor: Cursor = None, limit: Limit = 100) -> Resumes:
    """Resumes by external id, without their texts, page by page."""
    after = cursors.decode(cursor, str)[0] if cursor else None
    with app_session(caller.tenant_id) as session:
        found = resumes.page(session, pool_id, limit, after)
    following = cursors.encode(found[-1].external_id) if len(found) == limit else None
    return Resumes(resumes=[ResumeHead.model_validate(resume) for resume in found], next_cursor=following)


@router.get("/resumes/{resume_id}", summary="Read a resume")
def get_resume(resume_id: UUID, caller: Caller) -> Resume:
    """The text that is scored, and the columns it came in."""
    with app_session(caller.tenant_id) as session:
        resume = resumes.get(session, resume_id)
    if resume is None:
        raise not_found("resume", "GET /v1/pools/{pool_id}/resumes")
    return Resume.model_validate(resume)


@router.delete("/resumes/{resume_id}", status_code=204, summary="Delete a resume")
def delete_resume(resume_id: UUID, caller: Caller) -> None:
    """It is gone with its file, its categories, flags and explanations; 409 while its pool is being screened.

    Screenings keep its items as lines without a person, a score under an id that names nobody, so that counts hold.
    """
    erase(caller, erasure.erase_resume, resume_id, not_found("resume", "GET /v1/pools/{pool_id}/resumes"))
