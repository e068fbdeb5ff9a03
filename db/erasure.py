"""Erasure: what a customer deletes is gone with all that was found out about it.

Of a resume that was screened a line without a person stays: the item's state and score under an id that names nobody.
So a screening's counters keep counting rows, and its export has a line an item.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, delete, exists, or_, select, text, update
from sqlalchemy.orm import Session

from db.tables import Assessment, Document, Passages, Pool, Resume, Score, Screening, Upload, UploadRow


class InProgressError(Exception):
    """A screening that has not ended still needs it."""


# By the jobs of each screening, as the key of scores has the job before the resume.
_FORGET_WHY = text(
    """
    UPDATE scores SET explanation = NULL, input_hash = NULL
    FROM screening_jobs j JOIN screenings s ON s.tenant_id = j.tenant_id AND s.id = j.screening_id
    WHERE s.tenant_id = :tenant_id AND s.pool_id = :pool_id AND scores.tenant_id = :tenant_id
        AND scores.screening_id = j.screening_id AND scores.job_id = j.job_id AND scores.resume_id = ANY(:ids)
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid(as_uuid=True))))


def erase_resume(session: Session, resume_id: UUID) -> bool:
    """Delete a resume; False when the tenant has no such one. Raises InProgressError."""
    pool_id = session.scalar(select(Resume.pool_id).where(Resume.id == resume_id))
    if pool_id is None:
        return False
    return erase_resumes(session, pool_id, [resume_id]) > 0


def erase_resumes(session: Session, pool_id: UUID, ids: Collection[UUID]) -> int:
    """Delete resumes of a pool with their documents, assessments and explanations; tells how many.

    Raises InProgressError.
    """
    _hold(session, pool_id)
    screenings = select(Screening.id).where(Screening.pool_id == pool_id)
    for table in (Assessment, Passages):
        session.execute(delete(table).where(table.screening_id.in_(screenings), table.resume_id.in_(ids)))
    values = {"tenant_id": session.info["tenant"], "pool_id": pool_id, "ids": list(ids)}
    session.execute(_FORGET_WHY, values)
    gone = delete(Resume).where(Resume.pool_id == pool_id, Resume.id.in_(ids))
    rows = session.execute(gone.returning(Resume.external_id, Resume.document_id)).all()
    session.execute(delete(Document).where(Document.id.in_([row.document_id for row in rows if row.document_id])))
    _forget_rows(session, pool_id, ids, [row.external_id for row in rows])
    return len(rows)


def erase_pool(session: Session, pool_id: UUID) -> bool:
    """Delete a pool with all that was put into it and made of it; False when there is none. Raises InProgressError."""
    if not _hold(session, pool_id):
        return False
    screenings = session.scalars(select(Screening.id).where(Screening.pool_id == pool_id)).all()
    _delete_results(session, screenings)
    session.execute(delete(Pool).where(Pool.id == pool_id))
    return True


def erase_screening(session: Session, screening_id: UUID) -> bool:
    """Delete a screening with its results; False when there is no such one. Raises InProgressError."""
    held = select(Screening.state).where(Screening.id == screening_id).with_for_update()
    state = session.scalar(held)
    if state is None:
        return False
    if state != "ended":
        raise InProgressError
    _delete_results(session, [screening_id])
    session.execute(delete(Screening).where(Screening.id == screening_id))
    return True


def _hold(session: Session, pool_id: UUID) -> bool:
    """Let nothing of the pool begin until this transaction ends; False when there is no such pool."""
    if session.scalar(select(Pool.id).where(Pool.id == pool_id).with_for_update()) is None:
        return False
    if session.scalar(select(exists().where(Screening.pool_id == pool_id, Screening.state != "ended"))):
        raise InProgressError
    return True


def _delete_results(session: Session, screenings: Collection[UUID]) -> None:
    """What has no foreign key to its screening; the rest goes with it."""
    for screening_id in screenings:  # one by one: Postgres leaves out partitions by a constant
        for table in (Score, Assessment):
            session.execute(delete(table).where(table.screening_id == screening_id))


def _forget_rows(session: Session, pool_id: UUID, ids: Collection[UUID], external_ids: Collection[str]) -> None:
    """The outcomes of uploads keep their counts, and tell no more whose they were."""
    uploads = select(Upload.id).where(Upload.pool_id == pool_id)
    named = or_(UploadRow.target_id.in_(ids), UploadRow.external_id.in_(external_ids))
    rows = update(UploadRow).where(UploadRow.upload_id.in_(uploads), UploadRow.kind == "resume", named)
    session.execute(rows.values(source="", external_id=None, target_id=None))
