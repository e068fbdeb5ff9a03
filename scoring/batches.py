"""Batches cut by tokens, not by rows: sorted by length, so that a batch pads to little more than its own contents."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from scoring.inputs import OnBatch
from scoring.tokens import Tokenizer
from scoring.windows import PairWindow, Window

TOKEN_BUDGETS = {"cpu": 2048, "cuda": 65536}
"""Padded tokens a batch may hold. On a CPU 1,000 to 4,000 are alike; beyond, the C library takes every layer's states
from the kernel anew, and int8 takes twice the time (docs/decisions/numeric-formats.md). CUDA's is not measured."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows padded to the longest among them: three (rows, tokens) tensors; `rows` are the windows' places."""

    rows: NDArray[np.int64]
    input_ids: Tensor
    token_type_ids: Tensor
    attention_mask: Tensor


def cut(lengths: Sequence[int], budget: int) -> Iterator[NDArray[np.int64]]:
    """Places of the windows of each batch, longest first; rows times longest stays within `budget` (or is one row)."""
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(order):
        rows = max(1, budget // lengths[order[start]])
        yield order[start : start + rows]
        start += rows


def assemble(
    windows: Sequence[Window | PairWindow], rows: NDArray[np.int64], tokenizer: Tokenizer, device: str = "cpu"
) -> Batch:
    """Lay the windows at `rows` out as one padded batch on `device`."""
    chosen = [windows[row] for row in rows]
    shape = (len(chosen), max(window.length for window in chosen))
    ids = np.full(shape, tokenizer.pad_id, dtype=np.int64)
    types, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
    for row, window in enumerate(chosen):
        window.lay(ids[row], types[row], tokenizer)
        mask[row, : window.length] = True
    tensors = (torch.from_numpy(array).to(device, non_blocking=True) for array in (ids, types, mask))
    return Batch(rows, *tensors)


def compute(
    windows: Sequence[Window] | Sequence[PairWindow],
    forward: Callable[[Batch], Tensor],
    tokenizer: Tokenizer,
    device: str,
    on_batch: OnBatch,
) -> Tensor:
    """Run `forward` ((rows, ...) out) over all windows and return its results in the windows' own order, on `device`.

    Nothing here waits for the device: the caller's one copy to the host does. `on_batch` is told of every batch.
    """
    lengths = [window.length for window in windows]
    counts = np.asarray(lengths)
    rows, results = [], []
    for places in cut(lengths, TOKEN_BUDGETS[device.split(":")[0]]):
        batch = assemble(windows, places, tokenizer, device)
        results.append(forward(batch))
        rows.append(places)
        on_batch(int(counts[places].sum()), batch.input_ids.numel())
    order = torch.from_numpy(np.argsort(np.concatenate(rows))).to(device)
    return torch.cat(results)[order]
