"""Rows read ahead are the same rows, and the thread that reads them always ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from api.ahead import PIECE_ROWS, PIECES, rows_ahead
from db.rows import RejectedRow, ResumeRow, Row


def row(number: int, text: str = "text") -> Row:
    return ResumeRow(number, "", str(number), "", text, "{}", "", 1)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "ahead"]


@pytest.mark.parametrize("count", [0, 1, PIECE_ROWS, PIECE_ROWS * PIECES + 7])
def test_every_row_comes_once_and_in_order(count: int) -> None:
    rows: list[Row] = [row(number) for number in range(count)]
    with rows_ahead(iter(rows)) as read:
        assert list(read) == rows
    assert threads() == []


def test_what_reading_raises_comes_after_the_rows_before_it() -> None:
    def broken() -> Iterator[Row]:
        yield from (row(number) for number in range(PIECE_ROWS))
        raise ValueError("broken")

    with rows_ahead(broken()) as read:
        got = [next(read) for _ in range(PIECE_ROWS)]
        with pytest.raises(ValueError, match="broken"):
            next(read)
    assert len(got) == PIECE_ROWS


def test_whoever_stops_early_leaves_no_thread() -> None:
    endless = (row(number) for number in iter(int, 1))
    with rows_ahead(endless) as read:
        next(read)
    assert threads() == []


def test_only_so_much_is_read_ahead() -> None:
    made = 0

    def rows() -> Iterator[Row]:
        nonlocal made
        for number in range(10_000):
            made += 1
            yield row(number, "x" * 100_000) if number else RejectedRow(1, "resume", "", None, "", "")

    with rows_ahead(rows()) as read:
        next(read)
    assert made <= PIECES + 10
