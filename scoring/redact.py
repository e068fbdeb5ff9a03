"""Redaction: what tells who somebody is, rather than what they can do, never reaches a model.

Found and replaced: names, e-mail addresses, phones, links, addresses, birth dates, photographs, pronouns and forms of
address, nationality and marital status. Job titles, employers, schools and skills stay. Rules and word lists alone: no
model, no network. `docs/MODELS.md` tells how much of it is found.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scoring.edited import Edit, Edited
from scoring.fields.fields import Fields, read_fields
from scoring.redaction.civil import civil_status
from scoring.redaction.contacts import contacts
from scoring.redaction.names import again, labelled_names, names
from scoring.redaction.places import addresses
from scoring.redaction.pronouns import pronouns
from scoring.redaction.streets import streets
from scoring.spans import Span, without_overlaps

KINDS = ("name", "email", "phone", "link", "address", "birth_date", "photo", "pronoun", "nationality", "marital_status")
_PLACEHOLDER = re.compile("|".join(rf"\[{kind.replace('_', ' ')}\]" for kind in KINDS))


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with `[kind]` in place of each span; the spans are in order, none over another, offsets the original's."""

    text: str
    spans: tuple[Span, ...]

    @property
    def edited(self) -> Edited:
        """The way back to the original's offsets."""
        return Edited(self.text, tuple(Edit(span.start, span.end, placeholder(span.kind)) for span in self.spans))

    def original(self, offset: int) -> int:
        """The original's offset of a character of the redacted text; inside a placeholder, its span's start."""
        return self.edited.original(offset)


@dataclass(frozen=True, slots=True)
class Reading:
    """One pass over a resume: the text for the models, the fields for people; offsets are the original's."""

    redacted: Redacted
    fields: Fields
    own_names: frozenset[str]
    """The applicant's names as they were found, to be looked for in what came beside the text."""


def placeholder(kind: str) -> str:
    """What stands in the redacted text: the same for whatever stood there."""
    return f"[{kind.replace('_', ' ')}]"


def without_placeholders(text: str) -> str:
    """A redacted text with a space in place of each placeholder: what says nothing of the work says nothing at all."""
    return _PLACEHOLDER.sub(" ", text)


def redact(text: str) -> Redacted:
    """The text without personal data. Redacting what is redacted changes nothing."""
    return read(text).redacted


def read(text: str, own_names: frozenset[str] = frozenset()) -> Reading:
    """Redact a text and read its fields in one pass. `own_names`: names of the applicant that are known already."""
    fields = read_fields(text)
    employers = [position.employer for position in fields.positions if position.employer]
    reached = list(contacts(text))
    spans = [*reached, *civil_status(text), *addresses(text, reached), *pronouns(text)]
    found = names(text, reached, employers)
    spans += [*found.spans, *again(text, own_names, employers)]
    return Reading(_redacted(text, spans), fields, own_names | found.own)


def redact_part(text: str, own_names: frozenset[str] = frozenset()) -> Redacted:
    """What is no whole resume (a list of skills or employers, a message): no rule that goes by the place on a page.

    Names are hidden where a label stands before them and where they are the applicant's own: capitalised words that
    nobody knows are products and companies on a list.
    """
    spans = [*contacts(text), *civil_status(text, headed=False), *streets(text), *pronouns(text)]
    return _redacted(text, [*spans, *labelled_names(text), *again(text, own_names)])


def _redacted(text: str, spans: Iterable[Span]) -> Redacted:
    kept = without_overlaps(span for span in spans if span.end > span.start)
    edited = Edited.of(text, [Edit(span.start, span.end, placeholder(span.kind)) for span in kept])
    return Redacted(edited.text, kept)
