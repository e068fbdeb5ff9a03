"""Why an item was scored as it was: the breakdown and the must-haves as a result shows them."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

STATES = "met, partly, unknown (the resume does not say, or it was not found), or not_asked (the job does not ask)."

EXAMPLE: JsonDict = {
    "skills_found": ["Python"],
    "skills_missing": ["Docker"],
    "shown": 0.438,
    "unknown": 0.25,
    "breakdown": {
        "skills": {
            "state": "partly",
            "score": 0.5,
            "weight": 0.625,
            "asked": "2 skills",
            "evidence": [{"answers": "Python", "quote": "Python", "start": 120, "end": 126}],
        },
        "title": {"state": "unknown", "score": None, "weight": 0.25, "asked": "Backend engineer", "evidence": []},
        "education": {
            "state": "met",
            "score": 1.0,
            "weight": 0.125,
            "asked": "bachelor",
            "evidence": [{"answers": "bachelor", "quote": "BSc in Physics", "start": 410, "end": 424}],
        },
        "experience": {"state": "not_asked", "score": None, "weight": 0.0, "asked": "", "evidence": []},
    },
    "must_haves": [{"kind": "years", "asked": "3 years", "outcome": "unknown", "evidence": []}],
}


class EvidenceBody(BaseModel):
    """A piece of the resume, by character offsets into its text, and what of the job it answers."""

    answers: str
    quote: str
    start: int
    end: int


class PartBody(BaseModel):
    """One part of the breakdown."""

    state: Literal["met", "partly", "unknown", "not_asked"] = Field(description=STATES)
    score: float | None = Field(description="How much of what is asked for the resume shows, 0 to 1; null: not known.")
    weight: float = Field(description="The part's share among the parts that the job asks for.")
    asked: str
    evidence: list[EvidenceBody]


class MustHaveBody(BaseModel):
    """One must-have of the job. None of them rejects anybody by itself, or changes a probability."""

    kind: Literal["skill", "years", "degree", "language", "certification"]
    asked: str
    outcome: Literal["pass", "unknown", "fail"] = Field(
        description="`fail` only where the resume itself states less than is asked; what it does not say is `unknown`."
    )
    evidence: list[EvidenceBody]


class Explained(BaseModel):
    """What stands beside a probability to explain it; null in all members where the item was not scored."""

    skills_found: list[str] | None = Field(description="Skills that the job asks for and the resume names.")
    skills_missing: list[str] | None = Field(description="Skills that the job asks for and the resume does not name.")
    shown: float | None = Field(
        description="The parts' scores by their weights, the unknown ones counting nothing. No probability."
    )
    unknown: float | None = Field(description="The weights of the parts of which nothing is known.")
    breakdown: dict[Literal["skills", "title", "education", "experience"], PartBody] | None
    must_haves: list[MustHaveBody] | None


def explained(packed: Mapping[str, Any] | None) -> dict[str, Any]:
    """The members of Explained, out of what `workers.findings.packed` stored."""
    if packed is None:
        return dict.fromkeys(Explained.model_fields)
    skills = packed["parts"]["skills"]
    return {
        "skills_found": [answers for answers, *_ in skills[4]],
        "skills_missing": skills[5],
        "shown": packed["shown"],
        "unknown": packed["unknown"],
        "breakdown": {name: _part(part) for name, part in packed["parts"].items()},
        "must_haves": [
            {"kind": kind, "asked": asked, "outcome": outcome, "evidence": _evidence(evidence)}
            for kind, asked, outcome, evidence in packed["must_haves"]
        ],
    }


def _part(part: list[Any]) -> dict[str, Any]:
    state, score, weight, asked, evidence, _ = part
    return {"state": state, "score": score, "weight": weight, "asked": asked, "evidence": _evidence(evidence)}


def _evidence(evidence: list[list[Any]]) -> list[dict[str, Any]]:
    return [{"answers": answers, "quote": quote, "start": start, "end": end} for answers, quote, start, end in evidence]
