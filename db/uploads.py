"""Uploads and the outcome of each of their rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, and_, case, func, insert, or_, select, update
from sqlalchemy.orm import Session

from db import events
from db.counted import UPLOAD_ROWS, count
from db.tables import Upload, UploadRow

OUTCOMES = ("accepted", "duplicate", "rejected", "pending")
UploadTable, RowTable = Upload.__table__, UploadRow.__table__


@dataclass(frozen=True, slots=True)
class Counts:
    """Outcomes of an upload's rows; the four sum to the total."""

    total: int
    accepted: int
    duplicate: int
    rejected: int
    pending: int


@dataclass(frozen=True, slots=True)
class UploadState:
    """An upload as it stands."""

    id: UUID
    pool_id: UUID | None
    filename: str
    media_type: str
    state: str
    counts: Counts
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; `id` is the resume or job it became or already was."""

    number: int
    kind: str
    source: str
    external_id: str | None
    outcome: str
    code: str | None
    reason: str | None
    id: UUID | None


def begin(session: Session, pool_id: UUID | None, filename: str, media_type: str) -> UUID:
    """A new upload without rows; `close` gives it its counts in the same transaction."""
    values = {
        "tenant_id": session.info["tenant"],
        "pool_id": pool_id,
        "filename": filename,
        "media_type": media_type,
        "state": "parsing",
    }
    return session.scalars(insert(Upload).values(values).returning(Upload.id)).one()


def close(session: Session, upload_id: UUID, counts: Mapping[str, int]) -> UploadState:
    """Give the upload the outcomes of the rows written with it; it ends here unless some are pending."""
    return shift(session, upload_id, {outcome: counts.get(outcome, 0) for outcome in OUTCOMES})


def shift(session: Session, upload_id: UUID, changes: Mapping[str, int]) -> UploadState:
    """Add to the counts; an upload whose pending rows are all settled ends, which is an event."""
    columns = UploadTable.c
    counted = {outcome: columns[outcome] + changes.get(outcome, 0) for outcome in OUTCOMES}
    counted["total"] = columns.total + sum(changes.values())
    ends = and_(columns.state == "parsing", counted["pending"] == 0)
    values = {
        **counted,
        "state": case((ends, "ended"), else_=columns.state),
        "ended_at": case((ends, func.now()), else_=columns.ended_at),
    }
    session.execute(update(Upload).where(Upload.id == upload_id).values(values))
    for outcome, by in changes.items():
        count(session, UPLOAD_ROWS.labels(outcome), by)
    state = get(session, upload_id)
    assert state is not None
    if state.state == "ended":
        _record_end(session, state)
    return state


def get(session: Session, upload_id: UUID) -> UploadState | None:
    """The upload, or None when the tenant has no such one."""
    row = session.execute(select(UploadTable).where(Upload.id == upload_id)).mappings().one_or_none()
    return None if row is None else _state(row)


def rows(
    session: Session, upload_id: UUID, limit: int, outcome: str | None = None, after: tuple[int, str] | None = None
) -> list[Outcome]:
    """A page of outcomes in the order of the file, beginning after (number, kind)."""
    query = select(RowTable).where(UploadRow.upload_id == upload_id).order_by(UploadRow.number, UploadRow.kind)
    if outcome is not None:
        query = query.where(UploadRow.outcome == outcome)
    if after is not None:
        number, kind = after
        later = and_(UploadRow.number == number, UploadRow.kind > kind)
        query = query.where(or_(UploadRow.number > number, later), UploadRow.number >= number)
    return [_outcome(row) for row in session.execute(query.limit(limit)).mappings()]


def first_rows(session: Session, upload: UploadState, limit: int) -> list[Outcome]:
    """The rows to look at first: those rejected, then the others, each in the order of the file."""
    found = rows(session, upload.id, limit, "rejected") if upload.counts.rejected else []
    if len(found) < limit:
        # As many rows more as there are rejected ones among them.
        others = rows(session, upload.id, limit + len(found))
        found += [row for row in others if row.outcome != "rejected"][: limit - len(found)]
    return found


def _record_end(session: Session, upload: UploadState) -> None:
    payload = {
        "upload_id": str(upload.id),
        "pool_id": str(upload.pool_id) if upload.pool_id else None,
        "accepted": upload.counts.accepted,
        "duplicate": upload.counts.duplicate,
        "rejected": upload.counts.rejected,
    }
    events.record(session, "upload.ended", payload)


def _state(row: RowMapping) -> UploadState:
    return UploadState(
        id=row["id"],
        pool_id=row["pool_id"],
        filename=row["filename"],
        media_type=row["media_type"],
        state=row["state"],
        counts=Counts(row["total"], *(row[outcome] for outcome in OUTCOMES)),
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )


def _outcome(row: RowMapping) -> Outcome:
    return Outcome(
        number=row["number"],
        kind=row["kind"],
        source=row["source"],
        external_id=row["external_id"],
        outcome=row["outcome"],
        code=row["code"],
        reason=row["reason"],
        id=row["target_id"],
    )
