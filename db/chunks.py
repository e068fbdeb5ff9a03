"""The life of a chunk: due, claimed under a lease, then done, or due again. All by the database's clock.

A lease belongs to an (id, attempt): whoever lost it, or comes late, finds no row to change. Locks are always taken in
the order chunk, then screening, and claiming skips what is locked, so no transactions wait for each other in a ring.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Update,
    Uuid,
    and_,
    any_,
    column,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from db import broken_chunks, crash_points, events, screenings, second_stage, shortlist
from db.broken_chunks import Broken
from db.counted import LEASES_EXPIRED, count
from db.tables import Assessment, Chunk, Resume, Score, Screening, ScreeningJob, Tenant

LEASE = timedelta(seconds=30)
LOST = "the worker that scored it died, hung or ran out of memory"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker must be able to do before it may claim a chunk of a screening."""

    screening_id: UUID
    packs: Mapping[str, str]
    format: str
    threshold: float | None
    reuses: bool = False
    """Whether some of it may have been scored before (`db.reuse`)."""
    stage: int = 1


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
    """Chunks of one screening that one worker scores together.

    A `suspect` failed before, and is scored while the process scores nothing else, so that no other is blamed with it.
    `top`: places on the shortlist of each job, when a second stage is to come.
    """

    screening_id: UUID
    chunks: tuple[Held, ...]
    suspect: bool = False
    stage: int = 1
    top: int | None = None

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
    query = select(Screening.id, Screening.packs, Screening.format, Screening.options, Screening.sources, Chunk.stage)
    query = query.join(Chunk, _belongs())
    row = session.execute(query.where(Chunk.id == chunk_id, _claimable())).one_or_none()
    if row is None:
        return None
    reuses = bool(row.sources) and row.stage == 1
    return Terms(row.id, row.packs, row.format, row.options.get("threshold"), reuses, row.stage)


def claim(session: Session, chunk_id: UUID, worker: str, tokens: int = 0, lease: timedelta = LEASE) -> Claim | None:
    """Lease this chunk, and those after it up to about `tokens` in all; None when it cannot be claimed (any more).

    A chunk whose lease ran out may be to blame, and be broken up instead. Otherwise it is claimed alone, as it is late
    enough; so is one that failed.
    """
    candidate = _broken().add_columns(Chunk.state, screenings.TOP.label("top")).join(Screening, _belongs())
    candidate = candidate.where(Chunk.id == chunk_id, _claimable()).with_for_update(of=Chunk, skip_locked=True)
    first = session.execute(candidate).one_or_none()
    if first is None or not _within_limit(session):
        return None
    failures = first.failures
    if first.state == "leased":
        count(session, LEASES_EXPIRED.labels("chunk"))
        failures = broken_chunks.fail(session, _as_broken(first), LOST)
        if failures is None:
            return None
    late = failures or first.state == "leased"
    ids = [first.id] if late else [first.id, *_following(session, first, tokens - first.tokens)]
    leased = update(Chunk).where(Chunk.id.in_(ids)).values(state="leased", attempt=Chunk.attempt + 1, worker=worker)
    leased = leased.values(claim_id=uuid4(), in_hand=None, lease_until=func.now() + lease)
    columns = (Chunk.id, Chunk.attempt, Chunk.resume_ids, Chunk.items, Chunk.tokens, Chunk.seq)
    rows = sorted(session.execute(leased.returning(*columns)).all(), key=lambda row: row.seq)
    held = tuple(_held(row) for row in rows)
    claimed = Claim(first.screening_id, held, failures > 0, first.stage, first.top if first.stage == 1 else None)
    screenings.begin(session, first.screening_id, claimed.tokens)
    return claimed


def read(session: Session, claim: Claim) -> tuple[list[ResumeText], dict[UUID, dict[str, Any]]]:
    """The texts of the claim's resumes, and its jobs by id as they were frozen."""
    ids = literal(claim.resume_ids, ARRAY(Uuid(as_uuid=True)))  # one parameter, however many they are
    resumes = session.execute(select(Resume.id, Resume.text, Resume.fields).where(Resume.id == any_(ids)))
    jobs = select(ScreeningJob.job_id, ScreeningJob.job).where(ScreeningJob.screening_id == claim.screening_id)
    frozen = {row.job_id: row.job for row in session.execute(jobs.order_by(ScreeningJob.position))}
    return [ResumeText(row.id, row.text, row.fields) for row in resumes], frozen


def take_in_hand(session: Session, claim: Claim, resume_ids: Collection[UUID]) -> bool:
    """Record which of the claim's resumes are computed from here on: some, or none while it waits for its turn.

    It renews nothing: only a computed batch does. False when nothing of the claim is held any more, or the screening
    is to be canceled: stop then.
    """
    ids = literal(list(resume_ids), ARRAY(Uuid(as_uuid=True)))
    before = func.coalesce(func.cardinality(Chunk.in_hand), 1) > 0  # what was in hand before, or nothing was yet
    one = column("id", Uuid(as_uuid=True))
    common = select(one).select_from(func.unnest(Chunk.resume_ids).alias("id")).where(one == any_(ids))
    taken = _ours(claim).where(_in_progress(claim), or_(before, Chunk.resume_ids.bool_op("&&")(ids)))
    taken = taken.values(in_hand=func.array(common.scalar_subquery()))
    if session.execute(taken.returning(Chunk.id)).first() is not None:
        return True
    # These were taken over, and the rest of the claim has nothing in hand: it is held all the same.
    held = select(Chunk.id).where(Chunk.state == "leased", _is(claim.chunks), _in_progress(claim))
    return bool(session.scalar(select(held.exists())))


