"""Screenings: a pool against jobs, created at once, scored in the background, polled, canceled."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.config import JsonDict
from sqlalchemy.orm import Session

from api import cursor as cursors
from api.auth import Caller, KeyHolder
from api.cursor import Cursor, Limit
from api.erasure import erase
from api.idempotency import Answer, OneTime
from api.notice import NOTICE
from api.problems import Problem, not_found
from api.storable import Storable
from db import erasure, new_screenings, polls, screenings
from db.engine import app_session
from db.new_screenings import MAX_ITEMS, RefusedError
from db.screenings import ScreeningView, State

router = APIRouter(prefix="/v1/screenings", tags=["screenings"])

POLL_SECONDS = "2"
"""Retry-After of a screening that has not ended."""

_POOL = "019a9c5e-7d1e-7c43-9d0b-2f6f3f0f8b01"
_JOBS: list[JsonValue] = ["019a9c5e-7d1e-7c43-9d0b-2f6f3f0f8b02"]
_REQUEST: JsonDict = {"pool_id": _POOL, "job_ids": _JOBS, "options": {"threshold": None}}
_SCREENING: JsonDict = {
    "id": "019a9c5e-7d1e-7c43-9d0b-2f6f3f0f8b03",
    "state": "in_progress",
    "pool_id": _POOL,
    "job_ids": _JOBS,
    "retry_of": None,
    "total": 40,
    "counts": {"processing": 30, "scored": 9, "errored": 1, "canceled": 0},
    "created_at": "2026-11-22T08:00:00Z",
    "started_at": "2026-11-22T08:00:01Z",
    "second_stage_at": None,
    "second_stage_items": None,
    "cancel_requested_at": None,
    "ended_at": None,
    "seconds_left": 12.5,
    "options": {"threshold": None},
    "packs": {"match": "2", "categories": "3", "spam": "3", "toxicity": "3", "skills": "1"},
    "format": "torch-fp32",
    "stale": False,
    "replaced_by": [],
    "notice": NOTICE,
}
_REPLACED: JsonDict = {
    "job_id": _JOBS[0],
    "screening_id": "019a9c5e-7d1e-7c43-9d0b-2f6f3f0f8b09",
    "packs": {"match": "3", "categories": "3", "spam": "3", "toxicity": "3", "skills": "1"},
}


ExternalId = Annotated[Storable, Field(min_length=1, max_length=200)]


class Rerank(BaseModel):
    """A second stage, in which a model that reads resume and job together ranks the best of each job anew."""

    model_config = ConfigDict(extra="forbid")

    top: int = Field(
        ge=1, le=1000, description="How many of each job's best; the others stay as the first stage ranked them."
    )


class Options(BaseModel):
    """How to screen."""

    model_config = ConfigDict(extra="forbid")

    threshold: float | None = Field(
        default=None, ge=0, le=1, description="Probability from which a pair is a match; null: the model's own."
    )
    explain_top: int = Field(
        default=0,
        ge=0,
        le=20,
        description="Once all is scored, find the passages that moved the scores of so many best resumes of each job.",
    )

    priority: Literal["normal", "low"] = Field(
        default="normal", description="A low one is worked on only while no other work of anybody waits."
    )
    reuse: bool = Field(
        default=True,
        description="Take over scores of the same text, job, packs and threshold from earlier screenings; false: score "
        "everything anew, which gives the same scores.",
    )

    rerank: Rerank | None = Field(
        default=None, description="Rank the best of each job anew by a pair model; null: do not."
    )


class NewScreening(BaseModel):
    """A pool, and the jobs to screen it against: by id or by your own external ids, not both."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _REQUEST})

    pool_id: UUID
    job_ids: list[UUID] = Field(default=[], max_length=1000)
    job_external_ids: list[ExternalId] = Field(default=[], max_length=1000)
    options: Options = Options()

    @model_validator(mode="after")
    def _names_jobs_once(self) -> Self:
        if bool(self.job_ids) == bool(self.job_external_ids):
            raise ValueError("name the jobs in `job_ids` or in `job_external_ids`, at least one and not in both")
        return self


