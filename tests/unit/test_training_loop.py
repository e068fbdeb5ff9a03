"""A run that was cut off goes on where it stopped and ends with the same weights."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from training.loop import Run, Schedule, trainable


class Cut(Exception):
    pass


def _train(directory, cut_at=None):
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    schedule = Schedule(epochs=2, learning_rate=0.1, weight_decay=0.0, warmup=0.1, seed=1)
    run = Run(directory, trainable([("model", model)]), schedule, total=8)
    data = torch.randn(4, 3, generator=torch.Generator().manual_seed(3))

    def loss(row):
        if run.step == cut_at:
            raise Cut
        return (model(data[row]) - data[row].sum()).square().mean()

    def validate():
        return float(-model.weight.detach().sub(1).abs().sum()), {}

    run.train(lambda epoch: list(np.random.default_rng(epoch).permutation(4)), loss, validate)
    return model.weight.detach().clone()


@pytest.mark.parametrize("cut_at", [1, 4, 6])
def test_a_resumed_run_ends_as_an_uninterrupted_one(tmp_path, cut_at):
    whole = _train(tmp_path / "whole")
    with pytest.raises(Cut):
        _train(tmp_path / "cut", cut_at)
    torch.testing.assert_close(_train(tmp_path / "cut"), whole)


def test_every_epoch_is_logged(tmp_path):
    _train(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [0, 1]
    assert all({"loss", "score", "seconds"} <= line.keys() for line in lines)


def test_every_cycle_peaks_at_half_the_rate_before(tmp_path):
    model, rates = nn.Linear(1, 1), []
    schedule = Schedule(epochs=2, learning_rate=0.1, weight_decay=0.0, warmup=0.1, seed=1, cycles=2)
    run = Run(tmp_path, trainable([("model", model)]), schedule, total=20)

    def loss(_):
        rates.append(run.optimizer.param_groups[0]["lr"])
        return model(torch.ones(1, 1)).square().mean()

    run.train(lambda _: [np.zeros(1)] * 10, loss, lambda: (0.0, {}))
    assert max(rates[:10]) == pytest.approx(0.1)
    assert max(rates[10:]) == pytest.approx(0.05)
    assert rates[9] < 0.02
