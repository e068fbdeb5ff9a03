"""What a search engine of others may be asked for a resume: a title and skills, nothing that tells who somebody is."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from scoring.explanation.explainer import Explainer
from scoring.pipeline import Pipeline
from scoring.skills.contexts import Sense
from scoring.skills.matcher import Name, SkillMatcher
from workers.calls.profile import MOST_SKILLS, profile
from workers.calls.unanswerable import Unanswerable

SKILLS = ("Python", "SQL", "Docker", "Spanish", *(f"Tool{number}" for number in range(20)))
PIPELINE = cast(
    Pipeline,
    SimpleNamespace(explainer=Explainer(SkillMatcher(Name(skill, skill, Sense.PLAIN, True) for skill in SKILLS))),
)
RESUME = """Ada Quillfeather
ada.quillfeather@mail.example | +44 20 7946 0958 | www.quillfeather.example

Experience
Junior Clerk, Example Ltd, 2011 - 2014
Backend Developer, Example Ltd, 2015 - 2024
Python and SQL for Ada Quillfeather Consulting.

Languages: English (native), Spanish (fluent)
"""


def told(text: str) -> dict[str, Any]:
    return profile(PIPELINE, {"text": text, "fields": {}})


def test_the_last_title_and_skills_are_told_and_nothing_else() -> None:
    assert told(RESUME) == {"title": "Backend Developer", "skills": ["Python", "SQL"]}


def test_languages_spoken_are_no_skills_to_search_for() -> None:
    assert "Spanish" not in told("Languages: Spanish (native)\nPython")["skills"]


def test_few_skills_are_enough() -> None:
    assert len(told(", ".join(SKILLS))["skills"]) == MOST_SKILLS


def test_nothing_readable_has_no_answer() -> None:
    with pytest.raises(Unanswerable):
        told("\u200b")
