"""Attention over rows that lie one behind another: nothing is computed for padding, and no mask stands in the way.

torch's variable-length attention (torch.nn.attention.varlen) exists for CUDA alone, in 16 bits, from Ampere on.
"""

from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_AMPERE = (8, 0)
_HALVES = (torch.float16, torch.bfloat16)
Places = NDArray[np.int64]


def packs(device: str, dtype: torch.dtype) -> bool:
    """Whether `device` has the kernel for states of `dtype`."""
    return device.startswith("cuda") and dtype in _HALVES and torch.cuda.get_device_capability(device) >= _AMPERE


def kernel() -> Callable[..., Tensor]:
    """Loaded where it runs: to import it takes a second."""
    from torch.nn.attention.varlen import varlen_attn

    return cast(Callable[..., Tensor], varlen_attn)


class Packed:
    """The rows of a batch, padded to `width` tokens, one behind another, each of its own length.

    Where a token lies is worked out on the host, so that nothing here waits for the device.
    """

    def __init__(self, lengths: NDArray[np.int64], width: int, device: torch.device) -> None:
        self._lengths, self._width, self._device = lengths, width, device
        self._ends = self._ends_of(lengths)

    def pack(self, states: Tensor) -> Tensor:
        """(rows, width, hidden) to (tokens, hidden)."""
        return states.flatten(0, 1)[self._places(self._padded_starts(self._width), self._lengths)]

    def pad(self, states: Tensor, wanted: int | None = None) -> Tensor:
        """Packed states of the first `wanted` tokens of each row, all if None, to (rows, tokens, hidden)."""
        width = min(self._width, wanted or self._width)
        padded = states.new_zeros(len(self._lengths) * width, states.shape[1])
        padded[self._places(self._padded_starts(width), self._first(wanted))] = states
        return padded.view(-1, width, states.shape[1])

    def asking(self, states: Tensor, wanted: int | None) -> Tensor:
        """The first `wanted` tokens of each row of packed states, all if None."""
        if wanted is None:
            return states
        return states[self._places(self._lengths.cumsum() - self._lengths, self._first(wanted))]

    def attend(self, triple: Tensor, heads: int, wanted: int | None = None) -> Tensor:
        """What tokens have read, (tokens, hidden), of their queries, keys and values, (tokens, 3 hidden).

        Queries are already divided by the root of a head's size. Only the first `wanted` tokens of a row ask, if given.
        """
        query, key, value = triple.view(len(triple), 3, heads, -1).unbind(1)
        asked = self._first(wanted)
        ends = self._ends if wanted is None else self._ends_of(asked)
        longest = int(asked.max()), int(self._lengths.max())
        return kernel()(self.asking(query, wanted), key, value, ends, self._ends, *longest, scale=1.0).flatten(1)

    def _first(self, wanted: int | None) -> NDArray[np.int64]:
        """How many tokens of each row."""
        return self._lengths if wanted is None else np.minimum(self._lengths, wanted)

    def _padded_starts(self, width: int) -> Places:
        return np.arange(len(self._lengths)) * width

    def _places(self, starts: Places, counts: NDArray[np.int64]) -> Tensor:
        """Of the first `counts` tokens of each row, where rows begin at `starts`."""
        moved = starts - (counts.cumsum() - counts)
        return self._there(np.arange(counts.sum()) + np.repeat(moved, counts))

    def _ends_of(self, counts: NDArray[np.int64]) -> Tensor:
        """Where each row ends and the next begins, (rows + 1,), as the kernel takes it."""
        return self._there(np.concatenate([[0], counts.cumsum()]).astype(np.int32))

    def _there(self, array: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(array).to(self._device, non_blocking=True)
