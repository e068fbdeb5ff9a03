"""Redaction: what tells who somebody is, rather than what they can do, never reaches a model.

Found and replaced: names, e-mail addresses, phones, links, addresses, birth dates, photographs, pronouns and forms of
address, nationality and marital status. Job titles, employers, schools and skills stay. Rules and word lists alone: no
model, no network. `docs/MODELS.md` tells how much of it is found.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from scoring.fields.fields import Fields, read_fields
from scoring.redaction.civil import civil_status
from scoring.redaction.contacts import contacts
from scoring.redaction.name_words import name_parts
from scoring.redaction.names import names
from scoring.redaction.places import addresses
from scoring.redaction.pronouns import pronouns
from scoring.spans import Span, without_overlaps
from scoring.wordlists.vocabulary import ordinary_words

KINDS = ("name", "email", "phone", "link", "address", "birth_date", "photo", "pronoun", "nationality", "marital_status")
_TELLING = 4
"""A piece of a name or an address must have this many letters to count as a leak inside another word."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with `[kind]` in place of each span; the spans are in order, none over another, offsets the original's."""

    text: str
    spans: tuple[Span, ...]

    def original(self, offset: int) -> int:
        """The original's offset of a character of the redacted text; inside a placeholder, its span's start."""
        starts = self._starts()
        index = bisect_right(starts, offset) - 1
        if index < 0:
            return offset
        span = self.spans[index]
        past = offset - starts[index] - len(placeholder(span.kind))
        return span.start if past < 0 else span.end + past

    def _starts(self) -> list[int]:
        """Where each placeholder begins in the redacted text."""
        starts: list[int] = []
        grown = 0
        for span in self.spans:
            starts.append(span.start + grown)
            grown += len(placeholder(span.kind)) - (span.end - span.start)
        return starts


@dataclass(frozen=True, slots=True)
class Reading:
    """One pass over a resume: the text for the models, the fields for people; offsets are the original's."""

    redacted: Redacted
    fields: Fields


def placeholder(kind: str) -> str:
    """What stands in the redacted text: the same for whatever stood there."""
    return f"[{kind.replace('_', ' ')}]"


def redact(text: str) -> Redacted:
    """The text without personal data. Redacting what is redacted changes nothing."""
    return read(text).redacted


def read(text: str) -> Reading:
    """Redact a text and read its fields in one pass."""
    fields = read_fields(text)
    employers = [position.employer for position in fields.positions if position.employer]
    reached = list(contacts(text))
    spans = [*reached, *civil_status(text), *addresses(text, reached), *pronouns(text)]
    spans += names(text, reached, employers)
    kept = without_overlaps(span for span in spans if span.end > span.start)
    return Reading(Redacted(_replaced(text, kept), kept), fields)


def leaks(original: str, redacted: Redacted) -> list[Span]:
    """Where something that was redacted stands elsewhere still, as what it was redacted; offsets are the original's.

    Searched without regard to case, and inside words too: a name's parts in a file name, the user of an e-mail address,
    the digits of a phone however they are set, the last part of a link.
    """
    found: list[Span] = []
    lowered = redacted.text.lower()
    for kind, needle in sorted({pair for span in redacted.spans for pair in _needles(original, span)}):
        pattern = (
            needle
            if kind == "phone"
            else (
                re.escape(needle) if len(needle) >= _TELLING + 2 else rf"(?<![^\W\d_]){re.escape(needle)}(?![^\W\d_])"
            )
        )
        for match in re.finditer(pattern, lowered):
            found.append(Span(kind, redacted.original(match.start()), redacted.original(match.end() - 1) + 1))
    return sorted(found, key=lambda span: (span.start, span.end))


def _needles(original: str, span: Span) -> Iterator[tuple[str, str]]:
    value = original[span.start : span.end].lower()
    if span.kind == "name":
        yield from (("name", part) for part in name_parts(value))
    elif span.kind == "email":
        user = value.partition("@")[0].strip()
        if len(user) > _TELLING and user not in ordinary_words():
            yield "email", user
    elif span.kind == "phone":
        digits = re.findall(r"\d", value)
        yield "phone", r"\D{0,3}".join(digits[-7:])
    elif span.kind == "link":
        _, _, path = value.partition("://")[2].partition("/") if "://" in value else value.partition("/")
        last = re.split(r"[/=]", path.rstrip("/"))[-1]
        if len(last) > _TELLING + 3 and last not in ordinary_words():
            yield "link", last


def _replaced(text: str, spans: tuple[Span, ...]) -> str:
    parts: list[str] = []
    position = 0
    for span in spans:
        parts += (text[position : span.start], placeholder(span.kind))
        position = span.end
    return "".join((*parts, text[position:]))
