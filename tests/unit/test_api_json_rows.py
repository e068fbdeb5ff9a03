"""JSON and NDJSON: a line that cannot be read costs no other; a document that cannot be read says where."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.json_rows import read_json, read_ndjson
from api.problems import Problem
from api.records import BadRecord, Record

OBJECTS = st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=10) | st.integers(), max_size=3)
NOISE = st.binary(max_size=30).filter(lambda line: b"\n" not in line and line.strip() and not line.startswith(b"{"))


def lines(content: bytes) -> list[Record | BadRecord]:
    return list(read_ndjson(io.BytesIO(content)))


def document(content: bytes) -> list[Record | BadRecord]:
    return list(read_json(io.BytesIO(content), "resumes"))


@given(st.lists(st.tuples(OBJECTS, NOISE), min_size=1, max_size=6))
def test_good_lines_are_kept_between_bad_ones(pairs: list[tuple[dict[str, Any], bytes]]) -> None:
    content = b"".join(json.dumps(row).encode() + b"\n" + noise + b"\n" for row, noise in pairs)
    found = lines(content)
    assert [row.values for row in found if isinstance(row, Record)] == [row for row, _ in pairs]
    assert len(found) == 2 * len(pairs)


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_a_problem(content: bytes) -> None:
    for reader in (lines, document):
        with suppress(Problem):
            rows = reader(content)
            assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"[1]", "not_an_object"),
        (b"{", "invalid_json"),
        (b'{"text": "\xff"}', "not_utf8"),
        (b'{"text": ' + b"[" * 100_000, "invalid_json"),
        (b'{"text": ' + b"9" * 5_000 + b"}", "invalid_json"),
        (b'{"text": "' + b"x" * 5_000_000 + b'"}', "too_long"),
    ],
)
def test_bad_lines(line: bytes, code: str) -> None:
    found = lines(b'{"text": "a"}\n' + line + b'\n\n{"text": "b"}')
    assert [row.code if isinstance(row, BadRecord) else "" for row in found] == ["", code, ""]
    assert [row.source for row in found] == ["line 1", "line 2", "line 4"]


@pytest.mark.parametrize(
    "content", [b'[{"text": "a"}]', b'{"resumes": [{"text": "a"}]}', b'\xef\xbb\xbf[{"text": "a"}]']
)
def test_documents(content: bytes) -> None:
    assert document(content) == [Record(1, "", {"text": "a"})]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_body"),
        (b"[]", "empty_body"),
        (b'{"jobs": []}', "invalid_json"),
        (b"[", "invalid_json"),
        (b'["\xff"]', "not_utf8"),
        ('[{"text": "a"}]'.encode("utf-16"), "not_utf8"),
    ],
)
def test_documents_that_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        document(content)
    assert caught.value.code == code


def test_complaints_quote_nothing() -> None:
    [row] = lines(b'{"text": "a secret" "more"}')
    assert isinstance(row, BadRecord)
    assert "secret" not in row.reason
