"""Figures of merit on cases whose answer is known."""

import numpy as np
import pytest

from training.metrics import (
    best_f1_threshold,
    binary_metrics,
    calibration_error,
    fit_temperature,
    label_metrics,
    ranking_metrics,
)  # fmt: skip


def test_a_perfect_ranking():
    scores, truth = np.array([0.9, 0.8, 0.2, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])
    metrics = binary_metrics(scores, truth, 0.5)
    assert metrics["auc"] == metrics["accuracy"] == metrics["f1"] == 1
    assert metrics["majority_accuracy"] == 0.5


def test_a_ranking_inside_jobs_knows_nothing_of_the_jobs_own_level():
    truth = np.array([1.0, 0.0, 1.0, 0.0])
    job, scores = np.array([0, 0, 1, 1]), np.array([0.2, 0.1, 0.9, 0.8])
    assert ranking_metrics(scores, truth, truth, job)["auc_in_job"] == 1
    assert binary_metrics(scores, truth, 0.5)["auc"] == 0.75


def test_scores_that_are_all_alike_tell_no_order():
    truth = np.array([1.0, 0.0, 1.0, 0.0])
    assert ranking_metrics(np.full(4, 0.5), truth, truth, np.zeros(4))["spearman_in_job"] == 0


def test_calibration_error_of_an_overconfident_score():
    truth = np.tile([1.0, 0.0], 500)
    assert calibration_error(np.full(1000, 0.5), truth) == pytest.approx(0, abs=1e-9)
    assert calibration_error(np.full(1000, 0.9), truth) == pytest.approx(0.4)


def test_temperature_undoes_a_scale():
    random = np.random.default_rng(1)
    logits = random.normal(size=20_000) * 2
    truth = (random.random(20_000) < 1 / (1 + np.exp(-logits))).astype(float)
    assert fit_temperature(logits * 3, truth) == pytest.approx(3, rel=0.05)


def test_the_best_threshold_lies_between_the_classes():
    assert 0.3 < best_f1_threshold(np.array([0.1, 0.3, 0.7, 0.8]), np.array([0, 0, 1, 1])) <= 0.7


def test_labels_are_decided_by_their_own_thresholds():
    scores, truth = np.array([[0.4, 0.4], [0.1, 0.1]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    metrics = label_metrics(scores, truth, np.array([0.3, 0.5]), ("a", "b"))
    assert metrics["micro_f1"] == metrics["subset_accuracy"] == 1
    assert metrics["per_label"]["a"]["support"] == 1
