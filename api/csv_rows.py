"""Rows of a CSV file (RFC 4180), read so that a broken row costs no other.

The csv module reads good rows. Where it stumbles, or finds another number of columns than the header has, the rows
that an unclosed quote swallowed are looked for: reading goes on at the first later line that begins a good row.
"""

import csv
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from api.csv_lines import Lines, Mark, OverlongError
from api.records import LONGEST_ROW, NOT_UTF8, TOO_LONG, BadRecord, Record, invalid_file, skip_byte_order_mark

DELIMITERS = ",;\t"
FURTHEST = 10_000
"""Lines of a broken row that are tried as the beginning of the next good one."""
BROKEN = (
    "The row's quotes do not match. Put quotes around a cell that holds commas, quotes or line ends, "
    "and write each quote inside it twice."
)

csv.field_size_limit(LONGEST_ROW)


class CsvFile:
    """A CSV file with a header. Raises Problem when it is empty or its header cannot be read."""

    def __init__(self, stream: BinaryIO) -> None:
        skip_byte_order_mark(stream)
        self._lines = Lines(stream)
        self._delimiter = self._guess_delimiter()
        self._reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        self.header = self._read_header()

    def rows(self, columns: Sequence[str]) -> Iterator[Record | BadRecord]:
        """Rows under other names for the header's columns; blank lines are passed over."""
        number = 0
        while True:
            start = self._lines.mark()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, OverlongError) as error:
                number += 1
                yield self._broken(number, start, error)
                continue
            if cells:
                number += 1
                yield self._row(number, start, columns, cells)

    def _row(self, number: int, start: Mark, columns: Sequence[str], cells: list[str]) -> Record | BadRecord:
        source = f"line {start.line}"
        if self._lines.not_utf8:
            return BadRecord(number, source, "not_utf8", NOT_UTF8)
        if len(cells) != len(columns):
            self._uncover(start)
            reason = f"The row has {len(cells)} columns, the header {len(columns)}. Check its commas and quotes."
            return BadRecord(number, source, "wrong_columns", reason)
        return Record(number, source, dict(zip(columns, cells, strict=True)))

    def _broken(self, number: int, start: Mark, error: Exception) -> BadRecord:
        """The row that begins at `start`; leaves the lines where reading can go on."""
        source = f"line {start.line}"
        if isinstance(error, OverlongError):
            self._lines.go(start)
            if self._lines.skip_record(self._delimiter):
                return BadRecord(number, source, "too_long", TOO_LONG)
        self._find_good_row(start, self._lines.mark())
        return BadRecord(number, source, "broken_row", BROKEN)

    def _find_good_row(self, start: Mark, end: Mark) -> None:
        """Go to the first line after `start` that begins a good row, or to `end` where there is none before."""
        self._lines.go(start)
        for _ in range(FURTHEST):
            self._lines.skip()
            here = self._lines.mark()
            if here.offset >= end.offset:
                break
            good = self._is_good()
            self._lines.go(here)
            if good:
                return
        self._lines.go(end)

    def _uncover(self, start: Mark) -> None:
        """Where all lines of a miscounted row but its first make good rows, its quote swallowed them: go back there."""
        end = self._lines.mark()
        self._lines.go(start)
        self._lines.skip()
        second = here = self._lines.mark()
        while here.offset < end.offset and self._is_good():
            here = self._lines.mark()
        self._lines.go(second if here.offset == end.offset else end)

    def _is_good(self) -> bool:
        """Whether the next row can be read and has the header's number of columns."""
        try:
            return len(next(self._reader)) == len(self.header)
        except (StopIteration, csv.Error, OverlongError):
            return False

    def _guess_delimiter(self) -> str:
        start = self._lines.mark()
        try:
            first = next(self._lines, "")
        except OverlongError as error:
            raise invalid_file("invalid_header", "The first line is too long for a header of column names.") from error
        self._lines.go(start)
        return max(DELIMITERS, key=first.count)

    def _read_header(self) -> list[str]:
        self._lines.mark()
        try:
            header = next(cells for cells in self._reader if cells)
        except (StopIteration, csv.Error, OverlongError) as error:
            raise invalid_file("invalid_header", "The first row must hold the names of the columns.") from error
        if self._lines.not_utf8:
            raise invalid_file("not_utf8", "The header is not UTF-8. Save the file as UTF-8 and send it again.")
        return header
