"""Screenings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ScreeningCounts:
    """Items of a screening; the four sum to its `total` at every moment."""

    processing: int
    scored: int
    errored: int
    canceled: int

    @property
    def ended(self) -> int:
        """Items that will not change any more."""
        return self.scored + self.errored + self.canceled


@dataclass(frozen=True, slots=True)
class Rerank:
    """A second stage: a model that reads resume and job together ranks the `top` best of each job anew."""

    top: int


@dataclass(frozen=True, slots=True)
class Options:
    """How a screening decides (`threshold` None: the pack's), what it explains, when it is worked on, and reuse."""

    threshold: float | None = None
    explain_top: int = 0
    priority: str = "normal"
    reuse: bool = True
    rerank: Rerank | None = None

    def arguments(self) -> dict[str, Any]:
        """As `screenings.create` takes them."""
        return asdict(self) | {"rerank": self.rerank.top if self.rerank else None}


@dataclass(frozen=True, slots=True)
class Replaced:
    """A job whose scores a later screening of the same pool made anew, with other packs."""

    job_id: str
    screening_id: str
    packs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Screening:
    """One run of a pool against jobs: `in_progress`, `canceling` or `ended`; `stale` once scores were `replaced_by`.

    `second_stage_at`: when the pair model began on the best of each job, which are `second_stage_items`.
    """

    id: str
    state: str
    pool_id: str
    job_ids: tuple[str, ...]
    total: int
    counts: ScreeningCounts
    created_at: datetime
    options: Options
    packs: dict[str, str]
    format: str
    stale: bool
    replaced_by: tuple[Replaced, ...]
    notice: str
    retry_of: str | None = None
    started_at: datetime | None = None
    second_stage_at: datetime | None = None
    second_stage_items: int | None = None
    cancel_requested_at: datetime | None = None
    ended_at: datetime | None = None
    seconds_left: float | None = None
