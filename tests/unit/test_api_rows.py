"""From records to rows: columns, cleaning, hashes, limits; and columns read as the models will read them."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.columns import JOB_COLUMNS, MATCH_FIELDS, RESUME_COLUMNS, check_header
from api.csv_rows import CsvFile
from api.guide import GUIDE
from api.literals import tidy
from api.problems import Problem
from api.records import Record
from api.rows import job_rows, resume_rows
from api.texts import ResumeColumns
from db.rows import JobRow, RejectedRow, ResumeRow, Row
from scoring.inputs import MATCH_COLUMNS, Job, Resume
from scoring.readable import match_text
from scoring.text import clean_field, job_text
from training.data import read_matches

# The header of the public set as it stands, odd spellings, byte order mark and all.
AS_IT_STANDS = """
address career_objective skills educational_institution_name degree_names passing_years educational_results result_types
major_field_of_studies professional_company_names company_urls start_dates end_dates related_skils_in_job positions
locations responsibilities extra_curricular_activity_types extra_curricular_organization_names
extra_curricular_organization_links role_positions languages proficiency_levels certification_providers
certification_skills online_links issue_dates expiry_dates \ufeffjob_position_name educationaL_requirements
experiencere_requirement age_requirement responsibilities.1 skills_required matched_score
"""
PUBLIC_HEADER = AS_IT_STANDS.split()
RESUME_CELLS = {
    "career_objective": "To keep  the books in order.",
    "skills": "['Ledgers', 'VAT', None, 'N/A']",
    "major_field_of_studies": "['Accounting', None]",
    "professional_company_names": "['Invented Mills', 'N/A']",
    "related_skils_in_job": "[['Ledgers', 'Tax'], ['N/A'], None]",
    "company_urls": "[None, None]",
    "passing_years": "['2011']",
}
JOB_CELLS = {
    "\ufeffjob_position_name": "Accountant",
    "educationaL_requirements": "Bachelor in accounting",
    "experiencere_requirement": "At least 2 years",
    "age_requirement": "Age 22 to 30 years",
    "responsibilities.1": "Keep the books\nFile the taxes\n",
    "skills_required": "Ledgers\nVAT",
}
ENTRIES = (
    st.none()
    | st.sampled_from(["N/A", "Python", "C, C++", " Go  lang ", "naïve", "it's", "nan"])
    | st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=8)
)


def row_like_the_public_set(resume: dict[str, str], job: dict[str, str], score: str = "0.7") -> list[str]:
    told = {**resume, **job, "responsibilities": job.get("responsibilities.1", ""), "matched_score": score}
    return [told.get(column, "") for column in PUBLIC_HEADER]


def public_file(*rows: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([PUBLIC_HEADER, *rows])
    return text.getvalue().encode()


def uploaded(content: bytes) -> list[Row]:
    table = CsvFile(io.BytesIO(content))
    return list(resume_rows(table.rows(check_header(table.header, RESUME_COLUMNS))))


def resume(**values: object) -> Row:
    return next(resume_rows([Record(1, "line 2", values)]))


def job(**values: object) -> Row:
    return next(job_rows([Record(1, "line 2", values)]))


def test_a_row_of_the_public_set_is_a_resume_and_a_job() -> None:
    found_resume, found_job = uploaded(public_file(row_like_the_public_set(RESUME_CELLS, JOB_CELLS)))
    assert isinstance(found_resume, ResumeRow)
    assert isinstance(found_job, JobRow)
    assert json.loads(found_resume.fields) == {
        "career_objective": "To keep  the books in order.",
        "skills": "Ledgers, VAT",
        "major_field_of_studies": "Accounting",
        "related_skils_in_job": "Ledgers, Tax",
    }
    assert "Skills used in jobs\nLedgers, Tax" in found_resume.text
    assert "Company websites" not in found_resume.text
    assert "Keep the books" not in found_resume.text
    assert (found_job.title, found_job.education) == ("Accountant", "Bachelor in accounting")
    assert (found_job.description, found_job.skills) == ("Keep the books\nFile the taxes", "Ledgers\nVAT")


def test_the_job_and_the_label_are_no_part_of_a_resume() -> None:
    other_job = {**JOB_CELLS, "responsibilities.1": "Teach", "\ufeffjob_position_name": "Teacher"}
    rows = uploaded(
        public_file(
            row_like_the_public_set(RESUME_CELLS, JOB_CELLS, "0.1"), row_like_the_public_set(RESUME_CELLS, other_job)
        )
    )
    resumes = {row.external_id for row in rows if isinstance(row, ResumeRow)}
    jobs = {row.external_id for row in rows if isinstance(row, JobRow)}
    assert (len(resumes), len(jobs)) == (1, 2)
    assert all(external_id.startswith("sha256:") for external_id in resumes | jobs)


def test_the_age_is_no_part_of_a_job() -> None:
    older = {**JOB_CELLS, "age_requirement": "Age 30 to 40 years"}
    rows = uploaded(
        public_file(row_like_the_public_set(RESUME_CELLS, JOB_CELLS), row_like_the_public_set(RESUME_CELLS, older))
    )
    assert len({row.external_id for row in rows if isinstance(row, JobRow)}) == 1


def test_the_columns_kept_are_those_that_the_model_reads() -> None:
    assert MATCH_FIELDS == MATCH_COLUMNS


def test_what_callers_are_told_of_columns_is_what_the_model_reads() -> None:
    assert ResumeColumns.model_fields.keys() == {*MATCH_COLUMNS, "text"}
    told = {field.name: field.column_form for field in GUIDE.fields}
    assert ", ".join(MATCH_COLUMNS) in told["resume"]
    assert "reads all of them" in told["job_description"]
    job = Job("1", title="A", description="B", education="C", experience="D", skills="E")
    assert set(job_text(job).split()) == set("ABCDE")


@given(st.lists(ENTRIES | st.lists(ENTRIES, max_size=3), max_size=5))
def test_lists_are_read_as_the_models_read_them(entries: list[object]) -> None:
    assert clean_field(tidy(repr(entries))) == clean_field(repr(entries))


@pytest.mark.parametrize("value", ["", "N/A", "plain text", "[not a list", "['a'] and more", "[" * 300, "[1, 2.5]"])
def test_what_is_no_list_is_read_as_the_models_read_it(value: str) -> None:
    assert clean_field(tidy(value)) == clean_field(value)


def test_a_model_reads_the_same_in_training_and_in_service(tmp_path: Path) -> None:
    other = {**RESUME_CELLS, "skills": "['C, C++', ['Go ', 'nan']]", "career_objective": "", "degree_names": "['B.Sc']"}
    unlisted = {**JOB_CELLS, "skills_required": "", "educationaL_requirements": "N/A"}
    pairs = [(resume, job) for resume in (RESUME_CELLS, other) for job in (JOB_CELLS, unlisted)]
    content = public_file(*(row_like_the_public_set(resume, job) for resume, job in pairs))
    (tmp_path / "grid.csv").write_bytes(content)
    trained = read_matches(tmp_path / "grid.csv")
    rows = uploaded(content)
    served_resumes = [Resume("1", row.text, json.loads(row.fields)) for row in rows if isinstance(row, ResumeRow)]
    served_jobs = [
        Job("1", row.title, row.description, row.education, row.experience, row.skills)
        for row in rows
        if isinstance(row, JobRow)
    ]
    assert {match_text(each) for each in served_resumes} == {match_text(each) for each in trained.resumes}
    assert {job_text(each) for each in served_jobs} == {job_text(each) for each in trained.jobs}
    assert len(trained.resumes) == len({row.external_id for row in rows if isinstance(row, ResumeRow)}) == 2
    assert len(trained.jobs) == len({row.external_id for row in rows if isinstance(row, JobRow)}) == 2


def test_an_external_id_is_kept_and_one_that_is_missing_follows_the_content() -> None:
    rows = [resume(external_id=" 7 ", text="a"), resume(text="a"), resume(text="a "), resume(text="b")]
    given_id, derived, same, other = (row.external_id for row in rows if isinstance(row, ResumeRow))
    assert given_id == "7"
    assert derived == same != other


def test_values_that_json_can_hold() -> None:
    found = resume(external_id=7, name=None, skills=["Python", ["SQL", None]], passing_years=[2011, 2.5])
    assert isinstance(found, ResumeRow)
    assert (found.external_id, json.loads(found.fields)) == ("7", {"skills": "Python, SQL"})
    assert "Passing years\n2011, 2.5" in found.text


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"external_id": "1"}, "no_text"),
        ({"text": "  "}, "no_text"),
        ({"text": "a", "salary": "5"}, "unknown_column"),
        ({"text": "a\0b"}, "invalid_character"),
        ({"text": "\ud800"}, "invalid_character"),
        ({"text": "a", "external_id": "\udfff"}, "invalid_character"),
        ({"text": {"a": 1}}, "invalid_value"),
        ({"text": "x" * 500_001}, "too_long"),
        ({"text": "a", "external_id": "x" * 201}, "too_long"),
        ({"text": "a", "name": "x" * 301}, "too_long"),
        ({"text": "a", "skills": "x" * 100_001}, "too_long"),
    ],
)
def test_resumes_that_are_rejected(values: dict[str, object], code: str) -> None:
    found = resume(**values)
    assert isinstance(found, RejectedRow)
    assert (found.code, found.kind, found.source) == (code, "resume", "line 2")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"external_id": "1", "title": "Cook"}, "job_without_description"),
        ({"external_id": "1", "description": "You cook."}, "job_without_title"),
        ({"title": "Cook", "description": "x" * 100_001}, "too_long"),
        ({"title": "Cook", "description": "You cook.", "text": "a"}, "unknown_column"),
    ],
)
def test_jobs_that_are_rejected(values: dict[str, object], code: str) -> None:
    found = job(**values)
    assert isinstance(found, RejectedRow)
    assert (found.code, found.kind) == (code, "job")


def test_a_rejected_row_shows_its_external_id() -> None:
    found = resume(external_id="a-1", text="a\0b")
    assert isinstance(found, RejectedRow)
    assert found.external_id == "a-1"


def test_a_resume_is_kept_whose_job_has_no_description() -> None:
    without = {**JOB_CELLS, "responsibilities.1": ""}
    kept, rejected = uploaded(public_file(row_like_the_public_set(RESUME_CELLS, without)))
    assert isinstance(kept, ResumeRow)
    assert isinstance(rejected, RejectedRow)
    assert (rejected.kind, rejected.code) == ("job", "job_without_description")


def test_jobs_come_under_their_own_names_or_those_of_the_public_set() -> None:
    ours = job(title="Accountant", description="Keep the books\nFile the taxes\n", education="Bachelor in accounting",
               experience="At least 2 years", skills="Ledgers\nVAT")  # fmt: skip
    theirs = job(**JOB_CELLS)
    assert isinstance(ours, JobRow)
    assert ours == theirs


@pytest.mark.parametrize(
    ("header", "known", "code"),
    [
        (["external_id", "text", "salary"], RESUME_COLUMNS, "unknown_column"),
        (["external_id", "text", "Text "], RESUME_COLUMNS, "duplicate_column"),
        (["external_id", "title", "text"], JOB_COLUMNS, "unknown_column"),
    ],
)
def test_headers_that_are_refused(header: list[str], known: frozenset[str], code: str) -> None:
    with pytest.raises(Problem) as caught:
        check_header(header, known)
    assert caught.value.code == code


def test_a_second_column_of_responsibilities_is_the_jobs() -> None:
    columns = check_header(["Skills", "responsibilities", "RESPONSIBILITIES"], RESUME_COLUMNS)
    assert columns == ["skills", "responsibilities", "responsibilities.1"]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
NAMES = st.sampled_from(["external_id", "text", "skills", "title", "description", "job_position_name"])


@given(st.dictionaries(NAMES | st.text(st.characters(), max_size=4), JSON, max_size=5))
def test_whatever_comes_becomes_rows_that_the_database_can_hold(values: dict[str, object]) -> None:
    for make in (resume_rows, job_rows):
        found = list(make([Record(1, "line 2", values)]))
        assert found
        texts = [value for row in found for value in dataclasses.astuple(row) if isinstance(value, str)]
        assert not any("\0" in value.encode().decode() for value in texts)
