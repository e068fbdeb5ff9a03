"""Overlapping windows over a resume's tokens, so that nothing behind the encoder's 512th token is invisible."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from scoring.tokens import TokenIds

_EMPTY = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Window:
    """One row of a batch: [CLS] first [SEP], and second [SEP] where there is a second segment.

    `owner` is the place of the pair or resume that the window belongs to. The ids are views, not copies.
    """

    owner: int
    first: TokenIds
    second: TokenIds = field(default_factory=lambda: _EMPTY)

    @property
    def length(self) -> int:
        """Tokens with the special ones."""
        return len(self.first) + 2 + (len(self.second) + 1 if len(self.second) else 0)


def text_windows(owner: int, ids: TokenIds, max_length: int, stride: int) -> list[Window]:
    """Windows of at most `max_length` tokens over one text; neighbours share `stride` tokens."""
    return [Window(owner, part) for part in _cut(ids, max_length - 2, stride)]


def pair_windows(
    owner: int, job: TokenIds, resume: TokenIds, max_length: int, stride: int, job_limit: int
) -> list[Window]:
    """Windows of one pair, the job first: what `only_second` truncation with a stride gives.

    The job is cut at `job_limit` tokens, so that every window has room for the resume.
    """
    job = job[:job_limit]
    return [Window(owner, job, part) for part in _cut(resume, max_length - 3 - len(job), stride)]


def _cut(ids: TokenIds, room: int, stride: int) -> Iterator[TokenIds]:
    if room <= stride:
        raise ValueError(f"windows of {room} tokens cannot share {stride}")
    yield ids[:room]
    for start in range(room - stride, len(ids) - stride, room - stride):
        yield ids[start : start + room]
