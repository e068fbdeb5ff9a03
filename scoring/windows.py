"""Overlapping windows over a resume's tokens, so that nothing behind the encoder's 512th token is invisible."""

from collections.abc import Iterator
from dataclasses import dataclass

from scoring.tokens import TokenIds


@dataclass(frozen=True, slots=True)
class Window:
    """One row of a batch: [CLS] first [SEP]. `owner` is the place of the text that it is of. The ids are views."""

    owner: int
    first: TokenIds

    @property
    def length(self) -> int:
        """Tokens with the special ones."""
        return len(self.first) + 2


def text_windows(owner: int, ids: TokenIds, max_length: int, stride: int) -> list[Window]:
    """Windows of at most `max_length` tokens over one text; neighbours share `stride` tokens."""
    return [Window(owner, part) for part in _cut(ids, max_length - 2, stride)]


def _cut(ids: TokenIds, room: int, stride: int) -> Iterator[TokenIds]:
    if room <= stride:
        raise ValueError(f"windows of {room} tokens cannot share {stride}")
    yield ids[:room]
    for start in range(room - stride, len(ids) - stride, room - stride):
        yield ids[start : start + room]
