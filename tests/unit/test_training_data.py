"""The public files are read as the service would see them."""

import pandas as pd
import pytest

from scoring.readable import match_text
from scoring.text import job_text
from training.data import LABELS, read_corpus, read_matches
from training.splits import match_keys

ROW = {
    "address": "", "career_objective": "to learn", "skills": "['SQL', None]", "major_field_of_studies": "['N/A']",
    "professional_company_names": "", "positions": "['Clerk']", "responsibilities": "job text A",
    "\ufeffjob_position_name": "Engineer", "educationaL_requirements": "B.Sc", "experiencere_requirement": "",
    "age_requirement": "", "responsibilities.1": "job text A", "skills_required": "Java", "matched_score": "0.61",
}  # fmt: skip


@pytest.fixture
def matches(tmp_path):
    other = {**ROW, "\ufeffjob_position_name": "Cook", "responsibilities": "job text B", "matched_score": "0.6"}
    third = {**ROW, "positions": "['Cashier']", "matched_score": "0.1"}
    pd.DataFrame([ROW, other, third]).to_csv(tmp_path / "rows.csv", index=False)
    return read_matches(tmp_path / "rows.csv")


def test_job_text_inside_the_resume_half_makes_no_second_resume(matches):
    assert len(matches.resumes) == len(matches.jobs) == 2
    assert matches.resume.tolist() == [0, 0, 1]
    assert matches.job.tolist() == [0, 1, 0]
    assert matches.matched.tolist() == [1, 0, 0]


def test_the_texts_are_those_of_the_service(matches):
    assert match_text(matches.resumes[0]) == "to learn\n\nSQL\n\nClerk"
    assert job_text(matches.jobs[0]) == "Engineer\n\nB.Sc Java job text A"


def test_resumes_that_read_the_same_are_one_group(matches):
    assert len(set(match_keys(matches, "resumes"))) == 1
    assert len(set(match_keys(matches, "jobs"))) == 2
    assert len(set(match_keys(matches, "rows"))) == 2


def test_the_corpus_is_read_without_search_hits(tmp_path):
    text = 'A <span class="hl">Java</span> developer'
    frame = pd.DataFrame({"id": ["1", "2"], "text": [text, "x"], "labels": [["Java_Developer"], []]})
    frame.to_parquet(tmp_path / "corpus.parquet")
    corpus = read_corpus(tmp_path / "corpus.parquet")
    assert corpus.texts == ["A Java developer", "x"]
    assert corpus.raw[0] == text
    assert corpus.labels.sum(1).tolist() == [1, 0]
    assert corpus.labels[0, LABELS.index("Java_Developer")] == 1
