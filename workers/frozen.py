"""What a screening froze, as the values that scoring takes: its jobs, and the year it was asked for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from scoring.explanation.values import MustHaves
from scoring.inputs import Job


def as_job(id: UUID, job: Mapping[str, Any]) -> Job:
    """The columns of `screening_jobs.job`; a screening of before jobs had wishes holds none."""
    texts = (job["title"], job["description"], job["education"], job["experience"], job["skills"])
    return Job(str(id), *texts, weights=job.get("weights", {}), must_haves=_must_haves(job.get("must_haves", {})))


def year(screening_id: UUID) -> int:
    """The year of its creation, which its id begins with (48 bits of Unix time in milliseconds, RFC 9562)."""
    return datetime.fromtimestamp((screening_id.int >> 80) / 1000, UTC).year


def _must_haves(wished: Mapping[str, Any]) -> MustHaves:
    lists = {name: tuple(wished.get(name, ())) for name in ("skills", "languages", "certifications")}
    return MustHaves(years=wished.get("years"), degree=wished.get("degree"), **lists)
