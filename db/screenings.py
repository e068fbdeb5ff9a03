"""Screenings: created with their chunks in one transaction, read in one snapshot, canceled by a request, ended once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, exists, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from db import events, packs, passages
from db.settings import progress_interval
from db.tables import Job, Pool, Resume, Screening, ScreeningJob, Upload

FORMAT = "torch-fp32"
"""The numeric format that new screenings are scored in; each keeps the one it began with."""
State = Literal["in_progress", "canceling", "ended"]
CHUNK_TOKENS = 32_000
MAX_ITEMS = 20_000_000


class RefusedError(Exception):
    """A screening that cannot be created; `code` tells which demand is not met, `missing` what was not found."""

    def __init__(self, code: str, missing: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code, self.missing = code, list(missing)


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """A screening as it stood in one snapshot; the four counts sum to `total`. `seconds_left` is an estimate."""

    id: UUID
    state: State
    pool_id: UUID
    job_ids: tuple[UUID, ...]
    retry_of: UUID | None
    total: int
    processing: int
    scored: int
    errored: int
    canceled: int
    created_at: datetime
    started_at: datetime | None
    cancel_requested_at: datetime | None
    ended_at: datetime | None
    seconds_left: float | None
    options: Mapping[str, Any]
    packs: Mapping[str, str]
    format: str


# Chunks are cut where the running sum of estimated tokens passes a multiple of the budget. A resume costs its own
# tokens once, for what depends on it alone, and with every job its windows: its tokens, and the job's once a window.
_CREATE = text(
    """
    WITH cost AS (
        SELECT id, tokens * (1 + :jobs) + ceil(tokens / 256.0) * :job_tokens AS tokens
        FROM resumes WHERE tenant_id = :tenant_id AND pool_id = :pool_id
    ), placed AS (
        SELECT id, tokens, floor((sum(tokens) OVER (ORDER BY id) - tokens) / :budget) AS place FROM cost
    ), cut AS (
        SELECT row_number() OVER (ORDER BY place) AS seq, array_agg(id ORDER BY id) AS resume_ids,
            count(*) * :jobs AS items, least(sum(tokens), 2147483647) AS tokens
        FROM placed GROUP BY place
    ), screening AS (
        INSERT INTO screenings (tenant_id, id, pool_id, options, packs, format, total)
        SELECT :tenant_id, :id, :pool_id, CAST(:options AS jsonb), CAST(:packs AS jsonb), :format, sum(items)
        FROM cut HAVING count(*) > 0
        RETURNING id
    )
    INSERT INTO chunks (tenant_id, screening_id, seq, resume_ids, items, tokens)
    SELECT :tenant_id, screening.id, seq, resume_ids, items, tokens FROM cut CROSS JOIN screening
    """
).bindparams(bindparam("options", type_=JSONB), bindparam("packs", type_=JSONB))


def create(session: Session, pool_id: UUID, job_ids: Sequence[UUID], options: Mapping[str, Any]) -> UUID:
    """Freeze a pool's resumes and these jobs into a screening and its chunks; returns its id.

    `options` may hold `threshold`, without which the match pack's own holds, and `explain_top`, how many of each job's
    best resumes are searched for the passages that moved their score. Raises RefusedError: pool_not_found,
    pool_parsing, pool_empty, jobs_not_found, too_many_items or packs_missing.
    """
    tenant_id = session.info["tenant"]
    job_ids = list(dict.fromkeys(job_ids))
    job_tokens = _job_tokens(session, job_ids)
    _check_pool(session, pool_id, len(job_ids))
    versions = _versions(session)
    id: UUID = session.scalars(select(func.uuidv7())).one()
    frozen = {"tenant_id": tenant_id, "id": id, "pool_id": pool_id, "jobs": len(job_ids), "job_tokens": job_tokens}
    settings = {"options": dict(options), "packs": versions, "format": FORMAT, "budget": CHUNK_TOKENS}
    session.execute(_CREATE, frozen | settings)
    _freeze_jobs(session, id, job_ids)
    return id


def named_jobs(session: Session, external_ids: Sequence[str]) -> list[UUID]:
    """Ids of the jobs of these external ids, in order. Raises RefusedError: jobs_not_found."""
    found = {
        row.external_id: row.id
        for row in session.execute(select(Job.external_id, Job.id).where(Job.external_id.in_(external_ids)))
    }
    if missing := [name for name in external_ids if name not in found]:
        raise RefusedError("jobs_not_found", missing)
    return [found[name] for name in external_ids]


def find(session: Session, id: UUID) -> ScreeningView | None:
    """The screening, or None."""
    row = session.execute(_view().where(Screening.id == id)).one_or_none()
    return _from_row(row) if row else None


def page(session: Session, before: UUID | None, limit: int) -> list[ScreeningView]:
    """The newest screenings first; `before` is the last id of the page before."""
    query = _view().order_by(Screening.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Screening.id < before)
    return [_from_row(row) for row in session.execute(query)]


def request_cancel(session: Session, id: UUID) -> ScreeningView | None:
    """Ask that no further item be scored; what has ended stays so. Asking again, or too late, changes nothing."""
    asked = update(Screening).where(Screening.id == id, Screening.state == "in_progress")
    session.execute(asked.values(state="canceling", cancel_requested_at=func.now()))
    return find(session, id)


def begin(session: Session, id: UUID, tokens: int) -> None:
    """Note a claim of so many tokens; tell of the first one."""
    first = update(Screening).where(Screening.id == id, Screening.started_at.is_(None)).values(started_at=func.now())
    total = session.scalar(first.returning(Screening.total))
    if total is not None:
        events.record(session, "screening.started", {"screening_id": str(id), "total": total})
    counted = update(Screening).where(Screening.id == id)
    session.execute(counted.values(claimed_tokens=Screening.claimed_tokens + tokens))


def settle(session: Session, id: UUID, *, scored: int = 0, errored: int = 0, canceled: int = 0) -> None:
    """Count items whose rows were written in this transaction, and end the screening with its last one.

    Call it last: the row stays locked until the transaction ends.
    """
    done = Screening.scored + Screening.errored + Screening.canceled + scored + errored + canceled
    counted = update(Screening).where(Screening.id == id)
    counted = counted.values(
        scored=Screening.scored + scored,
        errored=Screening.errored + errored,
        canceled=Screening.canceled + canceled,
        state=case((done == Screening.total, "ended"), else_=Screening.state),
        ended_at=case((done == Screening.total, func.now()), else_=None),
        progressed_at=case((_silent(), func.now()), else_=Screening.progressed_at),
    )
    counts = (Screening.total, Screening.scored, Screening.errored, Screening.canceled)
    told = (Screening.progressed_at == func.now()).label("told")
    row = session.execute(counted.returning(Screening.state, told, *counts)).one()
    processing = row.total - row.scored - row.errored - row.canceled
    standing = {"processing": processing, "scored": row.scored, "errored": row.errored, "canceled": row.canceled}
    payload = {"screening_id": str(id), "total": row.total, "counts": standing}
    if row.state == "ended":
        passages.ask_top(session, id)
        if row.canceled:
            events.record(session, "screening.canceled", payload)
        events.record(session, "screening.ended", payload)
    elif row.told:
        events.record(session, "screening.progressed", payload)


def _silent() -> ColumnElement[bool]:
    """Whether nothing was told of a screening's progress for as long as the setting says."""
    last = func.coalesce(Screening.progressed_at, Screening.started_at, Screening.created_at)
    return last <= func.now() - progress_interval()


