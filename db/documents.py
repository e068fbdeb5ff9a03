"""Documents: claimed under a lease, by the database's clock; whoever settles one must still hold it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db import uploads
from db.counted import LEASES_EXPIRED, WAS_LEASED, count
from db.intake import Intake
from db.rows import Row
from db.tables import Document, Upload, UploadRow

LEASE = timedelta(seconds=45)
"""Longer than the sandbox gives a document; whoever expands an archive renews it."""
RETRY_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """A document in hand. `attempt` is what a settlement must still find; `pool_id` is None among jobs."""

    id: UUID
    upload_id: UUID
    pool_id: UUID | None
    number: int
    kind: str
    filename: str
    content: bytes
    attempt: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a document's row."""

    outcome: str
    external_id: str | None = None
    code: str | None = None
    reason: str | None = None
    target_id: UUID | None = None


def claim(session: Session, document_id: UUID) -> Claim | None:
    """Take a document that is due or whose lease ran out; None when there is nothing to take."""
    free = or_(Document.state == "due", and_(Document.state == "leased", Document.lease_until < func.now()))
    taken = (
        update(Document)
        .where(Document.id == document_id, free)
        .values(state="leased", attempt=Document.attempt + 1, lease_until=func.now() + LEASE)
        .returning(
            Document.id,
            Document.upload_id,
            select(Upload.pool_id).where(Upload.id == Document.upload_id).scalar_subquery(),
            Document.number,
            Document.kind,
            Document.filename,
            Document.content,
            Document.attempt,
            WAS_LEASED,
        )
    )
    row = session.execute(taken).one_or_none()
    if row is None:
        return None
    count(session, LEASES_EXPIRED.labels("document"), int(row.was_leased))
    return Claim(*row[:6], bytes(row[6]), row[7])


def renew(session: Session, held: Claim) -> bool:
    """Hold the document for another LEASE; False when it was taken over."""
    renewed = update(Document).where(*_held(held)).values(lease_until=func.now() + LEASE).returning(Document.id)
    return session.scalar(renewed) is not None


def release(session: Session, held: Claim) -> None:
    """Give the document back, for another try soon."""
    due = func.now() + RETRY_AFTER
    session.execute(update(Document).where(*_held(held)).values(state="due", lease_until=None, due_at=due))


def finish(session: Session, held: Claim, *, forget: bool = False) -> bool:
    """Mark the document done, first in the transaction that settles it; False when it was taken over meanwhile.

    `forget` empties the content, once an archive's files stand on their own.
    """
    done = update(Document).where(*_held(held)).values(state="done", lease_until=None, finished_at=func.now())
    if forget:
        done = done.values(content=b"")
    return session.scalar(done.returning(Document.id)) is not None


def settle(session: Session, held: Claim, settlement: Settlement) -> None:
    """Give the row of a finished document its outcome, and count it."""
    session.execute(
        update(UploadRow)
        .where(*_row_of(held))
        .values(
            outcome=settlement.outcome,
            external_id=settlement.external_id,
            code=settlement.code,
            reason=settlement.reason,
            target_id=settlement.target_id,
        )
    )
    uploads.shift(session, held.upload_id, {"pending": -1, settlement.outcome: 1})


def first_free_number(session: Session, upload_id: UUID) -> int:
    """The number that the next row of the upload may have; holds the upload until the transaction ends."""
    session.execute(select(Upload.id).where(Upload.id == upload_id).with_for_update())
    last = session.scalar(select(func.max(UploadRow.number)).where(UploadRow.upload_id == upload_id))
    return (last or 0) + 1


def replace_archive(session: Session, held: Claim, members: Iterable[Row]) -> None:
    """Put the rows of a finished archive's files in the place of its own."""
    intake = Intake(session, held.upload_id, held.pool_id)
    intake.write(members)
    session.execute(delete(UploadRow).where(*_row_of(held)))
    changes = intake.counts
    changes["pending"] -= 1
    uploads.shift(session, held.upload_id, changes)


def _held(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return Document.id == held.id, Document.state == "leased", Document.attempt == held.attempt


def _row_of(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return UploadRow.upload_id == held.upload_id, UploadRow.number == held.number, UploadRow.kind == held.kind
