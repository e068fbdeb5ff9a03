"""Rows of an upload, written in batches: COPY into a temporary table, then INSERT ... SELECT with an outcome a row."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from db import bell, crash_points
from db.copying import copy_documents, copy_rows
from db.intake_sql import (
    JOBS_KEPT,
    PENDING_DOCUMENTS,
    PENDING_ROWS,
    REJECTIONS,
    RESUMES_KEPT,
    RESUMES_KNOWN,
    TEMPORARY_TABLES,
)
from db.rows import DocumentRow, JobRow, RejectedRow, ResumeRow, Row

BATCH_ROWS = 1000
BATCH_SIZE = 4_000_000  # characters, or bytes of files

CONFLICT = "external_id_conflict"
RESUME_CONFLICT = (
    "The pool holds another resume with this external_id, and resumes never change. Use a new external_id."
)
JOB_CONFLICT = "An earlier row of this upload is another job with this external_id. Send each job once."

_RESUMES = "(number, source, external_id, name, text, fields, content_hash, tokens)"
_DOCUMENTS = "(number, kind, filename, content)"


def _values_of(kind: type[ResumeRow | JobRow | RejectedRow]) -> Callable[[object], tuple[object, ...]]:
    """What makes a tuple of a row, in the order of its fields; dataclasses.astuple would copy every value."""
    return attrgetter(*(field.name for field in fields(kind)))


_resume, _job, _reject = _values_of(ResumeRow), _values_of(JobRow), _values_of(RejectedRow)


class Intake:
    """Writes the rows of one upload within the caller's transaction. `counts` tells the outcomes written so far.

    Memory holds one batch at most, and of jobs the external ids and hashes of the whole upload.
    """

    def __init__(self, session: Session, upload_id: UUID, pool_id: UUID | None) -> None:
        self.counts: Counter[str] = Counter()
        self._session = session
        self._ids = {"tenant": session.info["tenant"], "upload": upload_id, "pool": pool_id}
        self._jobs_seen: dict[str, str] = {}
        session.execute(text(TEMPORARY_TABLES))
        self._begin_batch()

    def write(self, rows: Iterable[Row]) -> None:
        """Write all rows; whatever the iterator raises leaves the transaction to be rolled back."""
        for row in rows:
            self._hold(row)
            if self._held >= BATCH_ROWS or self._size >= BATCH_SIZE:
                self._flush()
        self._flush()

    def _begin_batch(self) -> None:
        self._resumes: list[ResumeRow] = []
        self._jobs: list[tuple[object, ...]] = []
        self._rejects: list[RejectedRow] = []
        self._documents: list[DocumentRow] = []
        self._held = self._size = 0

    def _hold(self, row: Row) -> None:
        self._held += 1
        match row:
            case ResumeRow():
                self._resumes.append(row)
                self._size += len(row.text) + len(row.fields)
            case JobRow():
                self._hold_job(row)
                self._size += len(row.description) + len(row.skills)
            case RejectedRow():
                self._rejects.append(row)
            case DocumentRow():
                self._documents.append(row)
                self._size += row.size

    def _hold_job(self, row: JobRow) -> None:
        """An upsert can touch a row once, so repeats inside the upload are told here."""
        repeats = row.external_id in self._jobs_seen
        if self._jobs_seen.setdefault(row.external_id, row.content_hash) == row.content_hash:
            self._jobs.append((*_job(row), repeats))
        else:
            self._rejects.append(RejectedRow(row.number, "job", row.source, row.external_id, CONFLICT, JOB_CONFLICT))

    def _flush(self) -> None:
        if self._resumes:
            self._copy("incoming_resumes", _RESUMES, map(_resume, self._resumes))
            if self._record(RESUMES_KEPT, {}) < len(self._resumes):
                self._record(RESUMES_KNOWN, {"conflict": CONFLICT, "reason": RESUME_CONFLICT})
        if self._jobs:
            self._copy("incoming_jobs", "", self._jobs)
            self._record(JOBS_KEPT, {})
        if self._rejects:
            self._copy("incoming_rejects", "", map(_reject, self._rejects))
            self._record(REJECTIONS, {})
        if self._documents:
            self._session.execute(text("TRUNCATE incoming_documents"))
            copy_documents(self._session, f"incoming_documents {_DOCUMENTS}", self._documents)
            self._session.execute(text(PENDING_DOCUMENTS), self._ids)
            self._record(PENDING_ROWS, {})
            bell.ring(self._session)
        self._begin_batch()
        crash_points.reached("intake.written")

    def _copy(self, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
        self._session.execute(text(f"TRUNCATE {table}"))
        copy_rows(self._session, f"{table} {columns}", rows)

    def _record(self, statement: str, told: dict[str, str]) -> int:
        """Count the outcomes of some rows; how many there are."""
        outcomes = self._session.scalars(text(statement), {**self._ids, **told}).all()
        self.counts.update(outcomes)
        return len(outcomes)
