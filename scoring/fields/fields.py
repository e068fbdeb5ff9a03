"""The fields of a resume that its scores are explained with, each with where it was found."""

from dataclasses import dataclass, replace

from scoring.edited import Edited
from scoring.fields.position import Position
from scoring.fields.positions import positions
from scoring.fields.qualifications import certifications, degrees, languages, years_of_experience
from scoring.fields.sections import Sections
from scoring.spans import Span, without_overlaps


@dataclass(frozen=True, slots=True)
class Fields:
    """What a resume says of a career; `text[span.start:span.end]` of the text that was read is a value."""

    positions: tuple[Position, ...]
    years: tuple[Span, ...]
    degrees: tuple[Span, ...]
    languages: tuple[Span, ...]
    certifications: tuple[Span, ...]

    def spans(self) -> tuple[Span, ...]:
        """Every value in the order of the text: title, employer, dates, years, degree, language and certification."""
        parts = (part for position in self.positions for part in (position.title, position.employer, position.dates))
        found = [part for part in parts if part]
        return tuple(
            sorted(
                {*found, *self.years, *self.degrees, *self.languages, *self.certifications},
                key=lambda span: (span.start, span.end),
            )
        )

    def moved(self, edited: Edited) -> "Fields":
        """The same fields of an edited text with the offsets of its original."""
        if not edited.edits:
            return self
        positions = (
            replace(held, title=_moved(held.title, edited), employer=_moved(held.employer, edited),
                    dates=_moved(held.dates, edited))
            for held in self.positions
        )  # fmt: skip
        lists = (self.years, self.degrees, self.languages, self.certifications)
        return Fields(tuple(positions), *(tuple(_at(span, edited) for span in spans) for spans in lists))


def read_fields(text: str) -> Fields:
    """Read the fields of a resume's text, with or without lines."""
    sections = Sections(text)
    return Fields(
        positions(text, sections),
        without_overlaps(years_of_experience(text)),
        without_overlaps(degrees(text)),
        without_overlaps(languages(text, sections)),
        without_overlaps(certifications(text, sections)),
    )


def _moved(span: Span | None, edited: Edited) -> Span | None:
    return span and _at(span, edited)


def _at(span: Span, edited: Edited) -> Span:
    return Span(span.kind, *edited.span(span.start, span.end))
