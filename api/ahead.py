"""Rows are read and checked in a thread of their own, while those before them are written to the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from typing import TypeVar

from db.rows import JobRow, ResumeRow, Row

PIECES, PIECE_ROWS, PIECE_CHARACTERS = 40, 50, 100_000
"""So many pieces of so many rows wait at most, but for one long row in each: a batch or two."""
T = TypeVar("T")


@contextmanager
def ahead(rows: Iterator[Row]) -> Iterator[Iterator[Row]]:
    """The same rows; what reading them raises is raised when its turn comes. The thread ends with the block."""
    waiting: Queue[list[Row] | Exception | None] = Queue(PIECES)
    left = threading.Event()
    thread = threading.Thread(target=_fill, args=(rows, waiting, left), name="ahead")
    thread.start()
    try:
        yield _read(waiting)
    finally:
        left.set()
        _empty(waiting)  # it may wait for room
        thread.join()


def _read(waiting: "Queue[list[Row] | Exception | None]") -> Iterator[Row]:
    while (piece := waiting.get()) is not None:
        if isinstance(piece, Exception):
            raise piece
        yield from piece


def _fill(rows: Iterator[Row], waiting: "Queue[list[Row] | Exception | None]", left: threading.Event) -> None:
    try:
        for piece in _pieces(rows):
            if left.is_set():
                return
            waiting.put(piece)
        waiting.put(None)
    except Exception as error:
        waiting.put(error)


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    piece: list[Row] = []
    characters = 0
    for row in rows:
        piece.append(row)
        characters += _characters(row)
        if len(piece) == PIECE_ROWS or characters >= PIECE_CHARACTERS:
            yield piece
            piece, characters = [], 0
    if piece:
        yield piece


def _characters(row: Row) -> int:
    match row:
        case ResumeRow():
            return len(row.text) + len(row.fields)
        case JobRow():
            return len(row.description) + len(row.skills)
        case _:
            return 0


def _empty(waiting: "Queue[T]") -> None:
    try:
        while True:
            waiting.get_nowait()
    except Empty:
        return
