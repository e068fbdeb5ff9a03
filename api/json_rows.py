"""Rows in JSON: one object a line (NDJSON), or a list in one document."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from api.records import (
    LONGEST_ROW,
    NOT_UTF8,
    TOO_LONG,
    BadRecord,
    Record,
    invalid_file,
    skip_byte_order_mark,
    skip_line,
)


def read_ndjson(stream: BinaryIO) -> Iterator[Record | BadRecord]:
    """Objects line by line; blank lines are passed over, and a line that cannot be read costs no other.

    Raises Problem for an empty file.
    """
    skip_byte_order_mark(stream)
    number = line_number = 0
    while line := stream.readline(LONGEST_ROW):
        line_number += 1
        source = f"line {line_number}"
        if len(line) == LONGEST_ROW and not line.endswith(b"\n"):
            skip_line(stream)
            number += 1
            yield BadRecord(number, source, "too_long", TOO_LONG)
        elif not line.isspace():
            number += 1
            yield _line(number, source, line)


def _line(number: int, source: str, line: bytes) -> Record | BadRecord:
    try:
        return _record(number, source, json.loads(line.decode()))
    except UnicodeDecodeError:
        return BadRecord(number, source, "not_utf8", NOT_UTF8)
    except (ValueError, RecursionError) as error:
        reason = f"The line is not JSON: {_told(error)}. Send one object a line."
        return BadRecord(number, source, "invalid_json", reason)


def read_json(stream: BinaryIO, member: str) -> Iterator[Record | BadRecord]:
    """Objects of a list, or of the list under `member`. Raises Problem when the document cannot be read."""
    skip_byte_order_mark(stream)
    try:
        document = json.loads(stream.read().decode())
    except UnicodeDecodeError as error:
        detail = f"Byte {error.start} is not UTF-8. Save the file as UTF-8 and send it again."
        raise invalid_file("not_utf8", detail) from error
    except (ValueError, RecursionError) as error:
        raise invalid_file("invalid_json", f"The document is not JSON: {_told(error)}.") from error
    rows = document.get(member) if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise invalid_file("invalid_json", f'Send a list of objects, or an object like {{"{member}": [...]}}.')
    if not rows:
        raise invalid_file("empty_body", "The list is empty. Send at least one row.")
    for number, row in enumerate(rows, 1):
        yield _record(number, "", row)


def _record(number: int, source: str, row: object) -> Record | BadRecord:
    if isinstance(row, dict):
        return Record(number, source, row)
    return BadRecord(number, source, "not_an_object", 'A row is an object: {"external_id": "a-17", ...}.')


def _told(error: Exception) -> str:
    """The parser's complaint, which quotes nothing of the text."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, at its line {error.lineno}, column {error.colno}"
    return "it is nested too deep" if isinstance(error, RecursionError) else "a number is too long"
