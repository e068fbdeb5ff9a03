"""A resume whose deciding line stands on page 4 of a PDF is read there: category, match and explanation change with it.

The wish of one of the systems before us was to split a long resume for BERT "and therefore still keep all of the
contents"; here the windows do that. The shipped packs, the newest of each.
"""

import io
from pathlib import Path

import pytest
from parsing_files import pdf

from parsing import pdf as pdf_format
from parsing.limits import Limits
from scoring.inputs import Job, Resume, Scores
from scoring.pipeline import PACKS, Pipeline

SHIPPED = Path(__file__).parents[2] / "packs"
LINE = "Database Administrator, Acme Inc, June 2012 to Present: Oracle, MySQL, PostgreSQL, backup and recovery"
FILLER = (
    "Worked with the team on the daily tasks of the office and of the archive",
    "Kept the records of the department and answered the letters of visitors",
    "Planned the week with the head of the office and wrote its minutes",
)
JOB = Job("dba", "Database Administrator", "", "", "", "Oracle, MySQL, PostgreSQL, backup and recovery")


def _resume(last_line: str) -> Resume:
    """Four pages of fifty lines, the last line of page 4 being the one that is given."""
    pages = [[FILLER[(page + number) % len(FILLER)] for number in range(50)] for page in range(4)]
    pages[3][-1] = last_line
    document = pdf_format.read(io.BytesIO(pdf(*pages)), Limits())
    assert document.pages == 4
    return Resume(last_line, document.text)


@pytest.fixture(scope="module")
def scores() -> Scores:
    """Without the line, then with it."""
    newest = {name: max((path.name for path in (SHIPPED / name).iterdir()), key=int) for name in PACKS}
    pipeline = Pipeline.load(SHIPPED, newest)
    return pipeline.score(pipeline.prepare([_resume(FILLER[0]), _resume(LINE)], [JOB], 2026))


def test_the_category_changes(scores: Scores) -> None:
    before, after = ({one.label: one for one in found.categories} for found in scores.assessments)
    assert not before["Database_Administrator"].assigned
    assert after["Database_Administrator"].assigned


def test_the_match_changes(scores: Scores) -> None:
    before, after = scores.pairs
    assert after.windows > 10
    assert abs(after.probability - before.probability) > 0.002


def test_the_explanation_points_at_page_four(scores: Scores) -> None:
    before, after = (pair.explanation.parts for pair in scores.pairs)
    assert not before[0].evidence
    assert {one.answers for one in after[0].evidence} >= {"MySQL", "PostgreSQL"}
    assert min(one.start for one in after[0].evidence) > 12_000
