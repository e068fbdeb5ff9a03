"""From the files of a body to the rows of an upload, file by file and row by row."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import BinaryIO, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from api.ahead import rows_ahead
from api.columns import JOB_COLUMNS, RESUME_COLUMNS, check_header
from api.csv_rows import CsvFile
from api.json_rows import read_json, read_ndjson
from api.media import Form
from api.problems import Problem
from api.records import BadRecord, Record
from api.rows import job_rows, resume_rows
from api.settings import settings
from api.spool import Body, File
from db import uploads
from db.intake import Intake
from db.rows import DocumentRow, RejectedRow, Row

Noun = Literal["resume", "job"]
MAKERS: dict[Noun, Callable[[Iterable[Record | BadRecord]], Iterator[Row]]] = {"resume": resume_rows, "job": job_rows}


def take(session: Session, body: Body, noun: Noun, pool_id: UUID | None) -> uploads.UploadState:
    """Write every row of a body with its outcome, in the caller's transaction.

    Raises Problem when a table of rows cannot be read at all, holds none, or too many.
    """
    upload_id = uploads.begin(session, pool_id, body.filename, body.media_type)
    intake = Intake(session, upload_id, pool_id)
    rows = _counted(_rows(body.files, noun))
    if len(body.files) == 1:
        with rows_ahead(rows) as read:
            intake.write(read)
    else:
        intake.write(rows)  # documents are copied out of the very stream that the next rows are read from
    if not intake.counts:
        raise Problem(422, "empty_body", "No rows", "The file holds no row. Send at least one.")
    return uploads.close(session, upload_id, intake.counts)


def _rows(files: Sequence[File], noun: Noun) -> Iterator[Row]:
    """Rows of all files, numbered through."""
    before = 0
    for file in files:
        number = before
        for row in _file_rows(file, noun):
            number = before + row.number
            yield row if len(files) == 1 else _numbered(row, number, file)
        before = number


def _numbered(row: Row, number: int, file: File) -> Row:
    """The row as one of several files'."""
    if isinstance(row, DocumentRow) or row.source == file.filename:
        return dataclasses.replace(row, number=number)
    return dataclasses.replace(row, number=number, source=f"{file.filename}, {row.source}")


def _file_rows(file: File, noun: Noun) -> Iterator[Row]:
    if file.form in (Form.DOCUMENT, Form.ARCHIVE):
        yield _document(file, noun)
        return
    with file.open() as stream:
        yield from MAKERS[noun](_records(stream, file.form, noun))


def _records(stream: BinaryIO, form: Form, noun: Noun) -> Iterator[Record | BadRecord]:
    if form is Form.NDJSON:
        return read_ndjson(stream)
    if form is Form.JSON:
        return read_json(stream, f"{noun}s")
    table = CsvFile(stream)
    return table.rows(check_header(table.header, RESUME_COLUMNS if noun == "resume" else JOB_COLUMNS))


def _document(file: File, noun: Noun) -> Row:
    kind = "archive" if file.form is Form.ARCHIVE else noun
    reject = partial(RejectedRow, 1, kind, file.filename, None)
    limit = file.form.limit(settings())
    if file.size == 0:
        return reject("empty_file", "The file is empty (0 bytes). Send it again.")
    if file.size > limit:
        return reject("too_large", f"The file is larger than {limit // 2**20} MiB. {file.form.advice()}")
    return DocumentRow(1, kind, file.filename, file.stream, file.start, file.size)


def _counted(rows: Iterator[Row]) -> Iterator[Row]:
    limit = settings().max_rows
    for row in rows:
        if row.number > limit:
            detail = f"An upload may hold {limit:,} rows. Send the file in parts; nothing of it was kept."
            raise Problem(422, "too_many_rows", "Too many rows", detail, limit=limit)
        yield row
