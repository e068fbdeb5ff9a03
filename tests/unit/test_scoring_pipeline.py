"""The pipeline on tiny packs: every pair scored once, alike in any company, and one bad resume costs no other."""

import dataclasses

import pytest

from benchmarks.tiny_packs import LABELS, VERSIONS, write_tiny_packs
from scoring.explanation.explainer import Explainer
from scoring.explanation.moving import moving_passages
from scoring.explanation.values import MustHaves
from scoring.inputs import Job, Resume
from scoring.packs import PackError
from scoring.pipeline import Pipeline
from scoring.readable import read_resume
from scoring.skills.matcher import SkillMatcher

JOBS = (
    Job("engineer", "Java engineer", education="B.Sc", skills="java, sql"),
    Job("manager", "Project manager", "a manager of a team " * 40),
)
RESUMES = tuple(
    Resume(str(number), f"java developer {number} and manager of a team " * (1 + 7 * number)) for number in range(12)
)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    root = tmp_path_factory.mktemp("packs")
    write_tiny_packs(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_BASE_MODEL", str(root / "base"))
        yield Pipeline.load(root / "packs", VERSIONS)


def _score(pipeline, resumes, jobs=JOBS, **options):
    return pipeline.score(pipeline.prepare(resumes, jobs), **options)


def test_every_pair_and_every_resume_is_scored_once(pipeline):
    scores = _score(pipeline, RESUMES)
    assert {(pair.resume_id, pair.job_id) for pair in scores.pairs} == {(r.id, j.id) for r in RESUMES for j in JOBS}
    assert [assessment.resume_id for assessment in scores.assessments] == [resume.id for resume in RESUMES]
    assert all([score.label for score in one.categories] == list(LABELS) for one in scores.assessments)
    assert all(0 <= pair.probability <= 1 and pair.windows >= 1 for pair in scores.pairs)
    assert not scores.errors


def test_a_score_does_not_depend_on_its_batch_mates(pipeline):
    together = _score(pipeline, RESUMES)
    for place, resume in enumerate(RESUMES):
        alone = _score(pipeline, [resume])
        pairs = together.pairs[2 * place : 2 * place + 2]
        for one, other in zip(alone.pairs, pairs, strict=True):
            assert dataclasses.replace(one, probability=0.0) == dataclasses.replace(other, probability=0.0)
            assert one.probability == pytest.approx(other.probability, abs=1e-4)
        for first, second in zip(alone.assessments[0].categories, together.assessments[place].categories, strict=True):
            assert first.probability == pytest.approx(second.probability, abs=1e-4)


def test_jobs_are_encoded_with_the_first_resumes_alone(pipeline):
    def score(jobs):
        tokens = []
        scores = _score(fresh, RESUMES, jobs, on_batch=lambda real, _: tokens.append(real))
        return sum(tokens), {(pair.resume_id, pair.job_id): pair.probability for pair in scores.pairs}

    fresh = dataclasses.replace(pipeline)
    (first, once), (second, again), (other, turned) = map(score, (JOBS, JOBS, JOBS[::-1]))
    assert other == first > second > 0
    assert again == pytest.approx(once, abs=1e-6)
    assert turned == pytest.approx(once, abs=1e-6)


def test_what_stands_at_the_end_of_a_long_resume_is_read(pipeline):
    body = "the team and the database of the years " * 200
    plain, titled = (_score(pipeline, [Resume("1", body + end)]) for end in ("team", "java python developer engineer"))
    assert plain.pairs[0].windows > 20
    assert plain.pairs[0].probability != titled.pairs[0].probability
    assert plain.assessments[0].categories != titled.assessments[0].categories
    assert plain.assessments[0].input_hash != titled.assessments[0].input_hash


def test_no_explanation_changes_a_score(pipeline):
    wanted = MustHaves(("Cobol",), 40, "doctorate")
    wishful = [dataclasses.replace(job, weights={"title": 9.0}, must_haves=wanted) for job in JOBS]
    blind = dataclasses.replace(pipeline, explainer=Explainer(SkillMatcher([])))
    plain = _score(pipeline, RESUMES).pairs
    for other in (_score(pipeline, RESUMES, wishful).pairs, _score(blind, RESUMES).pairs):
        assert any(one.explanation != two.explanation for one, two in zip(plain, other, strict=True))
        assert [(one.probability, one.matched, one.input_hash) for one in plain] == [
            (one.probability, one.matched, one.input_hash) for one in other
        ]


@pytest.mark.parametrize("fields", [{}, {"skills": "java, sql, python, database of the team, manager of a team, " * 2}])
def test_passages_are_told_by_what_the_score_is_without_them(pipeline, fields):
    resume = Resume(
        "1", "Java developer\nled a team of managers in the years\n" + "the database of a team\n" * 3, fields
    )
    found = moving_passages(pipeline, read_resume(resume), JOBS[0], 2)
    (pair,) = _score(pipeline, [resume], JOBS[:1]).pairs
    assert found.probability == pytest.approx(pair.probability, abs=1e-4)
    assert found.raised or found.lowered
    for moved in (*found.raised, *found.lowered):
        assert (moved.start is None) == bool(fields)
        assert moved.start is None or resume.text[moved.start : moved.end] == moved.quote
        if not fields:
            without = Resume("1", resume.text.replace(moved.quote, "", 1))
            (rest,) = _score(pipeline, [without], JOBS[:1]).pairs
            assert pair.probability - rest.probability == pytest.approx(moved.change, abs=1e-4)


def test_a_resume_without_text_is_an_error_of_its_own(pipeline):
    scores = _score(pipeline, [Resume("empty", " \n\x00 "), RESUMES[0], Resume("tags", '<span class="hl"></span>')])
    assert [(error.resume_id, error.reason) for error in scores.errors] == [
        ("empty", "the resume holds no readable text"),
        ("tags", "the resume holds no readable text"),
    ]
    assert [assessment.resume_id for assessment in scores.assessments] == [RESUMES[0].id]
    assert len(_score(pipeline, [Resume("empty", "")]).errors) == 1


def test_equal_inputs_have_equal_hashes_and_scores(pipeline):
    same = Resume("again", RESUMES[3].text.replace(" ", "\n "))
    scores = _score(pipeline, [RESUMES[3], same], JOBS[:1])
    first, second = scores.pairs
    assert first.input_hash == second.input_hash
    assert first.probability == pytest.approx(second.probability, abs=1e-4)
    assert len({pair.input_hash for pair in _score(pipeline, RESUMES).pairs}) == len(RESUMES) * len(JOBS)


def test_the_caller_may_set_the_threshold(pipeline):
    assert all(pair.matched for pair in _score(pipeline, RESUMES, threshold=0.0).pairs)
    assert not any(pair.matched for pair in _score(pipeline, RESUMES, threshold=1.0).pairs)
    default = _score(pipeline, RESUMES)
    assert all(pair.matched == (pair.probability >= pipeline.match.threshold) for pair in default.pairs)


def test_every_batch_is_reported(pipeline):
    told = []
    _score(pipeline, RESUMES, on_batch=lambda tokens, padded: told.append((tokens, padded)))
    assert len(told) >= 2
    assert all(0 < tokens <= padded for tokens, padded in told)


def test_no_jobs_means_assessments_alone(pipeline):
    scores = _score(pipeline, RESUMES, ())
    assert not scores.pairs
    assert len(scores.assessments) == len(RESUMES)


def test_weights_that_overflow_are_errors_of_the_resume(pipeline, tmp_path):
    broken = dataclasses.replace(pipeline.match.calibration, bias=float("nan"))
    damaged = dataclasses.replace(pipeline, match=dataclasses.replace(pipeline.match, calibration=broken))
    scores = _score(damaged, RESUMES[:2])
    assert not scores.pairs
    assert not scores.assessments
    assert {error.resume_id for error in scores.errors} == {"0", "1"}


def test_a_version_that_is_not_given_is_told(tmp_path):
    with pytest.raises(PackError, match="spam, toxicity"):
        Pipeline.load(tmp_path, {"match": "1", "categories": "1"})
