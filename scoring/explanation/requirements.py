"""What a job asks for, read from its own columns and words; computed once a job."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.explanation import titles, years
from scoring.explanation.degree_levels import LEVELS, lowest
from scoring.explanation.values import DEFAULT_WEIGHTS, MustHaves, PartName
from scoring.inputs import Job
from scoring.skills.matcher import SkillMatcher
from scoring.text import clean_field

MOST_SKILLS = 40
"""Skills taken from one job, the first ones: more are a list of keywords, and every result repeats them."""
SHOWN = 120
"""Characters of a job that are repeated beside what answers them."""


@dataclass(frozen=True, slots=True)
class Minimum:
    """At least so much of something (years, or the rank of a degree's level), in the words that ask for it."""

    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a job asks for; a part that it does not ask for is empty or None.

    `named` pairs every skill of the must-haves with the vocabulary's name of it, None where that knows none.
    """

    skills: tuple[str, ...]
    title: str
    title_words: titles.TitleWords
    degree: Minimum | None
    years: Minimum | None
    must_haves: MustHaves
    named: tuple[tuple[str, str | None], ...]
    weights: Mapping[PartName, float]

    def asks_for(self, part: PartName) -> bool:
        """Whether the job says anything of this part."""
        asked: Mapping[PartName, object] = {
            PartName.SKILLS: self.skills,
            PartName.TITLE: self.title_words.weight,
            PartName.EDUCATION: self.degree,
            PartName.EXPERIENCE: self.years,
        }
        return bool(asked[part])


def read_job(job: Job, matcher: SkillMatcher) -> Requirements:
    """Read a job. Skills come from its title and its column of skills; without such a column, from its description."""
    columns = [clean_field(part) for part in (job.skills, job.experience)]
    text = "\n".join((job.title, *(columns if columns[0] else (job.description, columns[1]))))
    title = titles.proper(job.title)
    return Requirements(
        skills=tuple(dict.fromkeys(found.skill for found in matcher.find(text)))[:MOST_SKILLS],
        title=title[:SHOWN],
        title_words=titles.words(title),
        degree=_degree(clean_field(job.education) or job.description),
        years=_years(columns[1], job.description),
        must_haves=job.must_haves,
        named=tuple((skill, matcher.skill(skill)) for skill in job.must_haves.skills),
        weights={part: job.weights.get(part, DEFAULT_WEIGHTS[part]) for part in PartName},
    )


def applied_weights(requirements: Requirements) -> dict[PartName, float]:
    """The share of every part that the job asks for; they sum to 1, or are all 0 where nothing with weight is asked."""
    asked = {part: requirements.weights[part] for part in PartName if requirements.asks_for(part)}
    total = sum(asked.values())
    return {part: asked.get(part, 0.0) / total if total > 0 else 0.0 for part in PartName}


def _degree(text: str) -> Minimum | None:
    found = lowest(text)
    return Minimum(found.rank, LEVELS[found.rank]) if found else None


def _years(column: str, description: str) -> Minimum | None:
    found = years.asked(column, description)
    if found is None or found.number <= 0:
        return None
    (span,) = found.spans
    return Minimum(found.number, (column or description)[span.start : span.end][:SHOWN])
