"""The values that parsing hands out."""

from dataclasses import dataclass
from typing import Literal, get_args

from parsing.errors import ParseError

MediaType = Literal[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text/plain",
]
MEDIA_TYPES: frozenset[str] = frozenset(get_args(MediaType))


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document. `text` is clean (see parsing.text); `pages` is 1 where the format has no fixed pages."""

    text: str
    media_type: MediaType
    pages: int


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its cleaned, unique path, and either its bytes or why it cannot be used."""

    name: str
    content: bytes = b""
    error: ParseError | None = None
