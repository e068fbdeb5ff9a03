"""Batches cut by tokens, not by rows: sorted by length, so that a batch pads to little more than its own contents."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from scoring.attention import like_attention
from scoring.inputs import OnBatch
from scoring.lanes import lanes
from scoring.tokens import Tokenizer
from scoring.windows import PairWindow, Window

TOKEN_BUDGETS = {"cpu": 2048, "cuda": 65536}
"""Padded tokens a batch may hold. On a CPU 1,000 to 4,000 are alike; beyond, the C library takes every layer's states
from the kernel anew, and int8 takes twice the time (docs/decisions/numeric-formats.md). CUDA's is not measured."""
LEAST_TOKENS = 256
"""What little there is is not cut smaller than this for the sake of all cores."""
PADDING = 0.05
"""The share of padding that batches of like length have at most, so that there is no batch more than was planned."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows padded to the longest among them: three (rows, tokens) tensors, the mask true on real tokens.

    `rows` are the windows' places, `lengths` their tokens, which the host knows without asking the device.
    """

    rows: NDArray[np.int64]
    lengths: NDArray[np.int64]
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
    lengths = np.array([window.length for window in chosen])
    shape = (len(chosen), int(lengths.max()))
    ids = np.full(shape, tokenizer.pad_id, dtype=np.int64)
    types, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
    for row, window in enumerate(chosen):
        window.lay(ids[row], types[row], tokenizer)
        mask[row, : window.length] = True
    tensors = (torch.from_numpy(array).to(device, non_blocking=True) for array in (ids, types, mask))
    return Batch(rows, lengths, *tensors)


def compute(
    windows: Sequence[Window] | Sequence[PairWindow],
    forward: Callable[[Batch], Tensor],
    tokenizer: Tokenizer,
    device: str,
    on_batch: OnBatch,
) -> Tensor:
    """Run `forward` ((rows, ...) out) over all windows and return its results in the windows' own order, on `device`.

    On a CPU batches are computed side by side (`scoring.lanes`), and `forward` is called by several threads. On an
    accelerator nothing here waits for it: the caller's one copy to the host does. `on_batch` is told of every batch, by
    this thread; when it raises, what waits is not computed.
    """
    lengths = [window.length for window in windows]
    counts = np.asarray(lengths)
    results: list[Tensor] = []

    @torch.inference_mode()
    def work(places: NDArray[np.int64]) -> tuple[Tensor, int]:
        batch = assemble(windows, places, tokenizer, device)
        return forward(batch), batch.input_ids.numel()

    def done(places: NDArray[np.int64], result: tuple[Tensor, int]) -> None:
        results.append(result[0])
        on_batch(int(counts[places].sum()), result[1])

    side_by_side = lanes(device)
    budget = balanced(int(counts.sum()), TOKEN_BUDGETS[device.split(":")[0]], side_by_side.count)
    rows = list(cut(lengths, budget))
    with like_attention(device):
        side_by_side.each(work, rows, done)
    order = torch.from_numpy(np.argsort(np.concatenate(rows))).to(device)
    return torch.cat(results)[order]


def balanced(tokens: int, most: int, lanes: int) -> int:
    """The budget, up to `most`, with which so many tokens make as many batches for each lane: none waits at the end."""
    if lanes == 1:
        return most
    padded = tokens * (1 + PADDING)
    turns = math.ceil(padded / (lanes * most))
    return min(most, max(LEAST_TOKENS, math.ceil(padded / (lanes * turns))))
