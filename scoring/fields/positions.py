"""Positions held: title, employer and dates, each with where it stands in the resume."""

from scoring.fields.dates import date_ranges
from scoring.fields.flowing_positions import headline_positions, in_flowing_text
from scoring.fields.line_positions import in_lines
from scoring.fields.position import Position
from scoring.fields.sections import Sections

_TO_POSITION = ("", "experience", "other")


def positions(text: str, sections: Sections) -> tuple[Position, ...]:
    """Positions held, those of the headline first; a title, an employer or dates may be missing."""
    ranges = [found for found in date_ranges(text) if sections.at(found.start) in _TO_POSITION]
    if sections.flowing:
        headline = list(headline_positions(text, sections))
        title = text[headline[0].title.start : headline[0].title.end] if headline and headline[0].title else ""
        return (*headline, *in_flowing_text(text, ranges, sections, title))
    return tuple(in_lines(text, ranges, sections))
