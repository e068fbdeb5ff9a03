"""What the readers of rows hand out, and the limits that they share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from api.problems import Problem

LONGEST_ROW = 4_000_000
"""Bytes. Longer than any row that could be kept, whatever escapes it is written with."""

TOO_LONG = "The row is longer than 4 MB. Send its text alone, or its file."
NOT_UTF8 = "The row holds bytes that are not UTF-8. Save the file as UTF-8 and send the row again."


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it was read: `number` counts rows from 1, `source` tells the line it begins on."""

    number: int
    source: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A row that cannot be read."""

    number: int
    source: str
    code: str
    reason: str


def invalid_file(code: str, detail: str) -> Problem:
    """422: nothing of the file can be read."""
    return Problem(422, code, "File cannot be read", detail)


def skip_byte_order_mark(stream: BinaryIO) -> None:
    """Leave the stream behind a UTF-8 mark. Raises Problem for an empty file and for one in UTF-16 or UTF-32."""
    head = stream.read(4)
    if not head.strip():
        raise invalid_file("empty_body", "The file is empty. Send at least one row.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        raise invalid_file("not_utf8", "The file is UTF-16 or UTF-32. Save it as UTF-8 and send it again.")
    stream.seek(3 if head.startswith(b"\xef\xbb\xbf") else 0)


def skip_line(stream: BinaryIO) -> None:
    """Read on to the end of a line of any length."""
    while (piece := stream.readline(LONGEST_ROW)) and not piece.endswith(b"\n"):
        pass
