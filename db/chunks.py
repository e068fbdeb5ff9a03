"""The life of a chunk: due, claimed under a lease, then done, or due again. All by the database's clock.

A lease belongs to an (id, attempt): whoever lost it, or comes late, finds no row to change. Locks are always taken in
the order chunk, then screening, and claiming skips what is locked, so no transactions wait for each other in a ring.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Update,
    Uuid,
    and_,
    any_,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from db import broken_chunks, screenings
from db.broken_chunks import Broken
from db.tables import Assessment, Chunk, Resume, Score, Screening, ScreeningJob

LEASE = timedelta(seconds=30)
LOST = "the worker that scored it died or hung"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker must be able to do before it may claim a chunk of a screening."""

    screening_id: UUID
    packs: Mapping[str, str]
    format: str
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Held:
    """One chunk under a lease; `attempt` tells this lease from any other."""

    id: UUID
    attempt: int
    resume_ids: tuple[UUID, ...]
    items: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Chunks of one screening that one worker scores together."""

    screening_id: UUID
    chunks: tuple[Held, ...]

    @property
    def tokens(self) -> int:
        """Estimated tokens of all chunks."""
        return sum(chunk.tokens for chunk in self.chunks)

    @property
    def resume_ids(self) -> list[UUID]:
        """The resumes of all chunks, in order."""
        return [id for chunk in self.chunks for id in chunk.resume_ids]


@dataclass(frozen=True, slots=True)
class ResumeText:
    """A resume as scoring reads it."""

    id: UUID
    text: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Findings:
    """Rows of `scores` and of `assessments` to write, and why the remaining resumes could not be scored, by id."""

    scores: Sequence[Mapping[str, Any]]
    assessments: Sequence[Mapping[str, Any]]
    errors: Mapping[UUID, str]


class IncompleteError(Exception):
    """The findings do not hold exactly one score or error for every item of the chunks."""


def terms(session: Session, chunk_id: UUID) -> Terms | None:
    """The terms of a chunk that can be claimed now; None when there is nothing to do."""
    query = select(Screening.id, Screening.packs, Screening.format, Screening.options).join(Chunk, _belongs())
    row = session.execute(query.where(Chunk.id == chunk_id, _claimable())).one_or_none()
    return Terms(row.id, row.packs, row.format, row.options.get("threshold")) if row else None


def claim(session: Session, chunk_id: UUID, worker: str, tokens: int = 0, lease: timedelta = LEASE) -> Claim | None:
    """Lease this chunk, and those after it up to about `tokens` in all; None when it cannot be claimed (any more).

    A chunk whose lease ran out counts one failure and is claimed alone; one that failed too often is broken up instead.
    """
    candidate = _broken().add_columns(Chunk.state).join(Screening, _belongs())
    candidate = candidate.where(Chunk.id == chunk_id, _claimable()).with_for_update(of=Chunk, skip_locked=True)
    first = session.execute(candidate).one_or_none()
    if first is None:
        return None
    expired = first.state == "leased"
    if expired and not broken_chunks.fail(session, _as_broken(first), LOST):
        return None
    ids = [first.id]
    if first.failures == 0 and not expired:
        ids += _following(session, first, tokens - first.tokens)
    leased = update(Chunk).where(Chunk.id.in_(ids)).values(state="leased", attempt=Chunk.attempt + 1, worker=worker)
    columns = (Chunk.id, Chunk.attempt, Chunk.resume_ids, Chunk.items, Chunk.tokens, Chunk.seq)
    rows = session.execute(leased.values(lease_until=func.now() + lease).returning(*columns)).all()
    screenings.begin(session, first.screening_id)
    return Claim(first.screening_id, tuple(_held(row) for row in sorted(rows, key=lambda row: row.seq)))


def read(session: Session, claim: Claim) -> tuple[list[ResumeText], dict[UUID, dict[str, Any]]]:
    """The texts of the claim's resumes, and its jobs by id as they were frozen."""
    ids = literal(claim.resume_ids, ARRAY(Uuid(as_uuid=True)))  # one parameter, however many they are
    resumes = session.execute(select(Resume.id, Resume.text, Resume.fields).where(Resume.id == any_(ids)))
    jobs = select(ScreeningJob.job_id, ScreeningJob.job).where(ScreeningJob.screening_id == claim.screening_id)
    frozen = {row.job_id: row.job for row in session.execute(jobs.order_by(ScreeningJob.position))}
    return [ResumeText(row.id, row.text, row.fields) for row in resumes], frozen


def renew(session: Session, claim: Claim, lease: timedelta = LEASE) -> bool:
    """Extend what is still held of the claim. False when nothing is, or the screening is to be canceled: stop then."""
    in_progress = select(Screening.id).where(Screening.id == claim.screening_id, Screening.state == "in_progress")
    renewed = _ours(claim).where(in_progress.exists()).values(lease_until=func.now() + lease)
    return session.execute(renewed.returning(Chunk.id)).first() is not None


