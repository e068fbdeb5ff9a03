"""Lines of a seekable CSV file, counted, and able to go back to the beginning of a record."""

from dataclasses import dataclass
from typing import BinaryIO

from api.records import LONGEST_ROW


class OverlongError(Exception):
    """A record grew beyond LONGEST_ROW."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The beginning of a line."""

    offset: int
    line: int


class Lines:
    """Iterates over lines as the csv module wants them. `not_utf8` tells of the lines since the last mark."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._begun = self._offset = stream.tell()
        self._line = 1
        self.not_utf8 = False

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._read()
        if not line:
            raise StopIteration
        if self._offset - self._begun > LONGEST_ROW:
            raise OverlongError
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.not_utf8 = True
            return line.decode(errors="surrogateescape")

    def mark(self) -> Mark:
        """Here, where a record begins."""
        self._begun, self.not_utf8 = self._offset, False
        return Mark(self._offset, self._line)

    def go(self, mark: Mark) -> None:
        """To a mark, back or on."""
        self._stream.seek(mark.offset)
        self._offset, self._line = mark.offset, mark.line
        self.mark()

    def skip(self) -> None:
        """Over one line of any length."""
        while (piece := self._read()) and not piece.endswith(b"\n"):
            pass

    def skip_record(self, delimiter: str) -> bool:
        """Over one record of any length, by its quotes alone; False, somewhere in it, where they do not match."""
        quoted, ends = False, (b"", b"\r", b"\n", delimiter.encode())
        while piece := self._read():
            if piece.endswith(b'"'):
                piece += self._read(1)  # what follows a quote tells what it means
            quoted_or_broken = _quoted_after(piece, quoted, ends)
            if quoted_or_broken is None:
                return False
            quoted = quoted_or_broken
            if not quoted and piece.endswith(b"\n"):
                return True
        return not quoted

    def _read(self, longest: int = LONGEST_ROW + 1) -> bytes:
        line = self._stream.readline(longest)
        self._offset += len(line)
        self._line += line.endswith(b"\n")
        return line


def _quoted_after(piece: bytes, quoted: bool, ends: tuple[bytes, ...]) -> bool | None:
    """Whether a quoted field is open after a piece of a record, or None where a quote stands in the wrong place."""
    at = piece.find(b'"')
    while at >= 0:
        following = piece[at + 1 : at + 2]
        if not quoted:
            quoted = at == 0 or piece[at - 1 : at] in ends
        elif following == b'"':
            at += 1
        elif following in ends:
            quoted = False
        else:
            return None
        at = piece.find(b'"', at + 1)
    return quoted
