"""The two stages of a screening, as the worker sees them: each a model with the jobs of a claim, used alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from db import second_stage
from db.chunks import Terms
from scoring.inputs import Job, OnBatch, Resume, Scores
from workers import frozen
from workers.pipelines import Pipelines

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline
    from scoring.rerank import Reranker


class Stage(Protocol):
    """A model with the jobs of a claim."""

    def prepare(self, resumes: Sequence[Resume]) -> Any:
        """What `score` takes; needs no device."""

    def score(self, prepared: Any, threshold: float | None, on_batch: OnBatch) -> Scores:
        """Scores on the device."""


@dataclass(frozen=True, slots=True)
class FirstStage:
    """Every resume against every job."""

    pipeline: "Pipeline"
    jobs: Sequence[Job]
    year: int

    def prepare(self, resumes: Sequence[Resume]) -> Any:
        """Windows of both sides, explanations and flags."""
        return self.pipeline.prepare(resumes, self.jobs, self.year)

    def score(self, prepared: Any, threshold: float | None, on_batch: OnBatch) -> Scores:
        """Matches and categories."""
        return self.pipeline.score(prepared, threshold, on_batch)


@dataclass(frozen=True, slots=True)
class SecondStage:
    """Every resume against the jobs on whose shortlists it stands, by id."""

    reranker: "Reranker"
    jobs: Sequence[Job]
    wanted: Mapping[str, Sequence[str]]

    def prepare(self, resumes: Sequence[Resume]) -> Any:
        """A window a pair."""
        return self.reranker.prepare(resumes, self.jobs, self.wanted)

    def score(self, prepared: Any, threshold: float | None, on_batch: OnBatch) -> Scores:
        """Matches alone."""
        return self.reranker.score(prepared, threshold, on_batch)


def can_score(pipelines: Pipelines, terms: Terms) -> bool:
    """Whether the models of these terms are loaded, which they are now if they can be."""
    get = pipelines.reranker if terms.stage == second_stage.STAGE else pipelines.get
    return get(terms.packs, terms.format) is not None


def stage_of(
    pipelines: Pipelines, terms: Terms, jobs: Sequence[Job], wanted: Mapping[UUID, Sequence[UUID]]
) -> Stage | None:
    """The stage that these terms are of; None when its model cannot be loaded any more."""
    if terms.stage == second_stage.STAGE:
        reranker = pipelines.reranker(terms.packs, terms.format)
        by_id = {str(resume): [str(job) for job in listed] for resume, listed in wanted.items()}
        return None if reranker is None else SecondStage(reranker, jobs, by_id)
    pipeline = pipelines.get(terms.packs, terms.format)
    return None if pipeline is None else FirstStage(pipeline, jobs, frozen.year(terms.screening_id))
