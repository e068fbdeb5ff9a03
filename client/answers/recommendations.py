"""Jobs for a resume."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One job; `id` is its source's own. `similarity` is the cosine of the two texts' embeddings, 0 to 1."""

    id: str
    title: str
    company: str
    location: str
    url: str
    similarity: float
    shared_skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recommendations:
    """A page of jobs, the most similar first, of `considered` ranked out of `total`.

    `attribution` is to be shown with them; `query` is all that was sent to Adzuna.
    """

    source: str
    recommendations: tuple[Recommendation, ...]
    page: int
    considered: int
    total: int
    query: str | None
    attribution: str
    packs: dict[str, str]
    cached: bool
    notice: str
