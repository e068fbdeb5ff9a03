"""Positions in a resume with lines: from the dates' own line and the short lines around it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter

from scoring.fields.dates import DateRange, lone_dates
from scoring.fields.position import PLACEHOLDERS, Position
from scoring.fields.sections import Sections
from scoring.fields.titles import is_title, title_end
from scoring.spans import Span
from scoring.wordlists.nations import COUNTRY
from scoring.wordlists.vocabulary import ORGANISATION_WORDS, ends_a_title, ordinary_words

_start, _end = itemgetter(0), itemgetter(1)
_WORD = re.compile(r"\S+")
_NOT_EMPLOYER = re.compile(r"\d+(?![A-Za-z])|(?:full|part)[ -]time|gpa\b|page\b|present\b", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"\s*(?:[|•·:;,()\t–—\"]|->|\s[-/]\s|\s{2,}|\s\bat\b\s|\s\b(?i:with)\b\s|\s@\s|\bin project\b|^[-*]\s)\s*"
)
_SPLIT_LINE = re.compile(r"[^\n]+")
_PLACE = re.compile(rf"(?:{COUNTRY}|[A-Z]{{2}})$")
_LABELLED_TITLE = re.compile(
    r"(?:^|(?<=[\n|;•\t]))\s*(?:role|title|job title|position|designation)\s?:[ \t]*([^\n|;•\t]{3,60})", re.IGNORECASE
)
_LABELLED_EMPLOYER = re.compile(
    r"(?:^|(?<=[\n|;•\t]))\s*(?:employer|company|client|organi[sz]ation)\s?:[ \t]*([A-Z0-9][^\n|;•\t]{1,60})",
    re.IGNORECASE,
)
_LONG_LINE = 90
_CAPITALISED = 0.6
"""The share of an employer's words that begin with a capital: sentences have fewer."""


def in_lines(text: str, ranges: Sequence[DateRange], sections: Sections) -> Iterator[Position]:
    """Positions by the ranges of dates, then those without: by a label, or on a short line of the experience."""
    lines = [match.span() for match in _SPLIT_LINE.finditer(text) if match.group().strip(" \t,ï¼\xa0–-")]
    taken: set[int] = set()
    yield from _head_titles(text, [line for line in lines[:4] if sections.at(line[0]) != "experience"], taken)
    for found in ranges:
        if sections.at(found.start) == "other":
            continue
        yield from _around_dates(text, lines, found, taken)
    yield from _labelled(text, taken)
    yield from _undated(text, lines, sections, taken)


def _head_titles(text: str, lines: Sequence[tuple[int, int]], taken: set[int]) -> Iterator[Position]:
    for start, end in lines:
        for piece in _pieces(text, start, end) if _is_short(text[start:end]) else ():
            if is_title(text[piece.start : piece.end]):
                taken.add(piece.start)
                yield Position(title=Span("title", piece.start, piece.end))


def _around_dates(text: str, lines: Sequence[tuple[int, int]], found: DateRange, taken: set[int]) -> Iterator[Position]:
    pieces = [piece for piece in _near(text, lines, found) if piece.start not in taken]
    title = next((piece for piece in pieces if is_title(text[piece.start : piece.end])), None)
    employer = _employer_of(text, [piece for piece in pieces if piece != title], title, found)
    if title or employer:
        taken.update(piece.start for piece in (title, employer) if piece)
        yield Position(
            Span("title", title.start, title.end) if title else None,
            Span("employer", employer.start, employer.end) if employer else None,
            Span("dates", found.start, found.end),
            found.first_year,
            found.last_year,
        )


def _employer_of(text: str, pieces: Sequence[Span], title: Span | None, found: DateRange) -> Span | None:
    """The nearest employer; below the dates of a title that stands above them stand tasks: there it must look like one.

    Where a placeholder stands for the employer, there is none.
    """
    if any(text[piece.start : piece.end].lower() == "company name" for piece in pieces):
        return None
    for piece in pieces:
        is_task = title is not None and title.end <= found.start and "\n" in text[found.end : piece.start]
        if _is_employer(text, piece) and not (is_task and not _of_organisation(text[piece.start : piece.end])):
            return piece
    return None


