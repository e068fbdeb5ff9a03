"""A second look decides on what the first one suspects, and on nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.special import expit

from benchmarks.tiny_packs import write_tiny_packs
from scoring.detector import PIPELINE_FILE, Detector
from scoring.embedding import Embedder
from scoring.packs import BASE_MODEL_VARIABLE, BASE_WEIGHTS, PackError, load_pack, sha256_of, write_manifest
from scoring.passages import read
from scoring.second_look import MOST_SUSPECTS, SECOND_LOOK, SecondLook, Suspects

HIDDEN = 16
CLEAN = "led a team of engineers in berlin and planned projects"
ABUSE = "what a stupid disgusting moron you are and what an idiot"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny packs, on a tiny base."""
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny_packs(folder)
    return folder


@pytest.fixture(scope="module")
def detector(root: Path) -> Detector:
    """The first look alone."""
    return Detector.load(load_pack(root / "packs" / "toxicity" / "1"))


@pytest.fixture(scope="module")
def second(root: Path) -> SecondLook:
    """Weights without meaning."""
    weights = np.random.default_rng(1).normal(size=1 + HIDDEN)
    return SecondLook(Embedder.load(root / "base"), 0.5, weights, -0.25)


def test_what_is_not_suspected_keeps_the_first_looks_word(detector: Detector, second: SecondLook) -> None:
    document = read(f"{CLEAN}\n{ABUSE}\n{CLEAN} again")
    (first,), (found,) = detector.scores([document]), replace(detector, second=second).scores([document])
    suspected = first >= second.sieve
    assert suspected.any()
    assert not suspected.all()
    assert found[~suspected].tolist() == first[~suspected].tolist()
    assert not np.isclose(found[suspected], first[suspected]).any()


def test_a_suspected_passage_is_judged_by_its_log_odds_and_its_embedding(second: SecondLook) -> None:
    document = read(ABUSE)
    (found,) = second.probabilities(document, "toxicity", np.array([12.0]))
    vector = second.embedder.embed([ABUSE])[0].astype(np.float64)
    assert found == pytest.approx(expit(8.0 * second.weights[0] + vector @ second.weights[1:] - 0.25))


def test_markup_is_not_looked_at(second: SecondLook) -> None:
    texts = [ABUSE, ABUSE.replace("moron", "<b>Moron</b>")]
    found = [second.probabilities(read(text), "toxicity", np.array([2.0]))[0] for text in texts]
    assert found[0] == found[1]


def test_of_a_text_that_is_abuse_from_end_to_end_the_worst_is_looked_at(second: SecondLook) -> None:
    document = read(" ".join([ABUSE] * 200))
    log_odds = np.linspace(1, 2, len(document.passages))
    assert len(log_odds) > MOST_SUSPECTS
    suspects = Suspects.of(document, "toxicity", log_odds, second.sieve)
    assert sorted(suspects.places) == list(range(len(log_odds) - MOST_SUSPECTS, len(log_odds)))
    found = second.probabilities(document, "toxicity", log_odds)
    assert (found[: len(log_odds) - MOST_SUSPECTS] == second.sieve).all()


def test_no_score_depends_on_what_else_is_scored(detector: Detector, second: SecondLook) -> None:
    both = replace(detector, second=second)
    documents = [read(text) for text in (ABUSE, CLEAN, "", f"{ABUSE}\n{CLEAN}")]
    alone = [both.scores([document])[0].tolist() for document in documents]
    assert [scores.tolist() for scores in both.scores(documents)] == alone


def test_a_pack_brings_its_second_look(
    root: Path, detector: Detector, second: SecondLook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BASE_MODEL_VARIABLE, str(root / "base"))
    first = load_pack(root / "packs" / "toxicity" / "1")
    (tmp_path / PIPELINE_FILE).write_bytes(first.path(PIPELINE_FILE).read_bytes())
    base = {"name": "tiny", "sha256": sha256_of(root / "base" / BASE_WEIGHTS)}
    manifest = {**first.manifest, "sieve": second.sieve, "base": base}

    def written(weights: np.ndarray) -> Detector:
        arrays = {"weights": weights.astype(np.float32), "intercept": np.array([second.intercept], np.float32)}
        save_file(arrays, tmp_path / SECOND_LOOK)
        return Detector.load(write_manifest(tmp_path, manifest, (PIPELINE_FILE, SECOND_LOOK)))

    document = read(ABUSE)
    (expected,) = replace(detector, second=second).scores([document])
    assert written(second.weights).scores([document])[0] == pytest.approx(expected, abs=1e-5)
    with pytest.raises(PackError, match="does not fit"):
        written(second.weights[:-1])
    monkeypatch.setenv(BASE_MODEL_VARIABLE, str(tmp_path))
    with pytest.raises(PackError, match="no base weights"):
        written(second.weights)
