"""Plain text files."""

import codecs
import math
from typing import BinaryIO

from parsing.document import Document
from parsing.errors import ParseError
from parsing.limits import Limits
from parsing.text import check_length, clean

_MOST_BYTES_A_CHARACTER = 4
_MOST_NUL_SHARE = 0.01


def read(stream: BinaryIO, limits: Limits) -> Document:
    """UTF-8 with or without a byte order mark, or UTF-16 with one. Raises ParseError not_utf8, too_long, no_text."""
    content = stream.read(limits.characters * _MOST_BYTES_A_CHARACTER + 1)
    check_length(math.ceil(len(content) / _MOST_BYTES_A_CHARACTER), limits.characters)
    text = clean(_decode(content))
    check_length(len(text), limits.characters)
    if not text:
        raise ParseError("no_text", "The file holds nothing but blanks. Fill it and send it again.")
    return Document(text=text, media_type="text/plain", pages=1)


def _decode(content: bytes) -> str:
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8() from error
    # NUL is valid UTF-8, but many of them are UTF-16 or UTF-32 without its mark, or no text at all.
    if text.count("\0") > _MOST_NUL_SHARE * len(text):
        raise _not_utf8()
    return text


def _not_utf8() -> ParseError:
    return ParseError("not_utf8", "The file is not UTF-8 text. Save it again with the encoding UTF-8.")
