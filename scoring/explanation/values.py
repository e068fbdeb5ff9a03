"""What an explanation is made of. None of it reaches the match model, and none of it changes a probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class PartName(StrEnum):
    """The named parts of a breakdown."""

    SKILLS = "skills"
    TITLE = "title"
    EDUCATION = "education"
    EXPERIENCE = "experience"


class State(StrEnum):
    """How a part stands. There is no "failed": what a resume does not say, or our reading missed, is unknown."""

    MET = "met"
    PARTLY = "partly"
    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"


class Outcome(StrEnum):
    """How a must-have stands; `fail` only where the resume itself says less than is asked."""

    PASS = "pass"  # noqa: S105 - no password
    UNKNOWN = "unknown"
    FAIL = "fail"


DEFAULT_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {PartName.SKILLS: 0.5, PartName.TITLE: 0.2, PartName.EDUCATION: 0.1, PartName.EXPERIENCE: 0.2}
)
"""Of parts that a job gives no weight of its own. A judgement, not learned from anything."""


@dataclass(frozen=True, slots=True)
class MustHaves:
    """What a job insists on, in its own words; `years` of experience and `degree` (a level's name) at least."""

    skills: tuple[str, ...] = ()
    years: float | None = None
    degree: str | None = None
    languages: tuple[str, ...] = ()
    certifications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of the resume, `quote` = `text[start:end]`, and what of the job it answers. Offsets count characters."""

    answers: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `score` in [0, 1] where it is known; `weight` is its share among the parts that the job asks for.

    `missing` are the skills asked for that the resume does not name; the other parts have none.
    """

    name: PartName
    state: State
    score: float | None = None
    weight: float = 0.0
    asked: str = ""
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """One must-have and how it stands."""

    kind: str
    asked: str
    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every part in the order of PartName, and every must-have in the job's order.

    `shown` is the sum of weight x score over the known parts, `unknown` the weights of the unknown ones: of what the
    job asks for the resume shows at least `shown`, and nothing is known of `unknown`. Neither is a probability. No mean
    over the known parts is given, as it would favour whoever shows little.
    """

    parts: tuple[Part, ...] = ()
    must_haves: tuple[Checked, ...] = ()
    shown: float = 0.0
    unknown: float = 0.0
