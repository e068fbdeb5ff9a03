"""Batches hold every window once, within the budget, laid out as BERT expects."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tiny_packs import write_tiny_base
from scoring.batches import LEAST_TOKENS, assemble, balanced, compute, cut
from scoring.tokens import Tokenizer
from scoring.windows import Window


@given(st.lists(st.integers(1, 512), min_size=1, max_size=200), st.integers(512, 4096))
def test_every_window_is_in_one_batch_within_the_budget(lengths, budget):
    batches = list(cut(lengths, budget))
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert all(len(rows) * max(lengths[row] for row in rows) <= budget for rows in batches)


def test_windows_are_padded_to_the_longest(tmp_path):
    tokenizer = Tokenizer.load(write_tiny_base(tmp_path / "base"))
    windows = [Window(0, np.array([9, 8, 7], np.int32)), Window(1, np.array([6], np.int32))]
    batch = assemble(windows, np.array([0, 1]), tokenizer)
    cls, sep, pad = tokenizer.cls_id, tokenizer.sep_id, tokenizer.pad_id
    assert batch.input_ids.tolist() == [[cls, 9, 8, 7, sep], [cls, 6, sep, pad, pad]]
    assert not batch.token_type_ids.any()
    assert batch.attention_mask.sum(1).tolist() == [5, 3]


def test_results_come_back_in_the_windows_order_and_every_batch_is_told(tmp_path):
    tokenizer = Tokenizer.load(write_tiny_base(tmp_path / "base"))
    windows = [Window(n, np.full(1 + n * 37 % 500, 5, np.int32)) for n in range(60)]
    told = []
    held = []

    def forward(batch):
        held.append(batch.attention_mask)
        return batch.attention_mask.sum(1)

    results = compute(windows, forward, tokenizer, "cpu", lambda *sizes: told.append(sizes))
    assert torch.equal(results, torch.tensor([window.length for window in windows]))
    assert sorted(told) == sorted((int(mask.sum()), mask.numel()) for mask in held)
    assert len(told) > 1


@given(st.lists(st.integers(1, 512), min_size=1, max_size=200), st.integers(2, 16))
def test_all_lanes_get_something_where_there_is_enough(lengths, lanes):
    budget = balanced(sum(lengths), 2048, lanes)
    assert LEAST_TOKENS <= budget <= 2048
    if sum(lengths) >= 2 * lanes * max(512, LEAST_TOKENS):
        assert len(list(cut(lengths, budget))) >= lanes
