"""The values that go into the scoring pipeline and come out of it.

Probabilities lie in [0, 1]. Every value is frozen, so it can be handed between threads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scoring.explanation.values import Explanation, MustHaves

MATCH_COLUMNS = (
    "career_objective", "skills", "positions", "related_skils_in_job", "degree_names", "major_field_of_studies",
)  # fmt: skip
"""Columns of a resume that came in columns and that the match model reads, in reading order."""

OnBatch = Callable[[int, int], None]
"""Is told of every batch: the tokens that it held, and the tokens that it was padded to."""


def unwatched(tokens: int, padded: int) -> None:
    """An `OnBatch` of whoever needs no word of batches."""


@dataclass(frozen=True, slots=True)
class Resume:
    """One applicant's text; `fields` holds its cleaned columns when it came in columns, else nothing."""

    id: str
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """One job posting; absent parts are empty strings.

    `weights` of the breakdown's parts, by their names, and `must_haves` are read by the explanation alone.
    """

    id: str
    title: str
    description: str = ""
    education: str = ""
    experience: str = ""
    skills: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    must_haves: MustHaves = field(default_factory=MustHaves)


@dataclass(frozen=True, slots=True)
class PairScore:
    """The match of one resume with one job.

    `windows` counts the overlapping windows of the resume that were read; `input_hash` is the sha256 (hex) of the
    canonical text of both sides, so that an equal hash under the same pack version means an equal score.
    """

    resume_id: str
    job_id: str
    probability: float
    matched: bool
    windows: int
    input_hash: str
    explanation: Explanation = field(default_factory=Explanation)


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """The probability that a resume belongs to a job category, and whether it passes that label's threshold."""

    label: str
    probability: float
    assigned: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A passage that moderation points at; `start` and `end` are character offsets into the resume's own text."""

    kind: str
    score: float
    threshold: float
    passage: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that depends on the resume alone; computed once a resume, whatever the number of jobs."""

    resume_id: str
    categories: tuple[CategoryScore, ...]
    flags: tuple[Flag, ...]
    input_hash: str


@dataclass(frozen=True, slots=True)
class ItemError:
    """A resume that cannot be scored, and why, in words fit for the person who uploaded it; costs no other resume."""

    resume_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything that came out of one call of the pipeline."""

    pairs: tuple[PairScore, ...]
    assessments: tuple[Assessment, ...]
    errors: tuple[ItemError, ...]
