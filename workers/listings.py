"""Jobs in memory, ranked by how similar they are to a resume."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scoring.embedding import Vectors

MOST_SKILLS = 20
"""Shared skills that a recommendation lists: an occupation of O*NET can have a hundred."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One job that can be recommended; `id` is its source's own."""

    id: str
    title: str
    skills: tuple[str, ...]
    company: str = ""
    location: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Which of the ranked listings are wanted; pages count from 1."""

    page: int
    limit: int

    @property
    def places(self) -> slice:
        """Their places in the ranking."""
        return slice((self.page - 1) * self.limit, self.page * self.limit)


def rank(
    vector: "Vectors", skills: Sequence[str], listings: Sequence[Listing], vectors: "Vectors", page: Page
) -> list[dict[str, Any]]:
    """One page of recommendations, the most similar first; equals keep their order.

    `vector` (hidden,) and `skills` are the resume's, `vectors` (listings, hidden) the listings'. Similarity is
    their cosine, and 0 where that lies below.
    """
    if not listings:
        return []
    from scoring.embedding import similarities

    cosines = similarities(vector, vectors)
    order = np.argsort(-cosines, kind="stable")[page.places]
    held = set(skills)
    return [_recommendation(listings[place], float(cosines[place]), held) for place in order.tolist()]


def _recommendation(listing: Listing, cosine: float, held: set[str]) -> dict[str, Any]:
    return {
        "id": listing.id,
        "title": listing.title,
        "company": listing.company,
        "location": listing.location,
        "url": listing.url,
        "similarity": min(1.0, max(0.0, round(cosine, 4))),
        "shared_skills": [skill for skill in listing.skills if skill in held][:MOST_SKILLS],
    }
