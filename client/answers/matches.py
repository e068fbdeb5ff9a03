"""One resume against one job."""

from __future__ import annotations

from dataclasses import dataclass

from client.answers.explanation import Explained


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`Match`, when the probability reaches the threshold, or `No Match`. `cached`: answered from memory."""

    prediction: str
    probability: float
    threshold: float
    windows: int
    packs: dict[str, str]
    format: str
    cached: bool
    notice: str


@dataclass(frozen=True, slots=True)
class Analysis(Explained):
    """The same in detail. `compatibility` is the TF-IDF cosine of the texts, 0 to 1; `common_terms` add most to it."""

    prediction: str
    probability: float
    threshold: float
    windows: int
    compatibility: float
    common_terms: tuple[str, ...]
    skills_beyond: tuple[str, ...]
    packs: dict[str, str]
    format: str
    cached: bool
    notice: str
