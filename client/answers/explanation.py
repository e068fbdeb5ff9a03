"""Why a score: the breakdown, must-haves and passages that results, analyses and searches hold.

Offsets count characters of the resume's text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from client.answers.absent import Many, Named


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of the resume, and what of the job it answers."""

    answers: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the breakdown: `met`, `partly`, `unknown` or `not_asked`; `weight` is its share, 0 to 1."""

    state: str
    score: float | None
    weight: float
    asked: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class MustHave:
    """How one must-have of the job came out: `pass`, `unknown` or `fail`. None rejects anybody by itself."""

    kind: str
    asked: str
    outcome: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What stands beside a probability; empty, or None, where nothing was scored.

    Of what the job asks for, the resume shows `shown`, and nothing is known of `unknown`: shares from 0 to 1, no
    probabilities. `breakdown` holds the parts skills, title, education and experience.
    """

    skills_found: Many[str]
    skills_missing: Many[str]
    shown: float | None
    unknown: float | None
    breakdown: Named[Part]
    must_haves: Many[MustHave]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage, and by how much the probability is higher with it; no offsets where the text does not hold it so."""

    quote: str
    start: int | None
    end: int | None
    change: float


@dataclass(frozen=True, slots=True)
class Passages:
    """The passages that moved a probability most, the strongest first: at most three each way.

    Out of `passages` in the resume, found by scoring `passes` texts. Within a result `packs` and `notice` are empty:
    they are the screening's.
    """

    probability: float
    raised: tuple[Passage, ...]
    lowered: tuple[Passage, ...]
    passages: int
    passes: int
    packs: dict[str, str] = field(default_factory=dict)
    notice: str = ""
