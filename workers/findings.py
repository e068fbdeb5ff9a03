"""What the pipeline found, as the rows that are kept; explanations are packed, as every item has one."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from db.chunks import Findings
from scoring.explanation.values import Checked, Evidence, Explanation, Part
from scoring.inputs import Scores
from scoring.program import program


def as_rows(scores: Scores) -> Findings:
    """Rows of `scores` and of `assessments`, and why the other resumes have none."""
    pairs = [
        {
            "job_id": UUID(pair.job_id),
            "resume_id": UUID(pair.resume_id),
            "probability": pair.probability,
            "matched": pair.matched,
            "windows": pair.windows,
            "input_hash": pair.input_hash,
            "explanation": packed(pair.explanation),
        }
        for pair in scores.pairs
    ]
    assessments = [
        {
            "resume_id": UUID(found.resume_id),
            "categories": {category.label: category.probability for category in found.categories},
            "labels": [category.label for category in found.categories if category.assigned],
            "flags": [asdict(flag) for flag in found.flags],
            "flagged": bool(found.flags),
            "input_hash": found.input_hash,
            "program": program(),
        }
        for found in scores.assessments
    ]
    return Findings(pairs, assessments, {UUID(error.resume_id): error.reason for error in scores.errors})


def packed(explanation: Explanation) -> dict[str, Any]:
    """An explanation as small JSON; `api.explanations` unpacks it. Numbers keep three decimals.

    A part is [state, score, weight, asked, evidence, missing], a must-have [kind, asked, outcome, evidence] and a piece
    of evidence [answers, quote, start, end]: with their names they would be half as large again.
    """
    return {
        "shown": round(explanation.shown, 3),
        "unknown": round(explanation.unknown, 3),
        "parts": {part.name: _part(part) for part in explanation.parts},
        "must_haves": [_checked(one) for one in explanation.must_haves],
    }


def _part(part: Part) -> list[Any]:
    score = None if part.score is None else round(part.score, 3)
    return [part.state, score, round(part.weight, 3), part.asked, _evidence(part.evidence), list(part.missing)]


def _checked(one: Checked) -> list[Any]:
    return [one.kind, one.asked, one.outcome, _evidence(one.evidence)]


def _evidence(evidence: Iterable[Evidence]) -> list[list[Any]]:
    return [[one.answers, one.quote, one.start, one.end] for one in evidence]
