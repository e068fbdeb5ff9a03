"""Cursors come back as they were given; anything else is refused, never a crash."""

from __future__ import annotations

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import cursor
from api.problems import Problem


@given(st.floats(allow_nan=False), st.uuids(), st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_values_come_back(probability: float, row: UUID, external_id: str) -> None:
    text = cursor.encode(probability, row, external_id)
    assert cursor.decode(text, float, UUID, str) == (probability, row, external_id)


def test_a_null_is_no_value() -> None:
    with pytest.raises(Problem):
        cursor.decode(base64.urlsafe_b64encode(b"[null, null]").decode(), int, str)


@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        cursor.decode(text, float, UUID)
    assert (caught.value.status, caught.value.code) == (422, "invalid_cursor")


@pytest.mark.parametrize("values", [("a\0b",), ("\ud800",)])
def test_what_the_database_cannot_hold_is_refused(values: tuple[str]) -> None:
    with pytest.raises(Problem):
        cursor.decode(cursor.encode(*values), str)
