"""Pools and resumes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pool:
    """A named set of resumes. `parsing` uploads to it are still being read; until they end it cannot be screened."""

    id: str
    name: str
    created_at: datetime
    resumes: int
    parsing: int


@dataclass(frozen=True, slots=True)
class Resume:
    """One applicant. Listings leave out all that has a default here; `fields` are columns that the resume came in."""

    id: str
    external_id: str
    name: str
    created_at: datetime
    pool_id: str | None = None
    text: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    content_hash: str | None = None
