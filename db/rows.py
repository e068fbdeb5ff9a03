"""The rows of an upload on their way into the database."""

from dataclasses import dataclass
from typing import BinaryIO, Literal

Kind = Literal["resume", "job", "archive"]


@dataclass(frozen=True, slots=True)
class ResumeRow:
    """A resume to be kept. `fields` is a JSON object; `source` tells where in the upload it stood."""

    number: int
    source: str
    external_id: str
    name: str
    text: str
    fields: str
    content_hash: str
    tokens: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job to be kept, or to replace the one with its external_id."""

    number: int
    source: str
    external_id: str
    title: str
    description: str
    education: str
    experience: str
    skills: str
    content_hash: str
    tokens: int


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be kept: `code` for programs, `reason` for people, saying what to do."""

    number: int
    kind: Kind
    source: str
    external_id: str | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A file still to be parsed: `size` bytes of `stream` from `start` on. Its row stays pending until then."""

    number: int
    kind: Kind
    filename: str
    stream: BinaryIO
    start: int
    size: int


Row = ResumeRow | JobRow | RejectedRow | DocumentRow