def _job_tokens(session: Session, job_ids: Sequence[UUID]) -> int:
    tokens = {row.id: row.tokens for row in session.execute(select(Job.id, Job.tokens).where(Job.id.in_(job_ids)))}
    if missing := [str(id) for id in job_ids if id not in tokens]:
        raise RefusedError("jobs_not_found", missing)
    return sum(tokens.values())


def _check_pool(session: Session, pool_id: UUID, jobs: int) -> None:
    if session.scalar(select(Pool.id).where(Pool.id == pool_id)) is None:
        raise RefusedError("pool_not_found")
    if session.scalar(select(exists().where(Upload.pool_id == pool_id, Upload.state == "parsing"))):
        raise RefusedError("pool_parsing")
    resumes = session.scalars(select(func.count()).select_from(Resume).where(Resume.pool_id == pool_id)).one()
    if resumes == 0:
        raise RefusedError("pool_empty")
    if resumes * jobs > MAX_ITEMS:
        raise RefusedError("too_many_items")


def _versions(session: Session) -> dict[str, str]:
    versions = packs.pinned_versions(session)
    if missing := sorted(set(packs.SCORING) - set(versions)):
        raise RefusedError("packs_missing", missing)
    return versions


def _freeze_jobs(session: Session, id: UUID, job_ids: Sequence[UUID]) -> None:
    columns = (
        Job.external_id, Job.title, Job.description, Job.education, Job.experience, Job.skills, Job.weights,
        Job.must_haves,
    )  # fmt: skip
    rows = {row.id: row for row in session.execute(select(Job.id, *columns).where(Job.id.in_(job_ids)))}
    frozen = [
        {
            "tenant_id": session.info["tenant"],
            "screening_id": id,
            "job_id": job_id,
            "position": position,
            "job": {column.key: getattr(rows[job_id], column.key) for column in columns},
        }
        for position, job_id in enumerate(job_ids)
    ]
    session.execute(insert(ScreeningJob), frozen)


def _view() -> Select[*tuple[Any, ...]]:
    jobs = (
        select(func.array_agg(aggregate_order_by(ScreeningJob.job_id, ScreeningJob.position)))
        .where(ScreeningJob.tenant_id == Screening.tenant_id, ScreeningJob.screening_id == Screening.id)
        .scalar_subquery()
    )
    elapsed = func.extract("epoch", func.now() - Screening.started_at)
    return select(*Screening.__table__.columns, jobs.label("job_ids"), elapsed.label("elapsed"))


def _from_row(row: Row[*tuple[Any, ...]]) -> ScreeningView:
    done = row.scored + row.errored + row.canceled
    left = None if row.ended_at or not done else float(row.elapsed or 0) * (row.total - done) / done
    return ScreeningView(
        id=row.id,
        state=row.state,
        pool_id=row.pool_id,
        job_ids=tuple(row.job_ids),
        retry_of=row.retry_of,
        total=row.total,
        processing=row.total - done,
        scored=row.scored,
        errored=row.errored,
        canceled=row.canceled,
        created_at=row.created_at,
        started_at=row.started_at,
        cancel_requested_at=row.cancel_requested_at,
        ended_at=row.ended_at,
        seconds_left=left,
        options=row.options,
        packs=row.packs,
        format=row.format,
    )
