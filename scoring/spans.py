"""Pieces of a text, named by what they are."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`text[start:end]` is of this kind. Offsets count characters."""

    kind: str
    start: int
    end: int


def without_overlaps(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans in order, none over another: of two that overlap the later keeps only what sticks out."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.kind)):
        start = max(span.start, kept[-1].end) if kept else span.start
        if start < span.end:
            kept.append(Span(span.kind, start, span.end))
    return tuple(kept)


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    """Does it share a character with any of them?"""
    return any(span.start < other.end and other.start < span.end for other in others)
