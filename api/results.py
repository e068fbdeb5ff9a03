"""Results of a screening: ranked pages, and one alone. The whole is api.export's."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api import cursor as cursors
from api.auth import Caller
from api.cursor import Cursor, Limit
from api.explanations import EXAMPLE, Explained, explained
from api.notice import NOTICE
from api.passages import FOUND, PassagesBody
from api.problems import Problem, not_found
from api.screenings import missing_screening
from api.storable import Storable
from db import results, screenings
from db.engine import app_session
from db.results import PAIRS, Filters, Place, Result
from db.screenings import ScreeningView, State

router = APIRouter(prefix="/v1/screenings/{screening_id}", tags=["results"])

ItemState = Literal["scored", "errored", "canceled"]
RankedBy = Literal["pairs", "first_stage"]

_RESULT: JsonDict = {
    "resume_id": "019a9c5e-7d1e-7c43-9d0b-2f6f3f0f8b04",
    "resume_external_id": "ada.pdf",
    "resume_name": "Ada Example",
    "job_id": "019a9c5e-7d1e-7c43-9d0b-2f6f3f0f8b02",
    "job_external_id": "backend-1",
    "job_title": "Backend engineer",
    "state": "scored",
    "probability": 0.83,
    "matched": True,
    "threshold": None,
    "ranked_by": "pairs",
    "first_stage_probability": 0.79,
    "stale": False,
    "categories": {"Software_Developer": 0.97, "Web_Developer": 0.12},
    "labels": ["Software_Developer"],
    "flagged": False,
    "flags": [],
    "reason": None,
    "reused_from": None,
    "windows": 2,
    "input_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "resume_hash": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    **EXAMPLE,
    "passages": FOUND,
}


class FlagBody(BaseModel):
    """A passage of the resume that moderation points at; `start` and `end` are characters into its text."""

    kind: Literal["spam", "toxicity"]
    score: float
    threshold: float
    passage: str
    start: int
    end: int


class ResultBody(Explained):
    """What became of one item, and why. `threshold` is the screening's own; null means that the match model's held.

    The explanation is read from the resume beside the match model: neither knows of the other.
    """

    model_config = ConfigDict(json_schema_extra={"example": _RESULT})

    resume_id: UUID
    resume_external_id: str | None
    resume_name: str | None
    job_id: UUID
    job_external_id: str
    job_title: str
    state: ItemState
    probability: float | None
    matched: bool | None
    threshold: float | None
    ranked_by: RankedBy | None = Field(
        description="The model whose word `probability` is: `first_stage` is the match model, which reads every text "
        "by itself; `pairs` reads resume and job together, where the screening's `rerank` asks for it. Probabilities "
        "of the two do not compare."
    )
    first_stage_probability: float | None = Field(
        description="What the first stage said of what the pair model ranked."
    )
    stale: bool = Field(description="Whether a later screening of the pool has scored this job with other packs.")
    categories: dict[str, float] | None
    labels: list[str] | None
    flagged: bool | None
    flags: list[FlagBody] | None
    reason: str | None = Field(description="Why the item is errored, or why the pair model did not rank it.")
    reused_from: UUID | None = Field(description="The earlier screening that computed this score; null: this one did.")
    windows: int | None = Field(description="Overlapping windows in which the resume was read.")
    input_hash: str | None = Field(description="SHA-256 of what the match model read.")
    resume_hash: str | None = Field(description="SHA-256 of what the category model read.")
    passages: PassagesBody | None = Field(
        description="The passages that moved the probability most, where they were searched for."
    )


class ResultPage(BaseModel):
    """Results in rank order, and what they were made with."""

    results: list[ResultBody]
    next_cursor: str | None
    screening_id: UUID
    state: State
    packs: dict[str, str]
    format: str
    threshold: float | None
    notice: str = NOTICE


_STORED = tuple(ResultBody.model_fields.keys() - Explained.model_fields.keys() - {"threshold", "stale"})


def _filters(
    job_id: UUID | None = None,
    min_score: Annotated[float | None, Query(ge=0, le=1, description="Lowest probability.")] = None,
    category: Annotated[Storable | None, Query(description="A label that the resume was assigned.")] = None,
    flagged: Annotated[bool | None, Query(description="Whether moderation points at a passage of the resume.")] = None,
    state: ItemState | None = None,
    ranked_by: RankedBy | None = None,
) -> Filters:
    return Filters(job_id, min_score, category, flagged, state, ranked_by)


def find_screening(caller: Caller, screening_id: UUID) -> ScreeningView:
    """The caller's screening. Raises Problem 404."""
    with app_session(caller.tenant_id) as session:
        view = screenings.find(session, screening_id)
    if view is None:
        raise missing_screening()
    return view


def _row(result: Result, view: ScreeningView) -> dict[str, Any]:
    values = {name: getattr(result, name) for name in _STORED}
    told = {"threshold": view.options.get("threshold"), "stale": result.job_id in view.replaced}
    return values | told | explained(result.explanation)


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    (probability, by_pairs), job_id, resume_id = cursors.decode(cursor, _rank, UUID, UUID)
    return Place(probability, job_id, resume_id, by_pairs)


def _rank(text: str) -> tuple[float | None, bool]:
    """A probability out of a cursor, which anyone may have written, and whether the pair model said it.

    "None" among the items that were not scored.
    """
    if text == "None":
        return None, False
    by_pairs, said = text.startswith(PAIRS), text.removeprefix(PAIRS)
    if not 0 <= (value := float(said)) <= 1:
        raise ValueError("no probability")
    return value, by_pairs


def _cursor(last: Result) -> str:
    rank = f"{PAIRS}{last.probability}" if last.ranked_by == PAIRS else last.probability
    return cursors.encode(rank, last.job_id, last.resume_id)


@router.get("/results", summary="Ranked results, page by page")
def find_all(
    screening_id: UUID,
    caller: Caller,
    filters: Annotated[Filters, Depends(_filters)],
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ResultPage:
    """The most probable matches first, then items that were not scored. Also while the screening is in progress.

    What the pair model ranked precedes the rest. Until it has, the best of each job are not among the results.
    """
    view, after = find_screening(caller, screening_id), _place(cursor)
    with app_session(caller.tenant_id) as session:
        page = results.page(session, screening_id, filters, after, limit, two_stages=view.two_stages)
    last = page[-1] if len(page) == limit else None
    return ResultPage(
        results=[ResultBody(**_row(result, view)) for result in page],
        next_cursor=_cursor(last) if last else None,
        screening_id=view.id,
        state=view.state,
        packs=dict(view.packs),
        format=view.format,
        threshold=view.options.get("threshold"),
    )


@router.get("/results/{job_id}/{resume_id}", summary="One result")
def find_one(screening_id: UUID, job_id: UUID, resume_id: UUID, caller: Caller) -> ResultBody:
    """What became of one resume with one job; 409 while that may still come."""
    view = find_screening(caller, screening_id)
    with app_session(caller.tenant_id) as session:
        result = results.find(session, screening_id, job_id, resume_id)
    if result is None and view.state != "ended":
        detail = "The screening has not ended, and has no result of this pair so far. Ask again later."
        raise Problem(409, "not_ended", "Screening not ended", detail, state=view.state)
    if result is None:
        raise not_found("result", "GET /v1/screenings/{id}/results")
    return ResultBody(**_row(result, view))