def renew(session: Session, claim: Claim, lease: timedelta = LEASE) -> bool:
    """Extend what is still held of the claim. False when nothing is, or the screening is to be canceled: stop then."""
    renewed = _ours(claim).where(_in_progress(claim)).values(lease_until=func.now() + lease)
    return session.execute(renewed.returning(Chunk.id)).first() is not None


def release(session: Session, claim: Claim) -> None:
    """Give back what is still held, to be claimed by anyone at once."""
    session.execute(_ours(claim).values(state="due", due_at=func.now(), lease_until=None, in_hand=None))


def fail(session: Session, claim: Claim, reason: str) -> None:
    """Scoring the claim broke: what was in hand is tried in parts; an item that fails alone ends as errored."""
    held = _broken().where(Chunk.state == "leased", _is(claim.chunks)).order_by(Chunk.seq).with_for_update()
    broken = [_as_broken(row) for row in session.execute(held).all()]
    in_hand = any(chunk.in_hand for chunk in broken)
    for chunk in broken:  # an error is somebody's fault: of all, when nothing was in hand
        broken_chunks.fail(session, chunk if in_hand else replace(chunk, in_hand=None), reason)


def finish(session: Session, claim: Claim, findings: Findings) -> int:
    """Write the findings of the chunks that are still held, end those chunks, and count; returns their items.

    A chunk that was taken over or canceled meanwhile changes nothing. Raises IncompleteError.
    """
    ended = _ours(claim).values(state="done", finished_at=func.now(), lease_until=None, in_hand=None)
    rows = session.execute(ended.returning(Chunk.resume_ids, Chunk.items)).all()
    if not rows:
        return 0
    owned = {id for row in rows for id in row.resume_ids}
    if claim.stage == second_stage.STAGE:
        return _finish_second(session, claim, findings, owned, sum(row.items for row in rows))
    scored = [dict(score, state="scored") for score in findings.scores if score["resume_id"] in owned]
    errored = _errored(session, claim.screening_id, {id: why for id, why in findings.errors.items() if id in owned})
    if len(scored) + len(errored) != sum(row.items for row in rows):
        raise IncompleteError(
            f"{len(scored)} scores and {len(errored)} errors for {sum(row.items for row in rows)} items"
        )
    _insert(session, Score, claim.screening_id, errored)
    assessments = [row for row in findings.assessments if row["resume_id"] in owned]
    _insert(session, Assessment, claim.screening_id, assessments)
    events.record_flagged(session, claim.screening_id, [row["resume_id"] for row in assessments if row["flagged"]])
    final = _end_scored(session, claim, scored)
    screenings.settle(session, claim.screening_id, scored=final, errored=len(errored))
    crash_points.reached("screen.finishing")
    return len(scored) + len(errored)


def _end_scored(session: Session, claim: Claim, scored: Sequence[Mapping[str, Any]]) -> int:
    """Write these scores; returns how many items have ended, as the best of each job may have to wait."""
    if claim.top is None:
        _insert(session, Score, claim.screening_id, scored)
        return len(scored)
    shortlist.hold(session, claim.screening_id)
    outside = shortlist.admit(session, claim.screening_id, claim.top, scored)
    _insert(session, Score, claim.screening_id, outside)
    return len(outside) + shortlist.trim(session, claim.screening_id, claim.top)


def _finish_second(session: Session, claim: Claim, findings: Findings, owned: Collection[UUID], items: int) -> int:
    scores = [score for score in findings.scores if score["resume_id"] in owned]
    errors = {id: why for id, why in findings.errors.items() if id in owned}
    ended = second_stage.rank(session, claim.screening_id, scores, errors)
    if ended != items:
        raise IncompleteError(f"the pair model's word on {ended} of {items} items")
    screenings.settle(session, claim.screening_id, scored=ended)
    crash_points.reached("screen.finishing")
    return ended


def _belongs() -> ColumnElement[bool]:
    return and_(Chunk.tenant_id == Screening.tenant_id, Chunk.screening_id == Screening.id)


def _claimable() -> ColumnElement[bool]:
    expired = and_(Chunk.state == "leased", Chunk.lease_until <= func.now())
    return and_(Screening.state == "in_progress", or_(Chunk.state == "due", expired))


def _in_progress(claim: Claim) -> ColumnElement[bool]:
    return select(Screening.id).where(Screening.id == claim.screening_id, Screening.state == "in_progress").exists()


def _within_limit(session: Session) -> bool:
    """Whether the tenant may have one claim more at work. With a limit its row stays locked, after the chunk's."""
    limit = session.scalar(select(Tenant.running_limit))
    if limit is None:
        return True
    session.execute(select(Tenant.id).with_for_update(key_share=True))
    at_work = select(func.count(Chunk.claim_id.distinct())).where(
        Chunk.state == "leased", Chunk.lease_until > func.now()
    )
    at_once: int = session.scalars(at_work).one()
    return at_once < int(limit)


def _broken() -> Select[*tuple[Any, ...]]:
    counts = (Chunk.items, Chunk.tokens, Chunk.failures)
    return select(Chunk.id, Chunk.screening_id, Chunk.stage, Chunk.seq, Chunk.resume_ids, *counts, Chunk.in_hand)


def _as_broken(row: Row[*tuple[Any, ...]]) -> Broken:
    in_hand = None if row.in_hand is None else frozenset(row.in_hand)
    counts = (row.items, row.tokens, row.failures)
    return Broken(row.id, row.screening_id, row.stage, row.seq, tuple(row.resume_ids), *counts, in_hand)


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
