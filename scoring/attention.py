"""Attention over a padded batch: every token reads the tokens of its own row.

torch's fused attention asks MKL for its products, which on AMD's processors uses half of their width. oneDNN's batched
products use all of it, but torch asks oneDNN for fp32 only where it is told that bf16 would do. Processors without
tiles (AMX) compute such products in fp32 nevertheless: `exact` finds out by trying. docs/decisions/numeric-formats.md
has the figures.
"""

import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

_LOGITS = 2**20
"""Logits computed at a time, 4 MiB: they stay in the processor's cache between the two products."""
_WIDTH = 16
"""Logits of a row are padded to whole vectors. Sums over them are then the same to the last bit whatever length the
batch mates of a row have, which int8 needs: the smallest change may round a number otherwise."""
_PROBED = 1e-4
"""fp32 products of 32 numbers around 1 differ less however they are summed, bf16's more than a hundred times that."""


@dataclass(frozen=True, slots=True)
class Padded:
    """Rows of states side by side, (rows, tokens, hidden), and what no token reads: padding.

    `mask`, (rows, 1, width), is added to logits; before place `first` it is all 0. The width is the next multiple of
    _WIDTH from the tokens on.
    """

    mask: Tensor
    first: int

    @classmethod
    def of(cls, attention_mask: Tensor, dtype: torch.dtype) -> "Padded":
        """From a mask that is true on real tokens, (rows, tokens). Asks the device nothing but on a CPU."""
        rows, tokens = attention_mask.shape
        mask = torch.full((rows, -(-tokens // _WIDTH) * _WIDTH), -torch.inf, dtype=dtype, device=attention_mask.device)
        mask[:, :tokens].masked_fill_(attention_mask, 0)
        first = int(attention_mask.sum(1).min()) if attention_mask.device.type == "cpu" else 0
        return cls(mask[:, None], first)

    def asking(self, states: Tensor, wanted: int | None) -> Tensor:
        """The first `wanted` tokens of each row, all if None."""
        return states[:, :wanted]

    def attend(self, triple: Tensor, heads: int, wanted: int | None = None) -> Tensor:
        """What tokens have read, (rows, tokens, hidden), of their queries, keys and values, (rows, tokens, 3 hidden).

        Queries are already divided by the root of a head's size. Only the first `wanted` tokens ask, if given.
        """
        rows, tokens, _ = triple.shape
        query, key, value = triple.view(rows, tokens, 3, heads, -1).permute(2, 0, 3, 1, 4).unbind()
        query = query[:, :, :wanted]
        if triple.device.type == "cpu" and exact():
            mixed = _by_onednn(query, key, value, self)
        else:
            mask = self.mask[:, None, :, :tokens].to(triple.dtype)
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=1.0)
        return mixed.transpose(1, 2).reshape(rows, query.shape[2], -1)


def _by_onednn(query: Tensor, key: Tensor, value: Tensor, unread: Padded) -> Tensor:
    """Heads of all rows as one batch of products, some at a time; all are (rows, heads, tokens, head)."""
    rows, heads, asking, size = query.shape
    width, first = unread.mask.shape[2], unread.first
    missing = (0, 0, 0, width - key.shape[2])
    queries, keys, values = (
        part.reshape(rows * heads, -1, size)
        for part in (query, functional.pad(key, missing), functional.pad(value, missing))
    )
    keys = keys.transpose(1, 2)
    mask = unread.mask[:, :, first:].repeat_interleave(heads, 0)
    mixed = torch.empty_like(queries)
    together = max(1, _LOGITS // (asking * width))
    kept = queries.new_empty(min(together, len(queries)), asking, width)
    with _asking:
        for start in range(0, len(queries), together):
            some = slice(start, min(start + together, len(queries)))
            logits = torch.bmm(queries[some], keys[some], out=kept[: some.stop - start])
            if first < width:
                logits[:, :, first:] += mask[some]
            torch.bmm(torch.softmax(logits, -1, out=logits), values[some], out=mixed[some])
    return mixed.view(rows, heads, asking, size)


@cache
def exact() -> bool:
    """Whether oneDNN's batched products are fp32 here when it is asked to be quick, and use the widest vectors."""
    if not (torch._C._has_mkldnn and torch.cpu.get_capabilities().get("avx512_f")):
        return False
    drawn = torch.Generator().manual_seed(1)
    first, second = torch.randn(2, 2, 64, 32, generator=drawn)
    with _asking:
        found = torch.bmm(first, second.transpose(1, 2))
    return bool((found.double() - torch.bmm(first.double(), second.transpose(1, 2).double())).abs().max() < _PROBED)


class _Asking:
    """While any thread is inside, torch asks oneDNN for batched products of fp32: the setting is the process's."""

    def __init__(self) -> None:
        self._inside, self._changing = 0, threading.Lock()

    def __enter__(self) -> None:
        with self._changing:
            self._inside += 1
            self._set("bf16")

    def __exit__(self, *_: object) -> None:
        with self._changing:
            self._inside -= 1
            if not self._inside:
                self._set("none")

    @staticmethod
    def _set(precision: str) -> None:
        torch.backends.mkldnn.matmul.fp32_precision = precision  # type: ignore[attr-defined]  # torch's types lack it


_asking = _Asking()


def like_attention(device: str) -> AbstractContextManager[object]:
    """While inside, every product here is computed as those of attention are.

    Else a product in one thread would depend, in its last bit, on whether another thread is at attention just then.
    """
    return _asking if device == "cpu" and exact() else nullcontext()
