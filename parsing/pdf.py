"""PDF files, by pypdf."""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from pypdf import PageObject, PasswordType, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError
from pypdf.generic import DictionaryObject

from parsing.document import Document
from parsing.errors import ParseError
from parsing.limits import Limits
from parsing.text import check_length, clean

_TAIL = 4096
_SCANNED_CHARACTERS_A_PAGE = 30


def read(stream: BinaryIO, limits: Limits) -> Document:
    """All pages, a blank line between them.

    Raises ParseError damaged, password_protected, no_text (a scan), too_long, memory. A page that cannot be read
    rejects the document: a resume with a page missing would be scored as if that page had never been written.
    """
    _check_whole(stream)
    try:
        reader = _open(stream)
        pages = list(_page_texts(reader, limits.characters))
    except (ParseError, MemoryError):
        raise
    except LimitReachedError as error:
        raise ParseError("memory", "The PDF unpacks to too much data. Print it to a new PDF and send that.") from error
    except Exception as error:  # pypdf: "broken PDF files might cause other Exceptions"
        raise _damaged() from error
    text = clean("\n\n".join(pages))
    check_length(len(text), limits.characters)
    _check_text(text, reader)
    return Document(text=text, media_type="application/pdf", pages=len(pages))


def _check_whole(stream: BinaryIO) -> None:
    """A PDF ends with %%EOF (ISO 32000-1, 7.5.5). pypdf would read on and hand out the pages that are left."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read(_TAIL)
    stream.seek(0)
    if b"%%EOF" not in tail:
        raise _damaged()


def _open(stream: BinaryIO) -> PdfReader:
    """Opens documents whose password only guards printing or editing: those open with the empty password."""
    reader = PdfReader(stream)
    if not reader.is_encrypted:
        return reader
    try:
        opened = reader.decrypt("") != PasswordType.NOT_DECRYPTED
    except (FileNotDecryptedError, DependencyError, NotImplementedError):
        opened = False
    if not opened:
        raise ParseError("password_protected", "The PDF asks for a password. Send a copy without one.")
    return reader


def _page_texts(reader: PdfReader, limit: int) -> Iterator[str]:
    characters = 0
    for page in reader.pages:
        text = page.extract_text()
        characters += len(text)
        check_length(characters, 2 * limit)  # cleaning only shortens; the exact check follows it
        yield text


def _check_text(text: str, reader: PdfReader) -> None:
    """A scan holds no text, or no more than a scanning app's stamp on each picture."""
    scanned = len(text) < _SCANNED_CHARACTERS_A_PAGE * len(reader.pages) and any(map(_has_picture, reader.pages))
    if scanned or not text:
        message = "The PDF holds pictures but no text. Run text recognition (OCR) on it, or send a DOCX or TXT file."
        raise ParseError("no_text", message)


def _has_picture(page: PageObject) -> bool:
    drawn: Any = page.get("/Resources", DictionaryObject()).get_object().get("/XObject", DictionaryObject())
    return any(thing.get_object().get("/Subtype") == "/Image" for thing in drawn.get_object().values())


def _damaged() -> ParseError:
    return ParseError("damaged", "The PDF is damaged or cut short. Save or print it to PDF again and send that.")
