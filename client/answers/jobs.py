"""Jobs, and what matters in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of the breakdown counts, relative to the others; None: the default."""

    skills: float | None = None
    title: float | None = None
    education: float | None = None
    experience: float | None = None


@dataclass(frozen=True, slots=True)
class MustHaves:
    """What a job insists on; `degree` is school, diploma, bachelor, master or doctorate, at least."""

    skills: tuple[str, ...] = ()
    years: float | None = None
    degree: str | None = None
    languages: tuple[str, ...] = ()
    certifications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A job posting, known to you by `external_id`."""

    id: str
    external_id: str
    title: str
    description: str
    education: str
    experience: str
    skills: str
    weights: Weights
    must_haves: MustHaves
    created_at: datetime
    updated_at: datetime
