"""Which passages of a resume moved its score with a job: found on request, or because its screening asked for them."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api import interactive
from api.auth import Caller
from api.notice import NOTICE
from api.problems import Problem, not_found
from db import passages
from db.engine import app_session
from db.passages import Item
from workers.celery_app import Call

router = APIRouter(prefix="/v1/screenings/{screening_id}/results/{job_id}/{resume_id}", tags=["results"])

FOUND: JsonDict = {
    "probability": 0.83,
    "raised": [{"quote": "Python, PostgreSQL, Docker", "start": 120, "end": 146, "change": 0.21}],
    "lowered": [{"quote": "Three years as a baker", "start": 300, "end": 322, "change": -0.04}],
    "passages": 9,
    "passes": 10,
}


class PassageBody(BaseModel):
    """A passage, by character offsets into the resume's text, and what it did.

    Of a resume that came in columns the model reads columns; the offsets are null where its text does not hold them so.
    """

    quote: str
    start: int | None
    end: int | None
    change: float = Field(description="The probability with the passage, less the probability without it.")


class PassagesBody(BaseModel):
    """The passages that moved the probability most, at most three each way, the strongest first."""

    probability: float = Field(description="As it is computed with nothing deleted: the result's own.")
    raised: list[PassageBody]
    lowered: list[PassageBody]
    passages: int = Field(description="Passages of the resume; with fewer than two there is nothing to delete.")
    passes: int = Field(description="Texts that were scored to find these, the whole one among them.")


class ItemPassages(PassagesBody):
    """The same, of one item."""

    model_config = ConfigDict(json_schema_extra={"example": {**FOUND, "packs": {"match": "2"}, "notice": NOTICE}})

    packs: dict[str, str]
    notice: str = NOTICE


@router.get("/passages", summary="The passages of a resume that moved its score most")
def find(screening_id: UUID, job_id: UUID, resume_id: UUID, caller: Caller) -> ItemPassages:
    """Passages are deleted one by one and the rest is scored by the screening's own model: what falls, they had raised.

    Costs a score for each passage, so the first answer takes seconds; it is kept, and the next comes at once. 503 when
    the interactive worker is away, busy or did not finish within 20 s.
    """
    with app_session(caller.tenant_id) as session:
        item = passages.find(session, screening_id, job_id, resume_id)
    if item is None:
        raise not_found("result", "GET /v1/screenings/{id}/results")
    found = item.found
    if found is None:
        found = interactive.ask_packs(caller.tenant_id, Call.PASSAGES, item.packs, item.format, **_arguments(item))
        with app_session(caller.tenant_id) as session:
            passages.keep(session, item, found)
    return ItemPassages(**found, packs=dict(item.packs))


def _arguments(item: Item) -> dict[str, Any]:
    if item.state != "scored":
        detail = "Only an item that was scored has passages that moved its score. Ask again once it is."
        raise Problem(409, "not_scored", "Item not scored", detail, state=item.state or "processing")
    return {"job": item.job, "resume": {"text": item.text, "fields": item.fields}}
