"""Screenings: read in one snapshot, canceled by a request, ended once. Created by db.new_screenings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from db import bell, events, passages, second_stage, staleness
from db.counted import ITEMS_ENDED, count
from db.settings import progress_interval
from db.staleness import Replacement
from db.tables import Screening, ScreeningJob

TOP = Screening.options["rerank"]["top"].as_integer()
"""How many items of each job have a second stage (`db.second_stage`); null when there is none."""
State = Literal["in_progress", "canceling", "ended"]
CHUNK_TOKENS = 32_000


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """A screening as it stood in one snapshot; the four counts sum to `total`. `seconds_left` is an estimate.

    `second_stage_at` and `second_stage_items`: when the pair model began, and how many items it is to rank.
    `replaced` maps those of its jobs whose scores are stale to the screening that has newer ones (`db.staleness`).
    """

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
    second_stage_at: datetime | None
    second_stage_items: int | None
    cancel_requested_at: datetime | None
    ended_at: datetime | None
    seconds_left: float | None
    options: Mapping[str, Any]
    packs: Mapping[str, str]
    format: str
    replaced: Mapping[UUID, Replacement]

    @property
    def two_stages(self) -> bool:
        """Whether the pair model ranks the best of each job."""
        return bool(self.options.get("rerank"))


def find(session: Session, id: UUID) -> ScreeningView | None:
    """The screening, or None."""
    row = session.execute(one(), {"id": id}).one_or_none()
    return from_row(row, _replaced(session, [row]).get(id, {})) if row else None


def page(session: Session, before: UUID | None, limit: int) -> list[ScreeningView]:
    """The newest screenings first; `before` is the last id of the page before."""
    query = _view().order_by(Screening.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Screening.id < before)
    rows = session.execute(query).all()
    replaced = _replaced(session, rows)
    return [from_row(row, replaced.get(row.id, {})) for row in rows]


def request_cancel(session: Session, id: UUID) -> ScreeningView | None:
    """Ask that no further item be scored; what has ended stays so. Asking again, or too late, changes nothing."""
    asked = update(Screening).where(Screening.id == id, Screening.state == "in_progress")
    session.execute(asked.values(state="canceling", cancel_requested_at=func.now()))
    bell.ring(session)
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

    With the last item of a first stage the second begins. Call it last: the row stays locked until the transaction's
    end.
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
    first_stage = and_(TOP.is_not(None), Screening.second_stage_at.is_(None)).label("first_stage")
    row = session.execute(counted.returning(Screening.state, told, first_stage, *counts)).one()
    for ended, by in (("scored", scored), ("errored", errored), ("canceled", canceled)):
        count(session, ITEMS_ENDED.labels(ended), by)
    if row.first_stage and row.state != "ended" and second_stage.is_due(session, id):
        known = second_stage.begin(session, id, canceled=row.state == "canceling")
        if known:
            settle(session, id, scored=known)
            return
    _tell(session, id, row)


def _tell(session: Session, id: UUID, row: Row[*tuple[Any, ...]]) -> None:
    """Record the events of a settlement, whose row tells `state`, the counts, and whether progress is to be `told`."""
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


@lru_cache(maxsize=1)
def one() -> Select[*tuple[Any, ...]]:
    """The statement of every poll, for the parameter `id`, made once: making it costs as much as running it."""
    return _view().where(Screening.id == bindparam("id"))


def _replaced(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> dict[UUID, dict[UUID, Replacement]]:
    """By whom the screenings of `_view` were replaced, job by job; asked only where it can be."""
    return staleness.replaced(session, [row.id for row in rows if row.followed])


def _view() -> Select[*tuple[Any, ...]]:
    jobs = (
        select(func.array_agg(aggregate_order_by(ScreeningJob.job_id, ScreeningJob.position)))
        .where(ScreeningJob.tenant_id == Screening.tenant_id, ScreeningJob.screening_id == Screening.id)
        .scalar_subquery()
    )
    elapsed = func.extract("epoch", func.now() - func.coalesce(Screening.second_stage_at, Screening.started_at))
    later = aliased(Screening)
    followed = (
        select(later.id)
        .where(later.tenant_id == Screening.tenant_id, later.pool_id == Screening.pool_id, later.id > Screening.id)
        .where(later.state == "ended", later.packs != Screening.packs)
        .exists()
    )
    columns = (jobs.label("job_ids"), elapsed.label("elapsed"), followed.label("followed"))
    return select(*Screening.__table__.columns, *columns)


def from_row(row: Row[*tuple[Any, ...]], replaced: Mapping[UUID, Replacement]) -> ScreeningView:
    """A row of `one`, and what `db.staleness` says of it, which is nothing unless the row is `followed`."""
    done = row.scored + row.errored + row.canceled
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
        second_stage_at=row.second_stage_at,
        second_stage_items=row.second_stage_items,
        cancel_requested_at=row.cancel_requested_at,
        ended_at=row.ended_at,
        seconds_left=_seconds_left(row, row.total - done),
        options=row.options,
        packs=row.packs,
        format=row.format,
        replaced=replaced,
    )


def _seconds_left(row: Row[*tuple[Any, ...]], processing: int) -> float | None:
    """By the rate of the stage that it is in; None before there is any, and while a second stage is to come."""
    to_come = row.options.get("rerank") and row.second_stage_at is None
    done: int = (row.second_stage_items or row.total) - processing
    if row.ended_at or to_come or not done:
        return None
    return float(row.elapsed or 0) * processing / done
