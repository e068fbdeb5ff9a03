"""COPY into temporary tables, since Postgres refuses it on tables with row-level security."""

import io
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from sqlalchemy.orm import Session

from db.rows import DocumentRow

PIECE = 64 * 1024
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_TRAILER = struct.pack("!h", -1)


def copy_rows(session: Session, target: str, rows: Iterable[Sequence[object]]) -> None:
    """COPY rows of text, numbers, booleans and None into `target`, a table with its columns, in the text format.

    Format: https://www.postgresql.org/docs/18/sql-copy.html#SQL-COPY-FILE-FORMATS
    """
    lines = "".join("\t".join(map(_cell, row)) + "\n" for row in rows)
    _copy(session, f"COPY {target} FROM STDIN", io.BytesIO(lines.encode()))


def copy_documents(session: Session, target: str, rows: Iterable[DocumentRow]) -> None:
    """COPY (number, kind, filename, content) into `target` in the binary format, so that no file is held in memory."""
    _copy(session, f"COPY {target} FROM STDIN (FORMAT binary)", _Stream(_binary(rows)))


def _copy(session: Session, statement: str, stream: "io.BytesIO | _Stream") -> None:
    cursor = session.connection().connection.cursor()
    try:
        cursor.copy_expert(statement, stream, PIECE)
    finally:
        cursor.close()


def _cell(value: object) -> str:
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _binary(rows: Iterable[DocumentRow]) -> Iterator[bytes]:
    yield _SIGNATURE
    for row in rows:
        yield struct.pack("!hii", 4, 4, row.number)
        for text in (row.kind.encode(), row.filename.encode()):
            yield struct.pack("!i", len(text)) + text
        yield struct.pack("!i", row.size)
        yield from _pieces(row.stream, row.start, row.size)
    yield _TRAILER


def _pieces(stream: BinaryIO, start: int, size: int) -> Iterator[bytes]:
    stream.seek(start)
    while size:
        piece = stream.read(min(PIECE, size))
        if not piece:
            raise EOFError("a spooled file is shorter than it was")
        size -= len(piece)
        yield piece


class _Stream:
    """What psycopg2 reads from: pieces of any length, handed out in the lengths it asks for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end."""
        while len(self._held) < size and (piece := next(self._pieces, None)) is not None:
            self._held += piece
        given, self._held = self._held[:size], self._held[size:]
        return given
