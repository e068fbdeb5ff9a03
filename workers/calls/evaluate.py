"""The match of one resume with one job."""

from typing import TYPE_CHECKING, Any

from scoring.inputs import Job, Resume
from workers.calls.unanswerable import Unanswerable

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline


def evaluate(pipeline: "Pipeline", job_description: str, resume: str) -> dict[str, Any]:
    """`probability`, `matched` and the `windows` that were read. Raises Unanswerable."""
    prepared = pipeline.prepare([Resume("resume", resume)], [Job("job", "", job_description)])
    scores = pipeline.score(prepared)
    if scores.errors:
        raise Unanswerable(f"The resume cannot be scored: {scores.errors[0].reason}.")
    pair = scores.pairs[0]
    return {"probability": pair.probability, "matched": pair.matched, "windows": pair.windows}
