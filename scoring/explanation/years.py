"""Years of experience: what a job asks for, what a resume states, and what its dated positions add up to."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scoring.fields.dates import NOW
from scoring.fields.position import Position
from scoring.spans import Span

_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen",
    "twenty",
)  # fmt: skip
_NUMBERS = {word: float(number) for number, word in enumerate(_WORDS[:12], 1)} | {"fifteen": 15.0, "twenty": 20.0}
_NUMBER = rf"(\d{{1,2}}(?:\.\d)?|{'|'.join(_WORDS)})"
_UNIT = r"(years?|yrs?|months?)\b"
_STATED = re.compile(rf"\b{_NUMBER}\s?(?:\+|plus)?\s?(?:\(\w+\)\s)?{_UNIT}", re.IGNORECASE)
_ASKED = re.compile(
    rf"(?<![\w.,]){_NUMBER}\s?(?:\+|plus)?\s?(?:(?:-|–|to|or)\s?\d{{1,2}}\s?\+?\s?)?{_UNIT}", re.IGNORECASE
)
_OF_EXPERIENCE = re.compile(r"[^.;\n]{0,60}\bexperience", re.IGNORECASE)
_NOW = re.compile(NOW, re.IGNORECASE)
MOST_YEARS = 60
MOST_QUOTED = 3
"""Dated positions quoted as evidence: the last ones of a career say most."""


@dataclass(frozen=True, slots=True)
class Years:
    """A number of years and the pieces of the text that tell it."""

    number: float
    spans: tuple[Span, ...]


def asked(column: str, description: str) -> Years | None:
    """The most years that a job asks for, the lower end of "3 to 5 years".

    Any number of years counts in its column of experience; in a description only those of experience. Spans lie in
    whichever of the two was read.
    """
    text = column or description
    found = [
        Years(_number(match), (Span("years", *match.span()),))
        for match in _ASKED.finditer(text)
        if column or _OF_EXPERIENCE.match(text, match.end())
    ]
    return max(found, key=lambda years: years.number, default=None)


def stated(text: str, spans: Iterable[Span]) -> Years | None:
    """The most years that a resume states at `spans`."""
    found = []
    for span in spans:
        if match := _STATED.search(text, span.start, span.end):
            found.append(Years(_number(match), (span,)))
    return max(found, key=lambda years: years.number, default=None)


def dated(text: str, positions: Sequence[Position], this_year: int) -> Years | None:
    """Calendar years that dated positions span together, gaps left out; those that last until now end `this_year`.

    A position within one year adds none, as months are not read: a lower bound, rather than a guess.
    """
    known = []
    for position in positions:
        last = position.last_year
        if position.dates and last is None and _NOW.search(text, position.dates.start, position.dates.end):
            last = this_year
        if position.dates and position.first_year is not None and last is not None:
            known.append((position.first_year, min(last, this_year), position.dates))
    years = _union([(first, last) for first, last, _ in known])
    latest = sorted(known, key=lambda entry: -entry[1])[:MOST_QUOTED]
    return Years(min(years, MOST_YEARS), tuple(span for _, _, span in latest)) if years > 0 else None


def _union(ranges: Iterable[tuple[int, int]]) -> int:
    """Years covered by ranges that may overlap."""
    total, reached = 0, 0
    for first, last in sorted(ranges):
        total += max(0, last - max(first, reached))
        reached = max(reached, last)
    return total


def _number(match: re.Match[str]) -> float:
    number, unit = match.group(1).lower(), match.group(2).lower()
    value = _NUMBERS[number] if number in _NUMBERS else float(number)
    return round(value / 12, 2) if unit.startswith("month") else value
