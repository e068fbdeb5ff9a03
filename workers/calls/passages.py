"""The passages of a resume that moved its match with a job most."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scoring.inputs import Job, OnBatch, Resume, unwatched
from workers.calls.unanswerable import Unanswerable

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline

MOST = 3
"""Passages named that raised the score, and as many that lowered it."""


def passages(
    pipeline: "Pipeline",
    job: Mapping[str, Any],
    resume: Mapping[str, Any],
    on_batch: OnBatch = unwatched,
) -> dict[str, Any]:
    """`scoring.explanation.moving.MovingPassages` as JSON. Raises Unanswerable.

    `job` holds the columns of a frozen job, `resume` a `text` and its `fields`; `on_batch` is told of every batch.
    """
    from scoring.explanation.moving import moving_passages  # brings the tokenizer, which importing this must not
    from scoring.readable import read_resume

    readable = read_resume(Resume("resume", resume["text"], resume["fields"]))
    if not readable.text and not readable.match_text:
        raise Unanswerable("The resume holds no readable text.")
    parts = {name: job[name] for name in ("title", "description", "education", "experience", "skills")}
    return asdict(moving_passages(pipeline, readable, Job("job", **parts), MOST, on_batch))