class Counts(BaseModel):
    """Items by what became of them; they sum to `total` in every answer."""

    processing: int
    scored: int
    errored: int
    canceled: int


class ReplacedBody(BaseModel):
    """A job whose scores are stale: the later screening of the same pool that has newer ones, and its packs."""

    model_config = ConfigDict(json_schema_extra={"example": _REPLACED})

    job_id: UUID
    screening_id: UUID
    packs: dict[str, str]


class ScreeningBody(BaseModel):
    """A screening as it stands. What it was frozen with (items, packs, format, options) never changes."""

    model_config = ConfigDict(json_schema_extra={"example": _SCREENING})

    id: UUID
    state: State
    pool_id: UUID
    job_ids: list[UUID]
    retry_of: UUID | None
    total: int = Field(description="Items: resumes times jobs.")
    counts: Counts
    created_at: datetime
    started_at: datetime | None
    second_stage_at: datetime | None = Field(
        description="When the pair model began on the best of each job; null before, and without `rerank`."
    )
    second_stage_items: int | None = Field(
        description="How many items those are; they are processing until it ranked them."
    )
    cancel_requested_at: datetime | None
    ended_at: datetime | None
    seconds_left: float | None = Field(description="An estimate from the rate so far; null when there is none.")
    options: Options
    packs: dict[str, str]
    format: str
    stale: bool = Field(description="Whether scores of it were replaced by a later screening with other packs.")
    replaced_by: list[ReplacedBody]
    notice: str = NOTICE


class ScreeningPage(BaseModel):
    """Screenings, the newest first."""

    screenings: list[ScreeningBody]
    next_cursor: str | None


_MADE_HERE = {"counts", "notice", "options", "stale", "replaced_by"}


def _body(view: ScreeningView) -> ScreeningBody:
    return ScreeningBody(
        **{name: getattr(view, name) for name in ScreeningBody.model_fields.keys() - _MADE_HERE},
        counts=Counts(**{name: getattr(view, name) for name in Counts.model_fields}),
        options=Options(**view.options),
        stale=bool(view.replaced),
        replaced_by=[
            ReplacedBody(job_id=job_id, screening_id=by.screening_id, packs=dict(by.packs))
            for job_id, by in view.replaced.items()
        ],
    )


def missing_screening() -> Problem:
    """404 for an unknown screening, or another tenant's."""
    return not_found("screening", "GET /v1/screenings")


_REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "pool_not_found": (404, "Pool not found", "There is no pool with this id. List yours with GET /v1/pools."),
    "jobs_not_found": (404, "Jobs not found", "There are no jobs as in `missing`. List yours with GET /v1/jobs."),
    "pool_parsing": (409, "Pool still parsing", "Documents of this pool are being parsed. Send this again shortly."),
    "pool_empty": (422, "Pool is empty", "Upload resumes with POST /v1/pools/{id}/resumes first."),
    "too_many_items": (422, "Too many items", f"Resumes times jobs may be {MAX_ITEMS:,} at most. Name fewer jobs."),
    "not_ended": (409, "Screening not ended", "Errored items are retried once the screening has ended. Wait for it."),
    "nothing_errored": (422, "Nothing errored", "No item of this screening errored, so there is nothing to retry."),
    "no_pair_model": (
        422,
        "No pair model",
        "This deployment has no pair model, so `rerank` cannot be had. Leave it out, or ask the operator for one.",
    ),
    "packs_missing": (503, "Models missing", "No model is active for `missing`: the operator must register packs."),
}


def _refusal(error: RefusedError) -> Problem:
    status, title, detail = _REFUSALS[error.code]
    headers = {"Retry-After": "5"} if status in (409, 503) else {}
    extra: dict[str, Any] = {"missing": error.missing} if error.missing else {}
    return Problem(status, error.code, title, detail, headers, **extra)


