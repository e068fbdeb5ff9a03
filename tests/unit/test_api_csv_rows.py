"""CSV: good rows are never lost, whatever stands between them, and every other row gets its reason."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.csv_rows import CsvFile
from api.problems import Problem
from api.records import BadRecord, Record

COLUMNS = ["external_id", "name", "text"]
HEADER = b"external_id,name,text\n"
CELLS = st.text(st.characters(codec="utf-8"), max_size=20)


def read(content: bytes) -> list[Record | BadRecord]:
    table = CsvFile(io.BytesIO(content))
    return list(table.rows(table.header))


def good(content: bytes) -> list[list[object]]:
    return [list(row.values.values()) for row in read(content) if isinstance(row, Record)]


def bad(content: bytes) -> list[tuple[str, str]]:
    return [(row.source, row.code) for row in read(content) if isinstance(row, BadRecord)]


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8))
def test_what_was_written_is_read(rows: list[list[str]]) -> None:
    assert good(HEADER + written(rows)) == rows


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_problem(content: bytes) -> None:
    with suppress(Problem):  # 422, for want of a header
        rows = read(content)
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@given(
    st.binary(max_size=60).filter(lambda broken: b'"' not in broken),
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5),
)
def test_rows_after_a_broken_one_are_kept(broken: bytes, after: list[tuple[str, str]]) -> None:
    rows = [[f"id-{number}", *cells] for number, cells in enumerate(after)]
    found = good(HEADER + broken + b"\n" + written(rows))
    assert found[len(found) - len(rows) :] == rows


@pytest.mark.parametrize(
    "broken",
    [
        b'2,"Bob,text',  # closed by the next quote in the file, or never
        b'2,Bob,"text\nof two lines',
        b'2,"Bob" Example,text',
        b"2,Bob",
        b"2,Bob,text,more",
        b'2,Bob,"text\nof two lines",more',
        b"2,Bob,\xff",
        b"2,Bob,a\rb",
    ],
)
@pytest.mark.parametrize("after", [b"3,Cleo,text\n4,Dan,text\n", b'3,"Cleo",text\n4,Dan,"te,xt"\n', b'3,Cleo,""\n'])
def test_a_broken_row_in_the_middle_costs_no_other(broken: bytes, after: bytes) -> None:
    content = HEADER + b"1,Ada,text\n" + broken + b"\n" + after
    ids = [row[0] for row in good(content)]
    assert ids == ["1", "3", "4"] if after.count(b"\n") == 2 else ["1", "3"]
    assert [source for source, _ in bad(content)] == ["line 3"]


def test_lines_of_a_cell_are_not_taken_for_rows() -> None:
    content = HEADER + b'1,Ada,"one\ntwo, three, four\nfive",too many\n2,Bob,text\n'
    assert [row[0] for row in good(content)] == ["2"]


@pytest.mark.parametrize(
    "cell", [b"x" * 5_000_000, b'"' + b"a, b, c\n" * 600_000 + b'"', b'"' + b'""' * 2_100_000 + b'"']
)
def test_an_endless_cell_is_one_bad_row(cell: bytes) -> None:
    content = HEADER + b"1,Ada," + cell + b"\n2,Bob,text\n"
    assert [row[0] for row in good(content)] == ["2"]
    assert [code for _, code in bad(content)] == ["too_long"]


def test_an_unclosed_quote_before_many_rows() -> None:
    content = HEADER + b'1,"Ada,text\n' + (b"2,Bob," + b"some text " * 20 + b"\n") * 25_000
    assert len(good(content)) == 25_000
    assert bad(content) == [("line 2", "broken_row")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_byte_order_mark_and_line_ends(delimiter: str) -> None:
    lines = [delimiter.join(COLUMNS), delimiter.join(["1", "Ada", "text"]), "", delimiter.join(["2", "Bob", "text"])]
    content = b"\xef\xbb\xbf" + "\r\n".join(lines).encode()
    assert good(content) == [["1", "Ada", "text"], ["2", "Bob", "text"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_body"),
        (b"\n\n", "empty_body"),
        ("external_id,text\n".encode("utf-16"), "not_utf8"),
        ("kenntnisse,größe\n1,2\n".encode("latin-1"), "not_utf8"),
        (b'"external_id,text\n1,2\n', "invalid_header"),
        (b"a" * 5_000_000, "invalid_header"),
    ],
)
def test_a_file_without_a_readable_header_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        read(content)
    assert caught.value.code == code
