"""The match of one resume with one job."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scoring.inputs import Job, Resume
from workers.calls.unanswerable import Unanswerable

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline


def evaluate(pipeline: "Pipeline", job: Mapping[str, Any], resume: Mapping[str, Any]) -> dict[str, Any]:
    """`probability`, `matched`, the `threshold` and the `windows` that were read. Raises Unanswerable.

    `job` holds the parts of a `scoring.inputs.Job`, `resume` a `text` and its `fields`.
    """
    prepared = pipeline.prepare([Resume("resume", **resume)], [Job("job", **job)])
    scores = pipeline.score(prepared)
    if scores.errors:
        raise Unanswerable(f"The resume cannot be scored: {scores.errors[0].reason}.")
    pair = scores.pairs[0]
    return {
        "probability": pair.probability,
        "matched": pair.matched,
        "threshold": pipeline.match.threshold,
        "windows": pair.windows,
    }
