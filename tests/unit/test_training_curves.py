"""A run's curves become one picture, for a binary model, for one of many labels, and for a run that logged nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from training.curves import LOG, Predictions, draw, read_log

RANDOM = np.random.default_rng(1)
TRUTH = RANDOM.random((60, 3)) < 0.4
SCORES = np.clip(0.6 * TRUTH + 0.4 * RANDOM.random((60, 3)), 0, 1)


@pytest.mark.parametrize(
    "predictions",
    [
        Predictions(("A", "B", "C"), TRUTH, SCORES, np.full(3, 0.5)),
        Predictions.binary("match", TRUTH[:, 0], SCORES[:, 0], 0.5),
        Predictions.binary("match", np.zeros(3), np.array([0.1, 0.2, 0.3]), 0.5),
    ],
)
def test_a_run_is_drawn(tmp_path: Path, predictions: Predictions) -> None:
    entries = [{"step": 1, "loss": 0.7}, {"step": 2, "loss": 0.5, "score": 0.6}, {"step": 3, "score": None}]
    (tmp_path / LOG).write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    draw(tmp_path / "run" / "curves.png", predictions, read_log(tmp_path))
    picture = imread(tmp_path / "run" / "curves.png")
    assert picture.shape[:2] == (900, 1200)
    assert picture[..., :3].std() > 0.05


def test_a_run_without_a_log_is_drawn_too(tmp_path: Path) -> None:
    draw(tmp_path / "curves.png", Predictions(("A",), TRUTH[:, :1], SCORES[:, :1], np.array([0.5])), read_log(tmp_path))
    assert (tmp_path / "curves.png").stat().st_size > 0
