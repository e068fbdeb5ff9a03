"""A job as a screening froze it, as the value that scoring takes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from scoring.explanation.values import MustHaves
from scoring.inputs import Job


def as_job(id: UUID, job: Mapping[str, Any]) -> Job:
    """The columns of `screening_jobs.job`; a screening of before jobs had wishes holds none."""
    texts = (job["title"], job["description"], job["education"], job["experience"], job["skills"])
    return Job(str(id), *texts, weights=job.get("weights", {}), must_haves=_must_haves(job.get("must_haves", {})))


def _must_haves(wished: Mapping[str, Any]) -> MustHaves:
    lists = {name: tuple(wished.get(name, ())) for name in ("skills", "languages", "certifications")}
    return MustHaves(years=wished.get("years"), degree=wished.get("degree"), **lists)
