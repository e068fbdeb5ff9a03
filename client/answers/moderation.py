"""Spam and abuse in texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A word or pair of words, and what it added to the log-odds of the score."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The passage of a text with the highest score, `flagged` when that reaches the threshold, and what drove it."""

    score: float
    threshold: float
    flagged: bool
    passage: str
    start: int
    end: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Moderated:
    """What was found in one text."""

    spam: Verdict
    toxicity: Verdict


@dataclass(frozen=True, slots=True)
class Moderation:
    """A result for each text, in the order they were sent."""

    results: tuple[Moderated, ...]
    packs: dict[str, str]
    cached: bool
    notice: str
