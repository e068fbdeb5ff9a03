"""Bags of windows, and the regression over them: no score depends on its neighbours, and far texts keep an order."""

from dataclasses import replace

import numpy as np
import pytest

from scoring.bags import Bags, cosines, distances
from scoring.match import BLOCK, Nearness, Regression


def _bags(random, counts):
    vectors = random.normal(size=(sum(counts), 8)).astype(np.float32)
    return Bags(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.array(counts))


@pytest.fixture
def regression():
    random = np.random.default_rng(3)
    return Regression(
        _bags(random, [1, 3, 2]), _bags(random, [2, 1]), random.normal(size=(3, 2)), Nearness(1.0, 0.5),
        Nearness(0.5, 1.0), slope=0.4, mean=0.5,
    )  # fmt: skip


def test_a_slice_of_bags_holds_its_own_windows():
    bags = _bags(np.random.default_rng(1), [2, 1, 4])
    assert np.array_equal(bags[1:].vectors, bags.vectors[2:])
    assert bags[1:].counts.tolist() == [1, 4]
    assert len(bags[3:]) == 0


def test_distances_are_those_of_the_windows_pair_by_pair():
    random = np.random.default_rng(2)
    first, second = _bags(random, [2, 3]), _bags(random, [1, 2])

    def mean(one, other):
        return np.mean([np.exp(-np.sum((u - v) ** 2)) for u in one for v in other])

    own, other = first[1:2].vectors, second[1:2].vectors
    expected = mean(own, own) + mean(other, other) - 2 * mean(own, other)
    assert distances(first, second, 1.0)[1, 1] == pytest.approx(expected, abs=1e-5)
    assert distances(first, first, 1.0).diagonal() == pytest.approx([0, 0], abs=1e-6)


def test_a_score_is_the_same_alone_and_among_many(regression):
    random = np.random.default_rng(4)
    resumes, jobs = _bags(random, [1 + n % 5 for n in range(BLOCK + 40)]), _bags(random, [1, 3])
    together = regression.scores(resumes, jobs)
    assert together.shape == (BLOCK + 40, 2)
    for place in (0, BLOCK - 1, BLOCK, BLOCK + 39):
        alone = regression.scores(resumes[place : place + 1], jobs[1:])
        assert alone[0, 0] == pytest.approx(together[place, 1], abs=1e-6)


def test_far_from_all_known_texts_the_cosine_orders(regression):
    random = np.random.default_rng(5)
    resumes, jobs = _bags(random, [1] * 30), _bags(random, [1])
    narrow = {side: Nearness(getattr(regression, side).sharpness, 1e-3) for side in ("resume_nearness", "job_nearness")}
    far = replace(regression, **narrow, slope=0.4, mean=0.5)
    assert np.argsort(far.scores(resumes, jobs)[:, 0]).tolist() == np.argsort(cosines(resumes, jobs)[:, 0]).tolist()
