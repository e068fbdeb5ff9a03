"""Uploads: what became of each row of what was sent."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy.orm import Session

from api import cursor as cursors
from api.auth import Caller
from api.cursor import Cursor, Limit
from api.idempotency import Answer, Once, request_hash
from api.intake import Noun, take
from api.problems import Problem
from api.spool import spooled
from db import uploads
from db.engine import app_session

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])

FIRST_ROWS = 1000
RETRY_AFTER = {"Retry-After": "1"}

EXAMPLE_ROW: dict[str, JsonValue] = {
    "number": 17,
    "kind": "resume",
    "source": "line 18",
    "external_id": "a-17",
    "outcome": "rejected",
    "code": "no_text",
    "reason": "The resume holds no text. Fill `text`, or columns such as `skills`.",
    "id": None,
}

OutcomeName = Literal["accepted", "duplicate", "rejected", "pending"]


class UploadRow(BaseModel):
    """The outcome of one row; `id` is that of the resume or job it became or already was."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": EXAMPLE_ROW})

    number: int
    kind: Literal["resume", "job", "archive"]
    source: str
    external_id: str | None
    outcome: OutcomeName
    code: str | None
    reason: str | None
    id: UUID | None


class UploadCounts(BaseModel):
    """Outcomes; the four sum to the total. A row that holds a resume and a job counts twice."""

    model_config = ConfigDict(from_attributes=True)

    total: int
    accepted: int
    duplicate: int
    rejected: int
    pending: int


class Upload(BaseModel):
    """One bulk intake, `parsing` until every document of it is read, with its first 1,000 rows, rejected ones first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "0199c0de-0000-7000-8000-000000000004",
                "state": "ended",
                "pool_id": "0199c0de-0000-7000-8000-000000000001",
                "filename": "applicants.csv",
                "media_type": "text/csv",
                "counts": {"total": 2, "accepted": 1, "duplicate": 0, "rejected": 1, "pending": 0},
                "created_at": "2026-03-01T09:31:00Z",
                "ended_at": "2026-03-01T09:31:00Z",
                "rows_url": "/v1/uploads/0199c0de-0000-7000-8000-000000000004/rows",
                "rows": [EXAMPLE_ROW],
            }
        }
    )

    id: UUID
    state: Literal["parsing", "ended"]
    pool_id: UUID | None
    filename: str
    media_type: str
    counts: UploadCounts
    created_at: datetime
    ended_at: datetime | None
    rows_url: str
    rows: list[UploadRow]


class UploadRows(BaseModel):
    """A page of rows in the order of the file."""

    rows: list[UploadRow]
    next_cursor: str | None


@router.get("/{upload_id}", summary="How an upload stands")
def get_upload(upload_id: UUID, caller: Caller) -> Upload:
    """Poll this until `state` is `ended`."""
    with app_session(caller.tenant_id) as session:
        state = uploads.get(session, upload_id)
        if state is None:
            raise _missing()
        return _upload(state, uploads.first_rows(session, state, FIRST_ROWS))


@router.get("/{upload_id}/rows", summary="The outcome of every row")
def list_rows(
    upload_id: UUID,
    caller: Caller,
    outcome: Annotated[OutcomeName | None, Query(description="Only rows with this outcome.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> UploadRows:
    """Rows in the order of the file, page by page."""
    after = cursors.decode(cursor, _row_number, str) if cursor else None
    with app_session(caller.tenant_id) as session:
        if uploads.get(session, upload_id) is None:
            raise _missing()
        found = uploads.rows(session, upload_id, limit, outcome, after)
    following = cursors.encode(found[-1].number, found[-1].kind) if len(found) == limit else None
    return UploadRows(rows=[UploadRow.model_validate(row) for row in found], next_cursor=following)


async def receive(
    request: Request, tenant_id: UUID, key: str | None, filename: str, noun: Noun, pool_id: UUID | None = None
) -> Response:
    """Take a body of resumes or jobs: 201 when every row is settled, 202 while documents are parsed."""
    async with spooled(request, filename) as body:
        once = Once(tenant_id, key, request_hash(request, body.sha256))

        def work(session: Session) -> Answer:
            state = take(session, body, noun, pool_id)
            answer = _upload(state, uploads.first_rows(session, state, FIRST_ROWS))
            headers = {"Location": f"/v1/uploads/{state.id}"}
            if state.state == "ended":
                return Answer(201, answer, headers)
            return Answer(202, answer, headers | RETRY_AFTER)

        return await run_in_threadpool(once.run, work)


def _missing() -> Problem:
    detail = "There is no upload with this id. `Location` of the answer to a bulk upload names its address."
    return Problem(404, "not_found", "Not found", detail)


def _row_number(text: str) -> int:
    """A row's number out of a cursor, which anyone may have written."""
    return min(int(text), 2**31 - 1)


def _upload(state: uploads.UploadState, rows: list[uploads.Outcome]) -> Upload:
    shown = {
        "id": state.id,
        "state": state.state,
        "pool_id": state.pool_id,
        "filename": state.filename,
        "media_type": state.media_type,
        "counts": UploadCounts.model_validate(state.counts),
        "created_at": state.created_at,
        "ended_at": state.ended_at,
        "rows_url": f"/v1/uploads/{state.id}/rows",
        "rows": [UploadRow.model_validate(row) for row in rows],
    }
    return Upload.model_validate(shown)
