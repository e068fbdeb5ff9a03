"""Attention by oneDNN's products is torch's own, however it is cut, and leaves torch's settings as they were."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from scoring import attention
from scoring.attention import Padded

HEADS, SIZE = 3, 8


@pytest.fixture
def inputs():
    torch.manual_seed(5)
    mask = torch.ones(4, 19, dtype=torch.bool)
    mask[1, 11:] = mask[3, 7:] = False
    return torch.randn(4, 19, 3 * HEADS * SIZE), Padded.of(mask, torch.float32), mask


def _both(monkeypatch, rows, *arguments):
    found = []
    for exact in (True, False):
        monkeypatch.setattr(attention, "exact", lambda exact=exact: exact)
        found.append(rows.attend(*arguments))
    return found


@pytest.mark.parametrize("logits", [1, 5 * 19 * 19, 2**20])
@pytest.mark.parametrize("wanted", [None, 1])
def test_both_ways_give_the_same(monkeypatch, inputs, logits, wanted):
    """Head by head, in parts that end within a row, and all at once."""
    monkeypatch.setattr(attention, "_LOGITS", logits)
    triple, rows, mask = inputs
    ours, torchs = _both(monkeypatch, rows, triple, HEADS, wanted)
    asked = mask[:, :wanted]
    torch.testing.assert_close(ours[asked], torchs[asked], atol=1e-5, rtol=1e-5)


def test_padding_is_not_read(monkeypatch, inputs):
    triple, rows, mask = inputs
    other = torch.where(mask[:, :, None], triple, torch.randn_like(triple))
    for before, after in zip(*(_both(monkeypatch, rows, some, HEADS) for some in (triple, other)), strict=True):
        torch.testing.assert_close(before[mask], after[mask], atol=1e-6, rtol=0)


def test_threads_leave_the_setting_as_it_was(monkeypatch, inputs):
    monkeypatch.setattr(attention, "exact", lambda: True)
    triple, rows, _ = inputs
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: rows.attend(triple, HEADS), range(40)))
    assert torch.backends.mkldnn.matmul.fp32_precision == "none"  # type: ignore[attr-defined]  # torch's types lack it
