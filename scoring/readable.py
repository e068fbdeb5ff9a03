"""A resume as the models read it: nothing in it tells who wrote it. The only way from a resume to a model."""

from dataclasses import dataclass, replace

from scoring.edited import Edited
from scoring.fields.fields import Fields
from scoring.inputs import MATCH_COLUMNS, Flag, Resume
from scoring.redact import Redacted, read, redact_part, without_placeholders
from scoring.text import clean_field, normalise, plain

PROSE = frozenset({"career_objective"})
"""The match columns that are sentences; the others are lists."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A resume's texts for the models, and the fields for people.

    - `text`: what the category model reads: the whole resume, redacted, placeholders dropped, white space normalised.
    - `match_text`: what the match model reads: the match columns where there are any of them, else `text`.
    - `redacted.text`: what moderation reads: lines as they stand and placeholders (`[name]`) as words, since that there
      is a link or a phone number tells spam. `own` leads back to the resume's own text.
    - `fields`: positions, years, degrees, languages and certifications; offsets are of `resume.text`.
    """

    resume: Resume
    text: str
    match_text: str
    redacted: Redacted
    fields: Fields
    cleaned: Edited

    @property
    def id(self) -> str:
        """The resume's id."""
        return self.resume.id

    def own(self, flag: Flag) -> Flag:
        """A flag on `redacted.text` as one on the resume's own text."""
        start, end = self.own_span(flag.start, flag.end)
        return replace(flag, passage=self.resume.text[start:end], start=start, end=end)

    def own_span(self, start: int, end: int) -> tuple[int, int]:
        """Characters of `redacted.text` as those of the resume's own text."""
        return self.cleaned.span(*self.redacted.edited.span(start, end))


def read_resume(resume: Resume) -> Readable:
    """Redact a resume and read its fields, in one pass over its text; columns are redacted with the names it gave."""
    cleaned = plain(resume.text)
    reading = read(cleaned.text)
    whole = encoder_text(reading.redacted.text)
    columns = [_column(column, resume, reading.own_names) for column in MATCH_COLUMNS]
    match_text = "\n\n".join(column for column in columns if column) or whole
    return Readable(resume, whole, match_text, reading.redacted, reading.fields.moved(cleaned), cleaned)


def encoder_text(redacted: str) -> str:
    """What the encoder's models read of a redacted text (docs/decisions/redaction.md says why no placeholders)."""
    return normalise(without_placeholders(redacted))


def match_text(resume: Resume) -> str:
    """What the match model reads of a resume."""
    return read_resume(resume).match_text


def _column(name: str, resume: Resume, own_names: frozenset[str]) -> str:
    value = resume.fields.get(name, "")
    if name in PROSE:
        return clean_field(without_placeholders(read(plain(value).text, own_names).redacted.text))
    return encoder_text(redact_part(clean_field(value), own_names).text)
