"""Finishing transactions on a loaded database: scores of a claim, chunks and counters, as workers write them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from benchmarks.scale.clock import Clock, Cost
from benchmarks.scale.loading import Loaded
from benchmarks.scale.stage import Sized
from db import chunks, new_screenings
from db.chunks import Claim, Findings
from db.screenings import CHUNK_TOKENS
from db.tables import Chunk

CHUNKS_A_CLAIM = 20


@dataclass(frozen=True, slots=True)
class Finishing:
    """A screening in progress, of a pool that was screened before; `explanations` are given to its items in turn."""

    sized: Sized
    tenant_id: UUID
    screening_id: UUID
    job_ids: tuple[UUID, ...]
    explanations: Sequence[Mapping[str, Any]]

    def claim(self) -> Claim:
        """Claim the next chunks, as a worker does."""
        with self.sized.session(self.tenant_id) as session:
            due = select(Chunk.id).where(Chunk.screening_id == self.screening_id, Chunk.state == "due")
            first = session.scalars(due.order_by(Chunk.seq).limit(1)).one()
            claim = chunks.claim(session, first, "benchmark", CHUNKS_A_CLAIM * CHUNK_TOKENS)
        assert claim is not None
        return claim

    def finish(self) -> tuple[Cost, int]:
        """Claim, and finish with a score for every item; what the finishing transaction cost, and its items."""
        claim = self.claim()
        findings = self._findings(claim)
        clock = Clock()
        with self.sized.session(self.tenant_id) as session:
            clock.begin(session)
            ended = chunks.finish(session, claim, findings)
        return clock.cost(), ended

    def _findings(self, claim: Claim) -> Findings:
        scores = [
            {
                "job_id": job_id, "resume_id": resume_id, "probability": 0.5, "matched": True, "windows": 3,
                "input_hash": "0" * 64, "explanation": self.explanations[place % len(self.explanations)],
            }
            for resume_id in claim.resume_ids
            for place, job_id in enumerate(self.job_ids)
        ]  # fmt: skip
        assessments = [
            {
                "resume_id": id, "categories": {"HR": 0.9}, "labels": ["HR"], "flags": [], "flagged": False,
                "input_hash": "0" * 64,
            }
            for id in claim.resume_ids
        ]  # fmt: skip
        return Findings(scores, assessments, {})


@contextmanager
def begun(sized: Sized, one: Loaded, explanations: Sequence[Mapping[str, Any]]) -> Iterator[Finishing]:
    """A new screening of a loaded one's pool and jobs; it is deleted at the end, so that the next run is alike."""
    with sized.session(one.tenant_id) as session:
        id = new_screenings.create(session, one.pool_id, one.job_ids, {"threshold": None, "reuse": False})
    try:
        yield Finishing(sized, one.tenant_id, id, one.job_ids, explanations)
    finally:
        with sized.superuser.begin() as connection:
            for statement in _DELETE:
                connection.execute(text(statement), {"tenant": one.tenant_id, "id": id})


_DELETE = (
    "DELETE FROM scores WHERE tenant_id = :tenant AND screening_id = :id",
    "DELETE FROM assessments WHERE tenant_id = :tenant AND screening_id = :id",
    "DELETE FROM screenings WHERE tenant_id = :tenant AND id = :id",
)
