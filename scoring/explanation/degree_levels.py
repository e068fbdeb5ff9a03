"""Levels of degrees: which one a degree is of, and the order of the levels."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scoring.fields.qualifications import degrees
from scoring.spans import Span

LEVELS = ("school", "diploma", "bachelor", "master", "doctorate")
"""The lowest first. An associate's degree counts as a diploma."""
_NAMES = (
    ("doctorate", r"ph\.?\s?d|doctor|d\.?phil|ed\.?d|pharm\.?d|[jm]\.d"),
    ("school", r"high school|ged\b|abitur"),
    ("diploma", r"associate|diploma|a\.?(?:a\.?)?s?\.?\b"),
    ("bachelor", r"bachelor|b\.?\s?(?:sc|tech|com|eng|ed|arch|pharm|[bcf]?\.?a|s|e)"),
    ("bachelor", r"ll\.?b|mbbs|licence (?:de|en|in)|licenciatura|laurea"),
    ("master", r"master|magister|diplom\b|m\.?\s?(?:sc|tech|com|eng|ed|arch|phil|[bcf]?\.?a|p\.?h|s|e)"),
    ("master", r"ll\.?m|pgd"),
)
_FORMS = tuple((LEVELS.index(level), re.compile(names, re.IGNORECASE)) for level, names in _NAMES)
_OTHER_MASTER = re.compile(r"\b[A-Z]\w+ $")
"""Scrum Master and Web Master are no degrees."""


@dataclass(frozen=True, slots=True)
class Degree:
    """A degree where it stands in a text; `rank` is the place of its level among LEVELS."""

    rank: int
    span: Span


def ranked(text: str, spans: Iterator[Span] | tuple[Span, ...]) -> Iterator[Degree]:
    """Those degrees whose level is known."""
    for span in spans:
        found = text[span.start : span.end]
        bare = found.lower() == "master" and _OTHER_MASTER.search(text, max(0, span.start - 24), span.start)
        rank = next((rank for rank, form in _FORMS if form.match(found)), None)
        if rank is not None and not bare:
            yield Degree(rank, span)


def lowest(text: str) -> Degree | None:
    """The least that a job asks for: "Bachelor or Master" is met by a bachelor. None when it names no degree."""
    return min(ranked(text, degrees(text)), key=lambda degree: degree.rank, default=None)
