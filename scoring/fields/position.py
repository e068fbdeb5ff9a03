"""One position held, as a resume tells it."""

from dataclasses import dataclass

from scoring.spans import Span

PLACEHOLDERS = frozenset({"company name", "city", "state", "name", "company", "present", "current", "usa"})


@dataclass(frozen=True, slots=True)
class Position:
    """One position: what of it was found, each with its offsets."""

    title: Span | None = None
    employer: Span | None = None
    dates: Span | None = None
    first_year: int | None = None
    last_year: int | None = None
