"""What a resume shows of what jobs ask for, each with where it stands; computed once a resume, for all jobs."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.explanation import years
from scoring.explanation.degree_levels import Degree, ranked
from scoring.explanation.titles import TitleWords, words
from scoring.explanation.values import Evidence
from scoring.explanation.years import Years
from scoring.fields.fields import Fields
from scoring.skills.matcher import Found, SkillMatcher
from scoring.spans import Span

LONGEST_QUOTE = 160
"""Characters; what is longer is quoted by its beginning."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """What was read of a resume's own text, as its owner sees it: `skills` maps a name to where it first stands."""

    text: str
    skills: Mapping[str, Found]
    titles: tuple[Span, ...]
    title_words: tuple[TitleWords, ...]
    degrees: tuple[Degree, ...]
    stated: Years | None
    dated: Years | None
    languages: tuple[Span, ...]

    def quote(self, span: Span | Found, answers: str) -> Evidence:
        """A piece of the text as evidence."""
        end = min(span.end, span.start + LONGEST_QUOTE)
        return Evidence(answers, self.text[span.start : end], span.start, end)


def read_resume(text: str, fields: Fields, matcher: SkillMatcher, this_year: int) -> Applicant:
    """Gather what the resume shows; `fields` were read from the same text."""
    skills: dict[str, Found] = {}
    for found in matcher.find(text):
        skills.setdefault(found.skill, found)
    held = tuple(dict.fromkeys(position.title for position in fields.positions if position.title))
    return Applicant(
        text=text,
        skills=skills,
        titles=held,
        title_words=tuple(words(text[span.start : span.end]) for span in held),
        degrees=tuple(ranked(text, fields.degrees)),
        stated=years.stated(text, fields.years),
        dated=years.dated(text, fields.positions, this_year),
        languages=fields.languages,
    )
