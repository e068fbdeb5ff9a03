"""The match recipe on a small invented grid: exact, blind to what it may not see, and written as it was learned."""

import json

import numpy as np
import pytest

from benchmarks.tiny_packs import write_tiny_base
from scoring.bags import Bags
from scoring.match import MatchModel
from scoring.packs import load_pack
from training import match, match_texts
from training.data import Matches
from training.grid import Grid, Setting, fit
from training.match_fit import Groups, inner_sides, train
from training.match_folds import SPLITS, tasks
from training.splits import alike

RESUMES, JOBS = 30, 8


def _side(random, texts):
    counts = 1 + np.arange(texts) % 3
    vectors = random.normal(size=(counts.sum(), 6)).astype(np.float32)
    return Bags(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), counts)


@pytest.fixture
def sides():
    random = np.random.default_rng(7)
    texts = [f"resume{n} of{n} its{n} own{n}" for n in range(RESUMES)], [f"job{n}" for n in range(JOBS)]
    return match_texts.Sides(*texts, _side(random, RESUMES), _side(random, JOBS), 1.0)


@pytest.fixture
def grid(sides):
    scores = 0.6 + np.random.default_rng(8).normal(size=(RESUMES, JOBS)) * 0.1
    scores[3, 2] = np.nan
    return Grid.of(sides.resumes, sides.jobs, scores)


@pytest.fixture
def groups(sides):
    return Groups(sides.resume_texts, sides.job_texts)


def test_the_fit_is_that_of_the_cells_that_are_there(grid):
    found = fit(grid, np.random.default_rng(9).random((RESUMES, JOBS)) < 0.8, Setting(1.0, 0.0))
    seen = (np.random.default_rng(9).random((RESUMES, JOBS)) < 0.8) & ~np.isnan(grid.scores)
    rows, columns = np.nonzero(seen)
    near, asked = 1 + np.exp(-grid.resumes / found.resume_width), 1 + np.exp(-grid.jobs / found.job_width)
    kernel = near[np.ix_(rows, rows)] * asked[np.ix_(columns, columns)]
    weights = np.linalg.solve(kernel + np.eye(len(rows)), grid.scores[seen] - found.mean)
    expected = found.mean + (near[:, rows] * asked[5, columns]) @ weights
    assert found.scores(grid)[:, 5] == pytest.approx(expected, abs=2e-3)


def test_what_may_not_be_seen_changes_nothing(grid, groups):
    seen = np.ones((RESUMES, JOBS), dtype=bool)
    seen[:5], seen[:, :2] = False, False
    other = Grid(grid.resumes, grid.jobs, grid.cosines, np.where(seen, grid.scores, 0.1))
    first, second = train(grid, seen, groups), train(other, seen, groups)
    assert first.calibration == second.calibration
    assert np.array_equal(first.probabilities(grid), second.probabilities(other))
    assert not any((held & ~seen).any() for held in inner_sides(seen, groups))


@pytest.mark.parametrize("split", SPLITS)
def test_folds_hide_what_they_test(sides, grid, split):
    rows, columns = np.nonzero(~np.isnan(grid.scores))
    matches = Matches([], [], rows, columns, grid.scores[rows, columns], "")
    found = list(tasks(matches, sides, split))
    assert not any((task.seen & task.test).any() for task in found)
    for task in found:
        tested, known = np.nonzero(task.test), np.nonzero(task.seen)
        if split in ("unseen resumes", "both unseen"):
            assert not set(tested[0]) & set(known[0])
        if split in ("unseen jobs", "both unseen"):
            assert not set(tested[1]) & set(known[1])
    if split != "both unseen":
        assert (np.sum([task.test for task in found], axis=0) == ~np.isnan(grid.scores)).all()


def test_texts_that_share_half_their_words_are_one_group():
    keys = alike(["a b c d", "x y z", "b c d e", "d e f b"])
    assert len(set(keys)) == 2
    assert keys[0] == keys[2] == keys[3]


def test_the_pack_scores_as_the_recipe_did(tmp_path, monkeypatch, sides, grid):
    monkeypatch.setenv("WINNOW_BASE_MODEL", str(write_tiny_base(tmp_path / "base")))
    monkeypatch.setattr(match, "LAYERS", 2)
    resumes, jobs = (
        Bags(bags.vectors.astype(np.float16).astype(np.float32), bags.counts) for bags in (sides.resumes, sides.jobs)
    )
    sides = match_texts.Sides(sides.resume_texts, sides.job_texts, resumes, jobs, 1.0)
    rows, columns = np.nonzero(~np.isnan(grid.scores))
    matches = Matches([], [], rows, columns, grid.scores[rows, columns], "0" * 64)
    monkeypatch.setattr(match, "match_sides", lambda *_: np.where(rows < 6, "test", "train"))
    match.build_pack(matches, sides, tmp_path / "run", tmp_path / "match" / "2")
    model, seen = MatchModel.load(load_pack(tmp_path / "match" / "2")), np.zeros((RESUMES, JOBS), dtype=bool)
    seen[rows[rows >= 6], columns[rows >= 6]] = True
    trained = train(sides.grid(matches), seen, sides.groups())
    ours = model.probabilities(sides.resumes, sides.jobs)
    assert ours == pytest.approx(trained.probabilities(sides.grid(matches)), abs=1e-3)
    entries = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in entries] == [0, 1, 2, 3]
    assert (tmp_path / "run" / "curves.png").stat().st_size > 1000
