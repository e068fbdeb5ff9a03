"""Explanations: what a job asks for, what a resume shows of it, and that silence is never held against anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.explanation import titles
from scoring.explanation.degree_levels import LEVELS, lowest
from scoring.explanation.explainer import Explainer
from scoring.explanation.values import Explanation, MustHaves, Outcome, Part, PartName, State
from scoring.fields.fields import read_fields
from scoring.inputs import Job
from scoring.skills.contexts import Sense
from scoring.skills.matcher import Name, SkillMatcher

SKILLS = ("Python", "SQL", "Docker", "Project management")
EXPLAINER = Explainer(SkillMatcher(Name(skill, skill, Sense.PLAIN, True) for skill in SKILLS))
JOB = Job(
    "job", "Senior Python Developer (m/f), Berlin", "Write Docker files.", "Bachelor or Master of Science",
    "3 to 5 years", "Python, SQL, python",
)  # fmt: skip
RESUME = """Ada Example
Python Developer

EXPERIENCE
Python Developer, Acme Ltd, 2015 to 2017
Junior Programmer, Bolt Inc, 2014 to 2016

EDUCATION
Master of Science in Physics, 2013

LANGUAGES
German (fluent), English

Certified Scrum Master. 2 years of experience in teams."""


def _explain(job: Job, text: str) -> Explanation:
    applicant = EXPLAINER.read_resume(text, read_fields(text), 2026)
    return EXPLAINER.explain(EXPLAINER.read_job(job), applicant)


def _part(explanation: Explanation, name: PartName) -> Part:
    return next(part for part in explanation.parts if part.name is name)


def _outcomes(text: str, **wanted: object) -> list[Outcome]:
    job = Job("job", "Job", must_haves=MustHaves(**wanted))  # type: ignore[arg-type]
    return [one.outcome for one in _explain(job, text).must_haves]


def test_every_part_has_its_evidence_in_the_resume() -> None:
    explained = _explain(JOB, RESUME)
    assert [(part.name, part.state) for part in explained.parts] == [
        (PartName.SKILLS, State.PARTLY), (PartName.TITLE, State.MET), (PartName.EDUCATION, State.MET),
        (PartName.EXPERIENCE, State.MET),
    ]  # fmt: skip
    for part in explained.parts:
        assert part.evidence
        assert all(RESUME[one.start : one.end] == one.quote for one in part.evidence)
    skills = _part(explained, PartName.SKILLS)
    assert [(one.answers, one.quote) for one in skills.evidence] == [("Python", "Python")]
    assert skills.missing == ("SQL",)
    assert [one.quote for one in _part(explained, PartName.EDUCATION).evidence] == ["Master of Science in Physics"]
    assert _part(explained, PartName.TITLE).asked == "Senior Python Developer"


def test_experience_is_what_dates_add_up_to_where_less_is_stated() -> None:
    experience = _part(_explain(JOB, RESUME), PartName.EXPERIENCE)
    assert (experience.score, experience.asked) == (1.0, "3 to 5 years")
    assert [one.quote for one in experience.evidence] == ["2015 to 2017", "2014 to 2016"]  # 2014 to 2017: no year twice
    assert _part(_explain(JOB, "2 years of experience in SQL"), PartName.EXPERIENCE).score == pytest.approx(2 / 3)


def test_what_lasts_until_today_ends_in_the_year_that_is_given() -> None:
    text = "EXPERIENCE\nBaker, Bread Ltd, 2024 to present"
    requirements = EXPLAINER.read_job(JOB)
    applicants = [EXPLAINER.read_resume(text, read_fields(text), year) for year in (2024, 2025, 2027)]
    explained = [EXPLAINER.explain(requirements, applicant) for applicant in applicants]
    assert [_part(one, PartName.EXPERIENCE).score for one in explained] == [None, pytest.approx(1 / 3), 1.0]


def test_a_part_that_is_not_asked_for_takes_no_weight() -> None:
    explained = _explain(Job("job", "", "", "", "At least 2 years", "SQL", weights={"skills": 3, "title": 9}), RESUME)
    weights = {part.name: part.weight for part in explained.parts}
    assert weights == {
        "skills": pytest.approx(3 / 3.2),
        "title": 0,
        "education": 0,
        "experience": pytest.approx(0.0625),
    }
    assert [part.state for part in explained.parts][1:3] == [State.NOT_ASKED, State.NOT_ASKED]


def test_an_empty_resume_is_unknown_in_every_part() -> None:
    explained = _explain(JOB, "Hello.")
    assert {part.state for part in explained.parts} == {State.UNKNOWN}
    assert explained.shown == 0
    assert explained.unknown == pytest.approx(1)


@pytest.mark.parametrize(
    ("wanted", "outcomes"),
    [
        ({"skills": ("python", "Docker", "Scrum Master")}, ["pass", "unknown", "pass"]),
        ({"years": 3}, ["pass"]),
        ({"years": 10}, ["fail"]),  # both what is stated and what is dated say less
        ({"degree": "master"}, ["pass"]),
        ({"degree": "doctorate"}, ["fail"]),
        ({"languages": ("german", "French")}, ["pass", "unknown"]),
        ({"certifications": ("Certified  Scrum master", "PMP")}, ["pass", "unknown"]),
    ],
)
def test_must_haves(wanted: dict[str, object], outcomes: list[str]) -> None:
    assert _outcomes(RESUME, **wanted) == outcomes


@pytest.mark.parametrize("text", ["EXPERIENCE\nBaker, Bread Ltd, 2020 to 2021", "2 years of experience", "Baker"])
def test_years_fail_only_where_the_resume_states_too_few_and_its_dates_are_no_more(text: str) -> None:
    assert _outcomes(text, years=10) == ["unknown"]


def test_a_scrum_master_is_no_master() -> None:
    assert _outcomes("Certified Scrum Master, Bachelor of Arts", degree="master") == ["fail"]
    assert _outcomes("Certified Scrum Master", degree="master") == ["unknown"]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("B.Sc in Computer Science from a reputed university.", "bachelor"),
        ("M.Sc in Computer Science", "master"),
        ("Bachelors or Masters degree in Engineering", "bachelor"),
        ("Diploma, Bachelor/Honors", "diploma"),
        ("Masters, Master of Business Administration (MBA)", "master"),
        ("BBA in Accounting and Finance", "bachelor"),
        ("PhD in Physics", "doctorate"),
        ("High School Diploma", "school"),
    ],
)
def test_the_least_degree_that_a_job_asks_for(text: str, level: str) -> None:
    found = lowest(text)
    assert found is not None
    assert LEVELS[found.rank] == level


@pytest.mark.parametrize(
    ("asked", "held", "share"),
    [
        ("Backend Developer", "Senior Back-End Programmer", 1.0),
        ("Project Manager", "Restaurant Manager", 0.0),
        ("Java Developer", "Java Architect", 2 / 3),
        ("Accountant", "Tax Accountant", 1.0),
        ("Senior", "Senior Baker", 0.0),
    ],
)
def test_titles_share_what_tells_a_trade(asked: str, held: str, share: float) -> None:
    assert titles.shared(titles.words(asked), titles.words(held)) == pytest.approx(share)


PIECES = st.sampled_from(
    ("Python", "SQL, Docker", "Python Developer", "Bachelor of Arts", "4 years of experience", "PhD", "2010 to 2012",
     "EXPERIENCE", "Baker, Bread Ltd, 2019 to present", "German (native)", "\n", "Scrum Master", "At least 2 years"),
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=8).map("\n".join)
WEIGHTS = st.dictionaries(st.sampled_from(list(PartName)), st.floats(0, 100), max_size=4)
WANTED = st.builds(
    MustHaves,
    skills=st.lists(st.sampled_from((*SKILLS, "Rope(", "a.b")), max_size=3).map(tuple),
    years=st.none() | st.floats(0.5, 20),
    degree=st.none() | st.sampled_from(LEVELS),
    languages=st.lists(st.sampled_from(("German", "French")), max_size=2).map(tuple),
)


@given(title=TEXTS, education=TEXTS, experience=TEXTS, skills=TEXTS, weights=WEIGHTS, wanted=WANTED, resume=TEXTS)
def test_whatever_is_asked_and_shown(
    title: str, education: str, experience: str, skills: str, weights: dict[str, float], wanted: MustHaves, resume: str
) -> None:
    job = Job("job", title, "", education, experience, skills, weights, wanted)
    explained = _explain(job, resume)
    assert [part.name for part in explained.parts] == list(PartName)
    assert sum(part.weight for part in explained.parts) == pytest.approx(1) or not any(
        part.weight for part in explained.parts
    )
    for part in explained.parts:
        assert part.weight == 0 or part.state is not State.NOT_ASKED
        assert (part.score is None) == (part.state in (State.UNKNOWN, State.NOT_ASKED))
        assert (part.state is State.MET) == (part.score == 1)
        assert bool(part.evidence) == (part.score is not None)
    assert 0 <= explained.shown <= 1 - explained.unknown + 1e-9
    for one in explained.must_haves:
        assert one.evidence or one.outcome is Outcome.UNKNOWN  # nobody passes or fails by what is not there
    evidence = [one.evidence for one in explained.parts] + [one.evidence for one in explained.must_haves]
    assert all(resume[one.start : one.end] == one.quote for found in evidence for one in found)