def _options(options: Options) -> dict[str, Any]:
    """As they are kept: an API of before there was a second stage reads those of every screening without one."""
    return options.model_dump(exclude=None if options.rerank else {"rerank"})


def _create(session: Session, new: NewScreening) -> ScreeningBody:
    try:
        job_ids = new.job_ids or new_screenings.named_jobs(session, new.job_external_ids)
        id = new_screenings.create(session, new.pool_id, job_ids, _options(new.options))
    except RefusedError as error:
        raise _refusal(error) from error
    return _found(session, id)


def _retry(session: Session, id: UUID) -> ScreeningBody:
    old = screenings.find(session, id)
    if old is None:
        raise missing_screening()
    try:
        return _found(session, new_screenings.retry(session, old))
    except RefusedError as error:
        raise _refusal(error) from error


def _found(session: Session, id: UUID) -> ScreeningBody:
    view = screenings.find(session, id)
    assert view is not None
    return _body(view)


def _accepted(body: ScreeningBody) -> Answer:
    return Answer(202, body, {"Location": f"/v1/screenings/{body.id}", "Retry-After": POLL_SECONDS})


@router.post("", status_code=202, response_model=ScreeningBody, summary="Screen a pool against jobs")
def create(new: NewScreening, once: OneTime) -> Response:
    """Freezes the pool's resumes, the jobs' texts, the models and the options, and answers at once.

    Poll the address in Location, or have `screening.ended` sent to a webhook.
    """
    return once.run(lambda session: _accepted(_create(session, new)))


@router.get("", summary="List screenings")
def find_all(caller: Caller, cursor: Cursor = None, limit: Limit = 50) -> ScreeningPage:
    """The newest first."""
    before = cursors.decode(cursor, UUID)[0] if cursor else None
    with app_session(caller.tenant_id) as session:
        page = screenings.page(session, before, limit)
    next_cursor = cursors.encode(page[-1].id) if len(page) == limit else None
    return ScreeningPage(screenings=[_body(view) for view in page], next_cursor=next_cursor)


@router.get("/{screening_id}", response_model=ScreeningBody, summary="How far a screening is")
def find(screening_id: UUID, holder: KeyHolder) -> Response:
    """Its state and counts in one snapshot. While it has not ended, Retry-After says when to look again."""
    view = holder.ask(lambda key: polls.screening(key, screening_id))
    if view is None:
        raise missing_screening()
    headers = {} if view.state == "ended" else {"Retry-After": POLL_SECONDS}
    return Response(_body(view).model_dump_json(), headers=headers, media_type="application/json")


@router.delete("/{screening_id}", status_code=204, summary="Delete a screening with its results")
def delete(screening_id: UUID, caller: Caller) -> None:
    """Pool, resumes and jobs stay; 409 until it has ended."""
    erase(caller, erasure.erase_screening, screening_id, missing_screening())


@router.post("/{screening_id}/cancel", status_code=202, summary="Stop a screening")
def cancel(screening_id: UUID, caller: Caller) -> ScreeningBody:
    """Items not scored within moments end as `canceled`; scores already made stay. One that has ended stays ended."""
    with app_session(caller.tenant_id) as session:
        view = screenings.request_cancel(session, screening_id)
    if view is None:
        raise missing_screening()
    return _body(view)


@router.post(
    "/{screening_id}/retry", status_code=202, response_model=ScreeningBody, summary="Try the errored items again"
)
def retry(screening_id: UUID, once: OneTime) -> Response:
    """A new screening of the items that errored, and of no others; its `retry_of` names this one, which stays as it is.

    It has the same jobs as they read then, options and packs, so that the results of both are of one kind. To score
    everything anew with the packs of today, create a screening.
    """
    return once.run(lambda session: _accepted(_retry(session, screening_id)))
