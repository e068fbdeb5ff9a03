"""Positions in flowing text, one long line: the capitalised words before the dates are title, employer and place."""

import re
from collections.abc import Iterator, Sequence

from scoring.fields.dates import DateRange
from scoring.fields.position import PLACEHOLDERS, Position
from scoring.fields.sections import Sections
from scoring.fields.titles import title_end, title_start
from scoring.spans import Span
from scoring.wordlists.nations import COUNTRY

_WORD = re.compile(r"\S+")
_LOCATION_TAIL = re.compile(r"\s+[-–—]\s*([A-Z][\w.'’-]*(?:[ -][\w.'’-]+){0,3}(?:,\s?[A-Z][\w. ]{1,25})?)\s*$")
_STOP = re.compile(r"[•§*?|>●▪:!;]$|[^\s.][.]$|\.\)$")
_ABBREVIATION = re.compile(r"^(?:Sr|Jr|Inc|Co|Corp|Ltd|Dr|St|Mr|Ms|L\.L\.C|U\.S|Pvt|Asst|Dept|Mgr|Assoc|\w)\.,?$")
_INSIDE = frozenset(
    {"of", "and", "&", "/", "-", "–", "for", "the", "in", "de", "at", "to", "with", "und", "y", "e", "et"}
)
_HEADLINE = re.compile(r"([A-Za-z][^\n]{2,110}?)\s+\1(?=\s)(?:\s+\1(?=\s))?")
_WINDOW = 220


def headline_positions(text: str, sections: Sections) -> Iterator[Position]:
    """`T T T - Employer City, ST`: how the corpus' resumes begin, the last title sometimes another one."""
    match = _HEADLINE.match(text.lstrip())
    if not match:
        return
    title = match.group(1)
    start = text.index(title)
    count = match.group().count(title)
    for _ in range(count):
        start = text.index(title, start)
        yield Position(title=Span("title", start, start + len(title)))
        start += len(title)
    rest = re.compile(r"\s+[-–]\s+").match(text, start)
    if count == 3 and rest:
        end = _employer_end(text, rest.end())
        if end > rest.end():
            yield Position(employer=Span("employer", rest.end(), end))


def in_flowing_text(text: str, ranges: Sequence[DateRange], sections: Sections, headline: str) -> Iterator[Position]:
    """Positions from their dates. `headline`: the title that the resume begins with, or nothing."""
    previous = 0
    for found in ranges:
        if sections.at(found.start) == "experience":
            floor = max(previous, sections.start(found.start), found.start - _WINDOW)
            title, employer = _before_dates(text, floor, found.start, headline)
            if title or employer:
                yield Position(
                    title, employer, Span("dates", found.start, found.end), found.first_year, found.last_year
                )
        previous = found.end


def _employer_end(text: str, start: int) -> int:
    """The employer of a headline ends before the place of residence or the first section."""
    place = re.compile(rf",\s(?:[A-Z]{{2}}|{COUNTRY})\b|Work Experience|Authorized to work").search(
        text, start, start + 120
    )
    if not place:
        return start
    words = list(_WORD.finditer(text, start, place.start()))
    if text[place.start()] == "," and words:
        words = words[:-1]
        if len(words) > 1 and words[-1].group() in (
            "East",
            "West",
            "North",
            "South",
            "New",
            "San",
            "Los",
            "Fort",
            "La",
            "Saint",
            "St.",
        ):
            words = words[:-1]
    return words[-1].end() if words else start


def _before_dates(text: str, floor: int, end: int, headline: str) -> tuple[Span | None, Span | None]:
    """`Title Employer - City, ST` before the dates, with nothing between title and employer to tell them apart."""
    tail = _LOCATION_TAIL.search(text, floor, end)
    stop = tail.start() if tail else end
    words = _trailing_name(text, floor, stop)
    if not words:
        return None, None
    start, stop = words[0].start(), words[-1].end()
    known = text.find(headline, start, stop) if headline else -1
    if known >= 0:
        return Span("title", known, known + len(headline)), _employer(text, known + len(headline), stop)
    last = title_end(words)
    if last < 0:
        return None, _employer(text, start, stop)
    end = words[last].start() + len(words[last].group().rstrip(","))
    return Span("title", words[title_start(words, last)].start(), end), _employer(text, end, stop)


def _trailing_name(text: str, floor: int, stop: int) -> list[re.Match[str]]:
    """The run of capitalised words, with the small words inside it, that ends at `stop`."""
    kept: list[re.Match[str]] = []
    for word in reversed(list(_WORD.finditer(text, floor, stop))):
        token = word.group()
        ends_sentence = bool(_STOP.search(token)) and not _ABBREVIATION.match(token)
        if kept and (ends_sentence or text[word.end() : kept[-1].start()].replace("\xa0", " ").startswith("  ")):
            break
        if not (
            token[0].isupper()
            or token[0].isdigit()
            or token[0] in "(/&."
            or token in _INSIDE
            or token.startswith(("i", "e-", ".N"))
        ):
            break
        kept.append(word)
    kept.reverse()
    while kept and (kept[0].group().lower() in _INSIDE or kept[0].group().isdigit()):
        kept.pop(0)
    return kept


def _employer(text: str, start: int, stop: int) -> Span | None:
    while start < stop and text[start] in " \t\xa0-–—,/|@(":
        start += 1
    value = text[start:stop].rstrip(" ,-–(|")
    if len(value) < 2 or value.lower() in PLACEHOLDERS:
        return None
    return Span("employer", start, start + len(value))
