"""The rows of an upload on their way into the database."""

import hashlib
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
    """A job to be kept, or to replace the one with its external_id. `weights` and `must_haves` are JSON objects."""

    number: int
    source: str
    external_id: str
    title: str
    description: str
    education: str
    experience: str
    skills: str
    weights: str
    must_haves: str
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


CHARACTERS_A_TOKEN = 4
"""For the estimate that chunks are cut by."""


def content_hash(*parts: str) -> str:
    """The sha256 (hex) of texts in order. Raises UnicodeEncodeError for what UTF-8 cannot hold."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def derived_id(hashed: str) -> str:
    """The external id of what came without one."""
    return f"sha256:{hashed[:24]}"


def estimated_tokens(*texts: str) -> int:
    """About how many tokens a model will read."""
    return sum(map(len, texts)) // CHARACTERS_A_TOKEN + 1
