"""A resume against a job in detail, answered while the caller waits."""

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api import interactive
from api.auth import Caller
from api.evaluate import Prediction, prediction
from api.explanations import EXAMPLE, Explained, explained
from api.notice import NOTICE
from api.texts import Pair
from workers.celery_app import Call

router = APIRouter(prefix="/ats", tags=["interactive"])

_EXAMPLE: JsonDict = {
    "prediction": "Match",
    "probability": 0.82,
    "threshold": 0.61,
    "windows": 1,
    "compatibility": 0.31,
    "common_terms": ["postgresql", "python", "backend"],
    "skills_beyond": ["Linux"],
    **EXAMPLE,
    "packs": {"match": "2", "categories": "3", "spam": "3", "toxicity": "3", "skills": "1", "tfidf": "1"},
    "format": "torch-fp32",
    "cached": False,
    "notice": NOTICE,
}


class Analysis(Explained):
    """How the two match, what they have in common, and what the resume lacks of what the job asks for."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    prediction: Prediction
    probability: float = Field(description="Of a match, by the match model.")
    threshold: float
    windows: int
    compatibility: float = Field(
        description="TF-IDF cosine, 0 to 1: how many telling words and word pairs the whole texts share. The weights of"
        " the words were fitted on postings, occupations and resumes, and come as a pack. No probability."
    )
    common_terms: list[str] = Field(description="The terms that add most to the compatibility; at most ten.")
    skills_beyond: list[str] = Field(description="Skills that the resume names and the job does not ask for.")
    packs: dict[str, str]
    format: str
    cached: bool
    notice: str = NOTICE


@router.post("/analyze", summary="What does this resume share with this job, and what does it lack?")
def analyze(pair: Pair, caller: Caller) -> Analysis:
    """Match and compatibility side by side, skills found and missing, and the breakdown that screenings give.

    None of these changes another: the probability is the match model's alone. The resume is redacted before a model
    reads it. Answers within 20 s, else 503. No text is stored.
    """
    answer = interactive.ask(caller.tenant_id, Call.ANALYZE, ("tfidf",), **pair.arguments())
    body = answer.body
    why = explained(body["explanation"])
    asked = {*why["skills_found"], *why["skills_missing"]}
    return Analysis(
        prediction=prediction(body["matched"]),
        probability=body["probability"],
        threshold=body["threshold"],
        windows=body["windows"],
        compatibility=body["compatibility"],
        common_terms=body["terms"],
        skills_beyond=[skill for skill in body["skills"] if skill not in asked],
        packs=answer.packs,
        format=answer.format,
        cached=answer.cached,
        **why,
    )
