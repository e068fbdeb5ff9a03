"""A text with some of its pieces replaced, and the way back to where each character came from."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` stands in place of the original's characters from `start` up to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)  # no slots, as `_starts` is kept: a hostile text has many edits and many spans to lead back
class Edited:
    """What the edits, in order and none over another, made of an original."""

    text: str
    edits: tuple[Edit, ...]

    @classmethod
    def of(cls, original: str, edits: Sequence[Edit]) -> "Edited":
        """Apply the edits."""
        parts: list[str] = []
        position = 0
        for edit in edits:
            parts += (original[position : edit.start], edit.text)
            position = edit.end
        return cls("".join((*parts, original[position:])), tuple(edits))

    def original(self, offset: int) -> int:
        """The original's offset of a character; inside a replacement, where what it replaced began."""
        return self._between(offset)[0]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's `[start, end)` of some characters; a replacement that is touched counts as a whole."""
        return self.original(start), self._between(end - 1)[1]

    def _between(self, offset: int) -> tuple[int, int]:
        """The original's characters that one of the edited text stands for."""
        starts = self._starts
        index = bisect_right(starts, offset) - 1
        if index < 0:
            return offset, offset + 1
        edit = self.edits[index]
        past = offset - starts[index] - len(edit.text)
        return (edit.start, edit.end) if past < 0 else (edit.end + past, edit.end + past + 1)

    @cached_property
    def _starts(self) -> list[int]:
        """Where each replacement begins in the edited text."""
        starts: list[int] = []
        grown = 0
        for edit in self.edits:
            starts.append(edit.start + grown)
            grown += len(edit.text) - (edit.end - edit.start)
        return starts
