"""What the models read: cleaning, the choice between columns and whole text, and the hash of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.inputs import Job, Resume
from scoring.readable import match_text
from scoring.text import clean_field, input_hash, job_text, normalise


def test_search_hit_tags_leave_no_trace():
    tagged = 'Senior <span class="hl">Java</span> <span class="hl">Developer</span>\r\n\x00at  A\u200bB'
    assert normalise(tagged) == "Senior Java Developer at A B"


@given(st.text())
def test_normalising_twice_changes_nothing_and_always_encodes(text):
    once = normalise(text)
    assert normalise(once) == once
    once.encode("utf-8")


def test_lone_surrogates_are_dropped():
    assert normalise("a\ud800b") == "a b"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("['Python', None, 'N/A', 'SQL']", "Python, SQL"),
        ("[['Big Data'], ['Spark', None]]", "Big Data, Spark"),
        ("[None]", ""),
        ("N/A", ""),
        ("[not a list", "[not a list"),
        ("['Python', {'SQL', 'Go'}]", "['Python', {'SQL', 'Go'}]"),  # a set's order changes from process to process
        ("[{'skills': {'SQL', 'Go'}}]", "[{'skills': {'SQL', 'Go'}}]"),
        ("Python, SQL", "Python, SQL"),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_columns_are_cleaned(raw, clean):
    assert clean_field(raw) == clean
    assert clean_field(clean) == clean


def test_match_reads_the_columns_where_there_are_any():
    resume = Resume("1", "whole text", {"skills": "['SQL']", "career_objective": "to learn", "address": "somewhere"})
    assert match_text(resume) == "to learn\n\nSQL"
    assert match_text(Resume("1", " whole\ttext ", {"address": "somewhere", "skills": "[None]"})) == "whole text"


def test_a_job_is_read_by_its_details_else_by_its_description():
    detailed = Job("1", "Engineer", "a description", education="B.Sc", skills="Java\nSQL")
    assert job_text(detailed) == "Engineer\n\nB.Sc Java SQL a description"
    assert job_text(Job("1", "Engineer", "a description")) == "Engineer\n\na description"


def test_hashes_tell_texts_apart_wherever_the_border_lies():
    assert input_hash("ab", "c") != input_hash("a", "bc")
    assert input_hash("ab", "c") == input_hash("ab", "c")
    assert len(input_hash("x")) == 64