def release(session: Session, claim: Claim) -> None:
    """Give back what is still held, to be claimed by anyone at once."""
    session.execute(_ours(claim).values(state="due", due_at=func.now(), lease_until=None))


def fail(session: Session, claim: Claim, reason: str) -> None:
    """Scoring the claim broke. Its chunks are tried alone, then in parts; an item that fails alone ends as errored."""
    held = _broken().where(Chunk.state == "leased", _is(claim.chunks)).order_by(Chunk.seq).with_for_update()
    for row in session.execute(held).all():
        broken_chunks.fail(session, _as_broken(row), reason)


def finish(session: Session, claim: Claim, findings: Findings) -> int:
    """Write the findings of the chunks that are still held, end those chunks, and count; returns the items ended.

    A chunk that was taken over or canceled meanwhile changes nothing. Raises IncompleteError.
    """
    ended = _ours(claim).values(state="done", finished_at=func.now(), lease_until=None)
    rows = session.execute(ended.returning(Chunk.resume_ids, Chunk.items)).all()
    if not rows:
        return 0
    owned = {id for row in rows for id in row.resume_ids}
    scored = [dict(score, state="scored") for score in findings.scores if score["resume_id"] in owned]
    errored = _errored(session, claim.screening_id, {id: why for id, why in findings.errors.items() if id in owned})
    if len(scored) + len(errored) != sum(row.items for row in rows):
        raise IncompleteError(
            f"{len(scored)} scores and {len(errored)} errors for {sum(row.items for row in rows)} items"
        )
    _insert(session, Score, claim.screening_id, scored)
    _insert(session, Score, claim.screening_id, errored)
    _insert(session, Assessment, claim.screening_id, [row for row in findings.assessments if row["resume_id"] in owned])
    screenings.settle(session, claim.screening_id, scored=len(scored), errored=len(errored))
    return len(scored) + len(errored)


def _belongs() -> ColumnElement[bool]:
    return and_(Chunk.tenant_id == Screening.tenant_id, Chunk.screening_id == Screening.id)


def _claimable() -> ColumnElement[bool]:
    expired = and_(Chunk.state == "leased", Chunk.lease_until <= func.now())
    return and_(Screening.state == "in_progress", or_(Chunk.state == "due", expired))


def _broken() -> Select[*tuple[Any, ...]]:
    columns = (Chunk.id, Chunk.screening_id, Chunk.seq, Chunk.resume_ids, Chunk.items, Chunk.tokens, Chunk.failures)
    return select(*columns)


def _as_broken(row: Row[*tuple[Any, ...]]) -> Broken:
    return Broken(row.id, row.screening_id, row.seq, tuple(row.resume_ids), row.items, row.tokens, row.failures)


def _following(session: Session, first: Row[*tuple[Any, ...]], tokens: int) -> list[UUID]:
    """Ids of the next chunks of the screening that never failed, up to `tokens`; they stay locked."""
    most = tokens // screenings.CHUNK_TOKENS
    if most <= 0:
        return []
    query = select(Chunk.id, Chunk.tokens).where(
        Chunk.screening_id == first.screening_id, Chunk.seq > first.seq, Chunk.state == "due", Chunk.failures == 0
    )
    ids = []
    for row in session.execute(query.order_by(Chunk.seq).limit(most).with_for_update(skip_locked=True)):
        tokens -= row.tokens
        if tokens < 0:
            break
        ids.append(row.id)
    return ids


def _held(row: Row[*tuple[Any, ...]]) -> Held:
    return Held(row.id, row.attempt, tuple(row.resume_ids), row.items, row.tokens)


def _is(chunks: Collection[Held]) -> ColumnElement[bool]:
    return tuple_(Chunk.id, Chunk.attempt).in_([(chunk.id, chunk.attempt) for chunk in chunks])


def _ours(claim: Claim) -> Update:
    return update(Chunk).where(Chunk.state == "leased", _is(claim.chunks))


def _errored(session: Session, screening_id: UUID, errors: Mapping[UUID, str]) -> list[dict[str, Any]]:
    jobs = session.scalars(select(ScreeningJob.job_id).where(ScreeningJob.screening_id == screening_id)).all()
    return [
        {"job_id": job_id, "resume_id": resume_id, "state": "errored", "reason": reason}
        for resume_id, reason in errors.items()
        for job_id in jobs
    ]


def _insert(session: Session, table: type, screening_id: UUID, rows: Iterable[Mapping[str, Any]]) -> None:
    key = {"tenant_id": session.info["tenant"], "screening_id": screening_id}
    if values := [{**key, **row} for row in rows]:
        session.execute(insert(table), values)
