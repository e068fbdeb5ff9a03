"""What is read ahead: made in a thread of its own, while what came before it is still being used."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from queue import Empty, Queue
from typing import TypeVar

from db.rows import JobRow, ResumeRow, Row

PIECES, PIECE_ROWS, PIECE_CHARACTERS = 40, 50, 100_000
"""So many pieces of so many rows wait at most, but for one long row in each: a batch or two."""
T = TypeVar("T")


@contextmanager
def ahead(pieces: Iterator[T], most: int) -> Iterator[Iterator[T]]:
    """The same pieces, of which `most` wait; what making them raises is raised when its turn comes.

    The thread ends with the block.
    """
    waiting: Queue[T | _Ended] = Queue(most)
    left = threading.Event()
    thread = threading.Thread(target=_fill, args=(pieces, waiting, left), name="ahead")
    thread.start()
    try:
        yield _read(waiting)
    finally:
        left.set()
        _empty(waiting)  # it may wait for room
        thread.join()


@contextmanager
def rows_ahead(rows: Iterator[Row]) -> Iterator[Iterator[Row]]:
    """Rows of an upload are read and checked while those before them are written to the database."""
    with ahead(_pieces(rows), PIECES) as pieces:
        yield chain.from_iterable(pieces)


class _Ended:
    """The last that waits: what ended the pieces, None when there were no more."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


def _read(waiting: "Queue[T | _Ended]") -> Iterator[T]:
    while not isinstance(piece := waiting.get(), _Ended):
        yield piece
    if piece.error is not None:
        raise piece.error


def _fill(pieces: Iterator[T], waiting: "Queue[T | _Ended]", left: threading.Event) -> None:
    try:
        for piece in pieces:
            if left.is_set():
                return
            waiting.put(piece)
        waiting.put(_Ended())
    except Exception as error:
        waiting.put(_Ended(error))


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
