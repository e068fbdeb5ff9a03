"""Windows over tokens, as the encoder reads them: one text in overlapping parts, or two texts beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.tokens import TokenIds, Tokenizer


@dataclass(frozen=True, slots=True)
class Window:
    """One row of a batch: [CLS] first [SEP]. `owner` is the place of the text that it is of. The ids are views."""

    owner: int
    first: TokenIds

    @property
    def length(self) -> int:
        """Tokens with the special ones."""
        return len(self.first) + 2

    def lay(self, ids: NDArray[np.int64], types: NDArray[np.int64], tokenizer: Tokenizer) -> None:
        """Write this window into a row's ids and token types, which are 0 until now."""
        end = len(self.first) + 1
        ids[0], ids[1:end], ids[end] = tokenizer.cls_id, self.first, tokenizer.sep_id


@dataclass(frozen=True, slots=True)
class PairWindow:
    """One row of a batch: [CLS] first [SEP] second [SEP], of token types 0 and 1. `owner` is the place of the pair."""

    owner: int
    first: TokenIds
    second: TokenIds

    @property
    def length(self) -> int:
        """Tokens with the special ones."""
        return len(self.first) + len(self.second) + 3

    def lay(self, ids: NDArray[np.int64], types: NDArray[np.int64], tokenizer: Tokenizer) -> None:
        """Write this window into a row's ids and token types, which are 0 until now."""
        middle, end = len(self.first) + 1, self.length - 1
        ids[0], ids[1:middle], ids[middle] = tokenizer.cls_id, self.first, tokenizer.sep_id
        ids[middle + 1 : end], ids[end] = self.second, tokenizer.sep_id
        types[middle + 1 : self.length] = 1


def text_windows(owner: int, ids: TokenIds, max_length: int, stride: int) -> list[Window]:
    """Windows of at most `max_length` tokens over one text; neighbours share `stride` tokens."""
    return [Window(owner, part) for part in _cut(ids, max_length - 2, stride)]


def pair_windows(owner: int, first: TokenIds, second: TokenIds, max_length: int, stride: int) -> list[PairWindow]:
    """The first text whole beside each part of the second: the tokenizers' truncation `only_second` with a stride.

    Raises ValueError when the first leaves no room beyond the stride.
    """
    room = max_length - len(first) - 3
    parts = [second] if len(second) <= room else _cut(second, room, stride)
    return [PairWindow(owner, first, part) for part in parts]


def pair_window(owner: int, first: TokenIds, second: TokenIds, max_length: int) -> PairWindow:
    """One window; what does not fit is cut off the longer text: the tokenizers' truncation `longest_first`.

    A text of less than half the room stays whole; two longer ones get a half each, the longer one the odd token.
    """
    room = max_length - 3
    shorter, longer = sorted((len(first), len(second)))
    longer = max(shorter, room - shorter) if shorter <= room else shorter
    if shorter + longer > room:
        shorter, longer = room // 2, room // 2 + room % 2
    sizes = (shorter, longer) if len(first) <= len(second) else (longer, shorter)
    return PairWindow(owner, first[: sizes[0]], second[: sizes[1]])


def _cut(ids: TokenIds, room: int, stride: int) -> Iterator[TokenIds]:
    if room <= stride:
        raise ValueError(f"windows of {room} tokens cannot share {stride}")
    yield ids[:room]
    for start in range(room - stride, len(ids) - stride, room - stride):
        yield ids[start : start + room]
