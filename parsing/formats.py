"""One document, whatever its format, inside the sandbox."""

from collections.abc import Callable
from typing import BinaryIO

from parsing import docx, pdf, txt
from parsing.document import Document
from parsing.limits import Limits
from parsing.media import Kind, readable_kind

_READERS: dict[Kind, Callable[[BinaryIO, Limits], Document]] = {
    Kind.PDF: pdf.read,
    Kind.DOCX: docx.read,
    Kind.UNKNOWN: txt.read,
}


def read(stream: BinaryIO, filename: str, limits: Limits) -> Document:
    """Text of the document in a seekable stream. Raises ParseError."""
    kind = readable_kind(stream, filename)
    return _READERS[kind](stream, limits)
