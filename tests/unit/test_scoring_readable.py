"""What reaches a model tells nobody who wrote it, and what models point at still lies in the resume's own text."""

import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tiny_packs import ABUSE, VERSIONS, write_tiny_packs
from scoring.inputs import Job, Resume
from scoring.leaks import standing
from scoring.moderation import Moderator
from scoring.pipeline import Pipeline
from scoring.readable import read_resume
from scoring.text import plain
from training.invented import invent

PERSONAL = {
    "name": "Zuleika Dobson", "email": "zuleika.dobson@example.org", "phone": "(503) 555-0147",
    "link": "linkedin.com/in/zuleika-dobson-77", "address": "409 Lindsey Court, Berry, VA 22611",
    "birth_date": "17.03.1984", "nationality": "Portuguese", "marital_status": "Divorced", "photo": "portrait.jpg",
    "pronoun": "herself",
}  # fmt: skip
RESUME = """{name}
{address}
{phone} | {email} | {link}
Photo: {photo}
Date of birth: {birth_date}
Nationality: {nationality}
Marital status: {marital_status}
Profile
Zuleika taught {pronoun} <span class="hl">Java</span> in Lisbon.
Experience
Java Developer, Northwind Traders Ltd., 2012 - 2015
""".format(**PERSONAL)
COLUMNS = {
    "career_objective": f"{PERSONAL['name']}, born on {PERSONAL['birth_date']}, a {PERSONAL['nationality']} citizen.",
    "skills": f"Java, SQL, {PERSONAL['email']}, Dobson",
    "professional_company_names": f"Northwind Traders Ltd., {PERSONAL['phone']}",
}
JOB = Job("engineer", "Java engineer", skills="java, sql")


@dataclasses.dataclass(frozen=True, slots=True)
class Listening(Moderator):
    """A moderator that keeps what it is given to read."""

    heard: list[str] = dataclasses.field(default_factory=list)

    def flags(self, text):
        self.heard.append(text)
        return Moderator.flags(self, text)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    root = tmp_path_factory.mktemp("packs")
    write_tiny_packs(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_BASE_MODEL", str(root / "base"))
        loaded = Pipeline.load(root / "packs", VERSIONS)
        yield dataclasses.replace(loaded, moderator=Listening(loaded.moderator.detectors))


def read_by_models(pipeline, resume):
    """Everything that a model or a vectoriser is handed of a resume, decoded from its token ids."""
    pipeline.moderator.heard.clear()
    prepared = pipeline.prepare([resume], [JOB])
    sides = [window.first for window in prepared.resume_windows]
    sides.append(np.concatenate([window.first for window in prepared.match_windows]))
    decoded = [pipeline.tokenizer.words.decode(np.asarray(ids).tolist()) for ids in sides]
    return [_joined(text) for text in decoded] + pipeline.moderator.heard


def _joined(decoded):
    return decoded.replace(" ##", "")


@pytest.mark.parametrize("fields", [{}, COLUMNS], ids=["whole", "columns"])
def test_nothing_personal_reaches_a_model(pipeline, fields):
    texts = read_by_models(pipeline, Resume("1", RESUME, fields))
    assert len(texts) >= 3
    for text in texts:
        bare = "".join(text.lower().split())
        for value in PERSONAL.values():
            assert "".join(value.lower().split()) not in bare
        for part in ("zuleika", "dobson", "lindsey"):
            assert part not in bare
        assert "java" in bare
    assert "<span" not in "".join(texts)


def test_invented_resumes_hardly_leak(pipeline):
    leaked = total = 0
    for resume in invent(30, seed=31):
        texts = read_by_models(pipeline, Resume("1", resume.text))
        for span in resume.spans:
            value = resume.text[span.start : span.end]
            total += 1
            leaked += any(next(standing(span.kind, value, text), None) is not None for text in texts)
    assert total > 200
    assert leaked <= 0.01 * total


def test_names_of_the_text_are_hidden_in_the_columns():
    resume = Resume("1", RESUME, {"skills": "Java, Dobson Style", "career_objective": "Zuleika wants to lead."})
    assert read_resume(resume).match_text == "wants to lead.\n\nJava, Style"


def test_words_of_a_list_are_no_names():
    skills = "Apache Cassandra, Hibernate Search, Pick, CA, Jasmine, Selenium"
    assert read_resume(Resume("1", "x", {"skills": skills})).match_text == skills


def test_fields_lie_in_the_resumes_own_text():
    own = RESUME.replace("Java Developer", "<span>Java</span> Developer")
    held = read_resume(Resume("1", own)).fields.positions[-1]
    spans = [span for span in (held.title, held.employer, held.dates) if span]
    found = [own[span.start : span.end] for span in spans]
    assert found == ["Java</span> Developer", "Northwind Traders Ltd", "2012 - 2015"]


def test_a_flag_names_the_passage_as_the_resume_has_it(pipeline):
    line = f"{PERSONAL['email']} says {ABUSE[0]} <span>and</span> {ABUSE[2]}"
    text = RESUME.replace("Experience\n", f"{line}\nExperience\n")
    (flag,) = pipeline.prepare([Resume("1", text)], [JOB]).flags[0]
    assert flag.kind == "toxicity"
    assert text[flag.start : flag.end] == flag.passage
    assert line in flag.passage


def test_equal_work_under_other_names_is_equal_input():
    other = RESUME.replace("Zuleika", "Omar").replace("Dobson", "Haddad").replace("zuleika", "omar")
    first, second = (read_resume(Resume("1", text)) for text in (RESUME, other.replace("herself", "himself")))
    assert first.text == second.text
    assert first.redacted.text == second.redacted.text


@pytest.mark.parametrize("piece", ["a@b.cc 123456789 ", "\x01 5 years of experience "])
def test_reading_takes_time_by_the_length_alone(piece):
    began = time.process_time()
    read_resume(Resume("1", piece * (150_000 // len(piece))))
    assert time.process_time() - began < 3


@given(st.text(alphabet=st.sampled_from("ae\u0301 \n\r\t\u200b\u2028<span>/") | st.characters()))
def test_plain_text_leads_back_to_its_original(text):
    edited = plain(text)
    replaced = {place for edit in edited.edits for place in range(edit.start, edit.end)}
    back = [edited.original(place) for place in range(len(edited.text))]
    assert back == sorted(back)
    assert all(edited.text[place] == text[own] for place, own in enumerate(back) if own not in replaced)
    assert {*back, *replaced} == set(range(len(text)))