def _of_organisation(value: str) -> bool:
    return any(word.strip(".,").lower() in ORGANISATION_WORDS for word in value.split())


def _near(text: str, lines: Sequence[tuple[int, int]], found: DateRange) -> list[Span]:
    """The pieces of the dates' own line, then of the short lines next to it, the nearest first."""
    first = bisect_right(lines, found.start, key=_end)
    last = bisect_left(lines, found.end, key=_start) - 1
    if first > last:
        return []
    own_line = (*_pieces(text, found.end, lines[last][1]), *_pieces(text, lines[first][0], found.start))
    pieces = [part for piece in own_line for part in _title_apart(text, piece)]
    for distance in (1, 2, 3):
        for index in (first - distance, last + distance):
            if 0 <= index < len(lines) and _is_short(text[slice(*lines[index])]):
                pieces.extend(_pieces(text, *lines[index]))
    return pieces


def _title_apart(text: str, piece: Span) -> list[Span]:
    """`Web Developer Naya Technologies` is a title and an employer."""
    words = list(_WORD.finditer(text, piece.start, piece.end))
    last = title_end(words)
    if not 0 <= last < len(words) - 1 or not words[last + 1].group()[0].isupper():
        return [piece]
    return [Span("", piece.start, words[last].end()), Span("", words[last + 1].start(), piece.end)]


def _is_short(line: str) -> bool:
    return (
        len(line) <= _LONG_LINE
        and not line.rstrip().endswith((".", ";"))
        and not line.lstrip().startswith(("•", "*", "o ", "●"))
    )


def _pieces(text: str, start: int, end: int) -> list[Span]:
    pieces = []
    position = start
    for separator in [*_SEPARATOR.finditer(text, start, end), None]:
        stop = separator.start() if separator else end
        value = text[position:stop]
        stripped = value.strip(" \t.\xa0-–'")
        if len(stripped) > 1:
            begin = position + value.index(stripped)
            pieces.append(Span("", begin, begin + len(stripped)))
        position = separator.end() if separator else end
    return pieces


def _is_employer(text: str, piece: Span) -> bool:
    value = text[piece.start : piece.end]
    words = [word.strip(".,").lower() for word in value.split()]
    if not (value[0].isupper() or value[0].isdigit()) or len(words) > 7 or value.lower() in PLACEHOLDERS:
        return False
    if (
        is_title(value)
        or _PLACE.match(value)
        or _NOT_EMPLOYER.search(value)
        or next(lone_dates(text, piece.start, piece.end), None)
    ):
        return False
    if sum(word[0].isupper() for word in value.split()) < len(words) * _CAPITALISED:
        return False
    return _of_organisation(value) or any(word not in ordinary_words() for word in words)


def _labelled(text: str, taken: set[int]) -> Iterator[Position]:
    for match in _LABELLED_TITLE.finditer(text):
        if match.start(1) not in taken and is_title(match.group(1).strip(" .")):
            taken.add(match.start(1))
            yield Position(title=Span("title", match.start(1), match.start(1) + len(match.group(1).rstrip(" ."))))
    for match in _LABELLED_EMPLOYER.finditer(text):
        if match.start(1) not in taken and match.group(1).strip().lower() not in PLACEHOLDERS:
            taken.add(match.start(1))
            yield Position(
                employer=Span("employer", match.start(1), match.start(1) + len(match.group(1).rstrip(" .,")))
            )


def _undated(text: str, lines: Sequence[tuple[int, int]], sections: Sections, taken: set[int]) -> Iterator[Position]:
    """Titles on short lines of the experience that no range of dates stands by."""
    for start, end in lines:
        if sections.at(start) != "experience" or not _is_short(text[start:end]) or end - start > 60:
            continue
        piece = next(iter(_pieces(text, start, end)), None)
        if (
            piece
            and piece.start not in taken
            and is_title(text[piece.start : piece.end])
            and ends_a_title(text[piece.start : piece.end].split()[-1])
        ):
            taken.add(piece.start)
            date = next(lone_dates(text, piece.end, end), None)
            yield Position(title=Span("title", piece.start, piece.end), dates=Span("dates", *date) if date else None)
