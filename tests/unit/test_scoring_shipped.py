"""The packs in the repository load, are small, and know a clear case from its opposite."""

from pathlib import Path

import pytest

from scoring.cards import read_card
from scoring.inputs import Job, Resume
from scoring.packs import find_pack
from scoring.pairs import PairModel
from scoring.pipeline import Pipeline
from scoring.readable import match_text
from scoring.text import job_text

PACKS = Path(__file__).parents[2] / "packs"
VERSIONS = {"match": "2", "categories": "3", "spam": "3", "toxicity": "3", "skills": "1"}
FILLER = "Worked with the team on the daily tasks of the office and kept the records of the department. " * 45
RESUMES = (
    Resume("java", "Java Developer\nJava Developer - Acme, Boston, MA June 2012 to Present\nSpring, Hibernate"),
    Resume("late", f"{FILLER}\nWork Experience Network Administrator Acme Inc - Boston, MA June 2012 to Present"),
    Resume("office", FILLER),
    Resume("data", "", {}),
)
JOB = Job("ml", "Machine Learning (ML) Engineer", skills="Python\nTensorFlow\nMachine Learning\nDeep Learning",
          education="B.Sc in Computer Science", experience="At least 1 year")  # fmt: skip


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline.load(PACKS, VERSIONS)


def test_packs_stay_small_and_carry_the_notice(pipeline):
    for pack in (pipeline.match.pack, pipeline.categories.pack, find_pack(PACKS, "pairs", "1")):
        files = [pack.path(name) for name in pack.manifest["files"]]
        assert sum(file.stat().st_size for file in files) <= 5_000_000
        assert "A person decides" in pack.manifest["notice"]
        assert read_card(pack.manifest).metrics


def test_titles_are_found_wherever_they_stand(pipeline):
    scores = pipeline.score(pipeline.prepare(RESUMES, []))
    assigned = {
        one.resume_id: {score.label for score in one.categories if score.assigned} for one in scores.assessments
    }
    assert "Java_Developer" in assigned["java"]
    assert "Network_Administrator" in assigned["late"]  # about 900 tokens into the text
    assert not assigned["office"] & {"Java_Developer", "Network_Administrator"}
    assert [error.resume_id for error in scores.errors] == ["data"]


@pytest.fixture
def resumes():
    """One that fits the job, and one that does not."""
    skilled = {"skills": "['Machine Learning', 'Python', 'TensorFlow', 'Deep Learning']",
               "major_field_of_studies": "['Computer Science']"}  # fmt: skip
    unlike = {"skills": "['Cooking', 'Cash register', 'Cleaning']", "major_field_of_studies": "['Hospitality']"}
    return [Resume("fits", "x", skilled), Resume("does not", "x", unlike)]


def test_a_fitting_resume_ranks_above_an_unfitting_one(pipeline, resumes):
    fits, does_not = pipeline.score(pipeline.prepare(resumes, [JOB])).pairs
    assert fits.probability > does_not.probability + 0.1


def test_read_beside_the_job_it_ranks_above_too(resumes):
    model = PairModel.from_pack(find_pack(PACKS, "pairs", "1"))
    fits, does_not = model.probabilities(list(map(match_text, resumes)), [job_text(JOB)], [(0, 0), (1, 0)])
    assert fits > does_not + 0.1
