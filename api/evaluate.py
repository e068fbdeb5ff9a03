"""One resume against one job, answered while the caller waits."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api import interactive
from api.auth import Caller
from api.notice import NOTICE
from db.screenings import FORMAT
from workers.celery_app import Call

router = APIRouter(prefix="/ats", tags=["interactive"])

Text = Annotated[str, Field(min_length=1, max_length=200_000)]


class Pair(BaseModel):
    """The texts of a job and of a resume."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "job_description": "Backend engineer: Python, PostgreSQL, five years of experience.",
                "resume": "Eight years of backend development in Python and PostgreSQL.",
            }
        },
    )

    job_description: Text
    resume: Text


class Evaluation(BaseModel):
    """How the two match, and what said so."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "prediction": "Match",
                "probability": 0.82,
                "windows": 1,
                "packs": {"match": "1", "categories": "1", "spam": "1", "toxicity": "1", "skills": "1"},
                "format": FORMAT,
                "notice": NOTICE,
            }
        }
    )

    prediction: Literal["Match", "No Match"]
    probability: float
    windows: int = Field(description="Overlapping windows in which the resume was read.")
    packs: dict[str, str]
    format: str = FORMAT
    notice: str = NOTICE


@router.post("/evaluate", summary="Does this resume match this job?")
def evaluate(pair: Pair, caller: Caller) -> Evaluation:
    """Answers within 20 s, else 503. Nothing is stored."""
    answer = interactive.ask(caller.tenant_id, Call.EVALUATE, **pair.model_dump())
    prediction: Literal["Match", "No Match"] = "Match" if answer.body["matched"] else "No Match"
    return Evaluation(
        prediction=prediction,
        probability=answer.body["probability"],
        windows=answer.body["windows"],
        packs=answer.packs,
    )
