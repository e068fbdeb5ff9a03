"""The second stage's model over resumes and jobs: each pair as the pair model alone scores it, each text read once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.tiny_packs import write_tiny_packs
from scoring.inputs import Job, Resume
from scoring.match import Calibration
from scoring.packs import PackError
from scoring.pipeline import Pipeline
from scoring.readable import match_text
from scoring.rerank import Reranker
from scoring.text import job_text

RESUMES = [
    Resume("a", "Java developer, five years with SQL and Python."),
    Resume("b", "Nurse. Mail me at nurse@example.com."),
    Resume("c", "Database engineer.\n" * 60),
]
JOBS = [Job("x", "Java developer", "Java and SQL."), Job("y", "Nurse", "Care of patients.")]
WANTED: Mapping[str, list[str]] = {"a": ["x", "y"], "c": ["x"]}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rerank")
    write_tiny_packs(root)
    return root


@pytest.fixture(scope="module")
def reranker(root: Path) -> Reranker:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_BASE_MODEL", str(root / "base"))
        return Reranker.load(root / "packs", {"pairs": "1"})


def test_only_what_is_wanted_is_scored_as_the_pair_model_does(reranker: Reranker) -> None:
    batches: list[tuple[int, int]] = []
    scores = reranker.score(
        reranker.prepare(RESUMES, JOBS, WANTED), on_batch=lambda tokens, padded: batches.append((tokens, padded))
    )
    assert [(pair.resume_id, pair.job_id) for pair in scores.pairs] == [("a", "x"), ("a", "y"), ("c", "x")]
    texts, postings = [match_text(resume) for resume in RESUMES], [job_text(job) for job in JOBS]
    alone = reranker.model.probabilities(texts, postings, [(0, 0), (0, 1), (2, 0)])
    assert [pair.probability for pair in scores.pairs] == pytest.approx(list(alone), abs=1e-5)
    assert [pair.matched for pair in scores.pairs] == [value >= reranker.model.threshold for value in alone]
    assert (scores.assessments, scores.errors) == ((), ())
    assert sum(tokens for tokens, _ in batches) > 0


def test_a_screening_s_threshold_replaces_the_pack_s(reranker: Reranker) -> None:
    prepared = reranker.prepare(RESUMES, JOBS, WANTED)
    assert all(pair.matched for pair in reranker.score(prepared, 0.0).pairs)
    assert not any(pair.matched for pair in reranker.score(prepared, 1.0).pairs)


def test_both_stages_read_the_same_of_a_pair(reranker: Reranker, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_BASE_MODEL", str(root / "base"))
    versions = dict.fromkeys(("match", "categories", "spam", "toxicity", "skills"), "1")
    first = Pipeline.load(root / "packs", versions).prepare(RESUMES, JOBS)
    hashes = {(pair.resume_id, pair.job_id): pair.input_hash for pair in first.pairs}
    second = reranker.score(reranker.prepare(RESUMES, JOBS, WANTED))
    assert all(hashes[pair.resume_id, pair.job_id] == pair.input_hash for pair in second.pairs)


def test_nothing_wanted_is_nothing_scored(reranker: Reranker) -> None:
    assert reranker.score(reranker.prepare(RESUMES, JOBS, {})).pairs == ()


def test_a_resume_that_cannot_be_read_costs_no_other(reranker: Reranker) -> None:
    broken = Resume("a", RESUMES[0].text, {"skills": ["not", "text"]})  # type: ignore[dict-item]
    scores = reranker.score(reranker.prepare([broken, RESUMES[2]], JOBS, WANTED))
    assert [(pair.resume_id, pair.job_id) for pair in scores.pairs] == [("c", "x")]
    assert [error.resume_id for error in scores.errors] == ["a"]


def test_a_score_that_is_no_number_is_the_resume_s_error(reranker: Reranker) -> None:
    broken = Reranker(replace(reranker.model, calibration=Calibration(float("nan"), 0.0)))
    scores = broken.score(broken.prepare(RESUMES, JOBS, WANTED))
    assert (scores.pairs, sorted(error.resume_id for error in scores.errors)) == ((), ["a", "c"])


def test_a_version_must_be_given(root: Path) -> None:
    with pytest.raises(PackError, match="pairs"):
        Reranker.load(root / "packs", {"match": "1"})
