"""Results of screenings."""

from __future__ import annotations

from dataclasses import dataclass

from client.answers.absent import Many, Named
from client.answers.explanation import Explained, Passages


@dataclass(frozen=True, slots=True)
class Flag:
    """A passage that moderation found; `start` and `end` count characters of the resume's text."""

    kind: str
    score: float
    threshold: float
    passage: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Result(Explained):
    """How one item ended: `scored` with a probability, or `errored` with a reason, or `canceled`.

    `probability` imitates the labels of a public data set; it is no chance of being hired. `threshold` is the
    screening's own; None: the model's held. It was `ranked_by` the `first_stage` or by `pairs`, whose probabilities do
    not compare. What an item without a score lacks is None, or empty.
    """

    resume_id: str
    resume_external_id: str | None
    resume_name: str | None
    job_id: str
    job_external_id: str
    job_title: str
    state: str
    probability: float | None
    matched: bool | None
    threshold: float | None
    stale: bool
    categories: Named[float]
    labels: Many[str]
    flagged: bool | None
    flags: Many[Flag]
    reason: str | None
    reused_from: str | None
    windows: int | None
    input_hash: str | None
    resume_hash: str | None
    passages: Passages | None
    ranked_by: str | None = None
    first_stage_probability: float | None = None

    @property
    def applicant(self) -> str:
        """The best name there is for a person to read."""
        return self.resume_name or self.resume_external_id or self.resume_id
