"""Dates and ranges of dates as resumes write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
    r"|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars"
    r"|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b\.?"
)
_YEAR = r"(?:19[4-9]|20[0-4])\d"
DAY = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|\.)?\s?(?:of\s|de\s|-|/)?\s?{_MONTH}\s?(?:de\s)?[,\s'/-]{{0,4}}[^\w\n]{{0,2}}{_YEAR}"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s{_YEAR}|\d{{1,2}}[./-]\d{{1,2}}[./-]{_YEAR}"
    rf"|{_YEAR}[./-]\d{{1,2}}[./-]\d{{1,2}})"
)
"""A day with its year, as a regular expression to be compiled without regard to case."""
_SHORT = r"['’]\d\d\b"
_POINT = (
    rf"(?:{_MONTH}[\s,./'’-]{{0,3}}(?:{_YEAR}|\d\d\b)|{_YEAR}[\s./-]{{1,2}}(?:{_MONTH}"
    rf"|(?:0[1-9]|1[0-2])\b(?![./-]))|(?:0?[1-9]|1[0-2])[./-]{_YEAR}|{_YEAR}|{_SHORT})"
)
NOW = (
    r"(?:present|current(?: time|ly working|ly)?|now|today|till now|till date|till today"
    r"|to date|date|ongoing|heute|aujourd'hui|actualidad|actual)\b"
)
"""What says that something lasts until today."""
_TO = r"\s{0,3}(?:-{1,2}|–|—|to\b|till\b|until\b|through\b|bis\b|à\b|->)\s{0,3}"
# A pattern of many alternatives is found faster when the letters that they begin with are asked for first.
RANGE = re.compile(
    rf"(?=[\djfmasonde'’])(?<![\w/.-]){_POINT}(?:{_TO}(?:{NOW}|{_POINT})|\s{{1,2}}(?:{NOW}|{_POINT}))(?![\w/])",
    re.IGNORECASE,
)
_POINT_ALONE = re.compile(rf"(?<![\w/.-]){_POINT}(?![\w/])", re.IGNORECASE)
_YEARS = re.compile(_YEAR)


@dataclass(frozen=True, slots=True)
class DateRange:
    """A range of dates at `[start, end)` with its years, None where they are not written out or reach to today."""

    start: int
    end: int
    first_year: int | None
    last_year: int | None


def date_ranges(text: str) -> Iterator[DateRange]:
    """Ranges ("May 2015 to Present", "2012-2014"), in order."""
    for match in RANGE.finditer(text):
        years = [int(year) for year in _YEARS.findall(match.group())]
        yield DateRange(*match.span(), years[0] if years else None, years[1] if len(years) > 1 else None)


def lone_dates(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Single dates between two offsets."""
    yield from (match.span() for match in _POINT_ALONE.finditer(text, start, end))
