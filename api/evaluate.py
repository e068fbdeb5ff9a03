"""One resume against one job, answered while the caller waits."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api import interactive
from api.auth import Caller
from api.notice import NOTICE
from api.texts import Pair
from workers.celery_app import Call

router = APIRouter(prefix="/ats", tags=["interactive"])

Prediction = Literal["Match", "No Match"]


class Evaluation(BaseModel):
    """How the two match, and what said so."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "prediction": "Match",
                "probability": 0.82,
                "threshold": 0.61,
                "windows": 1,
                "packs": {"match": "2", "categories": "3", "spam": "3", "toxicity": "3", "skills": "1"},
                "format": "torch-fp32",
                "cached": False,
                "notice": NOTICE,
            }
        }
    )

    prediction: Prediction
    probability: float = Field(description="Of a match, 0 to 1, as the model was calibrated.")
    threshold: float = Field(description="The probability from which on the answer is `Match`.")
    windows: int = Field(description="Overlapping windows in which the resume was read.")
    packs: dict[str, str]
    format: str
    cached: bool = Field(description="Whether the same packs had answered the same question of yours before.")
    notice: str = NOTICE


@router.post("/evaluate", summary="Does this resume match this job?")
def evaluate(pair: Pair, caller: Caller) -> Evaluation:
    """The job and the resume come as text or in columns; `GET /ats/sample` shows both, `GET /ats/explain` explains.

    The resume is redacted before a model reads it. Answers within 20 s, else 503. No text is stored.
    """
    answer = interactive.ask(caller.tenant_id, Call.EVALUATE, **pair.arguments())
    body = answer.body
    return Evaluation(
        prediction=prediction(body["matched"]),
        probability=body["probability"],
        threshold=body["threshold"],
        windows=body["windows"],
        packs=answer.packs,
        format=answer.format,
        cached=answer.cached,
    )


def prediction(matched: bool) -> Prediction:
    """The answer in words."""
    return "Match" if matched else "No Match"
