"""Opaque cursors: where a page ended, as the sort key of its last row."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query

from api.problems import Problem

Limit = Annotated[int, Query(ge=1, le=1000, description="Rows a page.")]
Cursor = Annotated[
    str | None, Query(max_length=1000, description="`next_cursor` of the page before; none for the first.")
]


def encode(*values: object) -> str:
    """A cursor of a row's sort key; values are told by their `str`."""
    return base64.urlsafe_b64encode(json.dumps([str(value) for value in values]).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...]:
    """The values of a cursor, each read by its kind (`UUID`, `float`, ...). Raises Problem 422 for any other text."""
    try:
        texts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        return tuple(_value(kind, text) for kind, text in zip(kinds, texts, strict=True))
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        detail = "Pass `next_cursor` of the page before unchanged, or leave `cursor` out to begin again."
        raise Problem(422, "invalid_cursor", "Invalid cursor", detail) from error


def _value(kind: Callable[[str], Any], text: str) -> Any:
    if b"\0" in text.encode():  # which also refuses half a surrogate pair: the database can hold neither
        raise ValueError("NUL")
    return kind(text)
