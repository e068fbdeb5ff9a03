"""Rows one behind another are read as padded rows are. Without CUDA torch's own attention stands for its kernel."""

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from scoring import packed
from scoring.attention import Padded
from scoring.packed import Packed, packs

HEADS, SIZE, LENGTHS, WIDTH = 3, 8, np.array([19, 11, 1, 7]), 19


def row_by_row(query, key, value, query_ends, key_ends, longest_query, longest_key, *, scale):
    """What the kernel's documentation says that it computes."""
    assert longest_query == query_ends.diff().max()
    assert longest_key == key_ends.diff().max()
    rows = zip(query_ends[:-1], query_ends[1:], key_ends[:-1], key_ends[1:], strict=True)
    read = [
        scaled_dot_product_attention(
            query[start:end].transpose(0, 1), key[first:last].transpose(0, 1), value[first:last].transpose(0, 1),
            scale=scale,
        )
        for start, end, first, last in rows
    ]  # fmt: skip
    return torch.cat(read, 1).transpose(0, 1)


@pytest.fixture
def kernel(monkeypatch):
    if not torch.cuda.is_available():
        monkeypatch.setattr(packed, "kernel", lambda: row_by_row)
    return ("cuda", torch.float16) if torch.cuda.is_available() else ("cpu", torch.float32)


@pytest.mark.parametrize("wanted", [None, 1, 5])
@torch.inference_mode()
def test_packed_rows_read_what_padded_rows_read(kernel, wanted):
    device, dtype = kernel
    torch.manual_seed(5)
    triple = torch.randn(len(LENGTHS), WIDTH, 3 * HEADS * SIZE, device=device, dtype=dtype)
    mask = torch.arange(WIDTH, device=device) < torch.from_numpy(LENGTHS).to(device)[:, None]
    rows = Packed(LENGTHS, WIDTH, triple.device)
    found = rows.pad(rows.attend(rows.pack(triple), HEADS, wanted), wanted)
    expected = Padded.of(mask, dtype).attend(triple, HEADS, wanted)
    assert found.shape == expected.shape
    asked = mask[:, :wanted]
    tolerance = 1e-5 if dtype == torch.float32 else 2e-3
    torch.testing.assert_close(found[asked], expected[asked], atol=tolerance, rtol=tolerance)
    assert not found[~asked].any()


@pytest.mark.parametrize("wanted", [None, 1, 5])
def test_who_asks_is_packed_alike(wanted):
    states = torch.randn(len(LENGTHS), WIDTH, SIZE)
    rows = Packed(LENGTHS, WIDTH, states.device)
    asking = rows.pad(rows.asking(rows.pack(states), wanted), wanted)
    for row, length in enumerate(LENGTHS):
        kept = min(length, wanted or length)
        assert torch.equal(asking[row, :kept], states[row, :kept])


def test_a_processor_does_not_pack():
    assert not packs("cpu", torch.float32)
