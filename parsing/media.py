"""What a file is, told by its content; its name only breaks ties."""

import io
import zipfile
from enum import Enum
from pathlib import PurePosixPath
from typing import BinaryIO

from parsing.errors import ParseError

_HEAD = 1024  # a PDF's header may stand anywhere in its first 1024 bytes (ISO 32000-1, annex H)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TEXT_SUFFIXES = frozenset({"", ".txt", ".text", ".md"})
_ADVICE = "Send a PDF, DOCX or TXT file."


class Kind(Enum):
    """What a file can turn out to be; the value names it in messages."""

    PDF = "a PDF"
    DOCX = "a Word document"
    OFFICE = "an Office document that is not a Word document"
    ZIP = "a ZIP archive"
    BROKEN_ZIP = "a damaged ZIP-based file"
    PROTECTED_OFFICE = "a password-protected Office document"
    OLE = "a Word document of the old format (.doc)"
    RTF = "an RTF document"
    HTML = "a web page"
    PICTURE = "a picture"
    ARCHIVE = "an archive"
    UNKNOWN = "plain text or unknown"


_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"{\\rtf", Kind.RTF),
    (b"\x89PNG\r\n", Kind.PICTURE),
    (b"\xff\xd8\xff", Kind.PICTURE),
    (b"GIF8", Kind.PICTURE),
    (b"II*\0", Kind.PICTURE),
    (b"MM\0*", Kind.PICTURE),
    (b"Rar!\x1a\x07", Kind.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),
    (b"BZh", Kind.ARCHIVE),
    (b"\xfd7zXZ\0", Kind.ARCHIVE),
)


def sniff(stream: BinaryIO) -> Kind:
    """The kind by content alone. Leaves the stream at its beginning."""
    stream.seek(0)
    head = stream.read(_HEAD)
    kind = _kind(head, stream)
    stream.seek(0)
    return kind


def _kind(head: bytes, stream: BinaryIO) -> Kind:
    if head.startswith(_ZIP):
        return _zip_kind(stream)
    if head.startswith(_OLE):
        return _ole_kind(head + stream.read())
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return Kind.HTML
    return Kind.PDF if b"%PDF-" in head else Kind.UNKNOWN


def _zip_kind(stream: BinaryIO) -> Kind:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return Kind.BROKEN_ZIP
    if "word/document.xml" in names:
        return Kind.DOCX
    office = names & {"[Content_Types].xml", "mimetype"}  # Office Open XML or OpenDocument (ODF 1.2 part 3, 3.3)
    return Kind.OFFICE if office else Kind.ZIP


def _ole_kind(content: bytes) -> Kind:
    """A protected DOCX is an OLE file holding a stream of this name (MS-OFFCRYPTO 2.3.4.4)."""
    return Kind.PROTECTED_OFFICE if "EncryptedPackage".encode("utf-16-le") in content else Kind.OLE


def readable_kind(stream: BinaryIO, filename: str) -> Kind:
    """Kind.PDF, Kind.DOCX or Kind.UNKNOWN, which is text; else ParseError saying what was sent and what to send.

    Content wins over the name: a PDF named .txt is read as a PDF. Where the content says nothing, a name that
    promises a PDF or DOCX means a damaged one, and any other name but a text's is refused.
    """
    if stream.seek(0, io.SEEK_END) == 0:
        raise ParseError("empty_file", "The file is empty (0 bytes). Send it again.")
    suffix = PurePosixPath(filename.replace("\\", "/")).suffix.lower()
    kind = sniff(stream)
    if kind in (Kind.PDF, Kind.DOCX):
        return kind
    if kind is Kind.PROTECTED_OFFICE:
        raise ParseError("password_protected", "The document asks for a password. Send a copy without one.")
    if kind is Kind.BROKEN_ZIP or (kind is Kind.UNKNOWN and suffix in (".pdf", ".docx")):
        name = suffix.removeprefix(".").upper() if suffix in (".pdf", ".docx") else "ZIP"
        raise ParseError("damaged", f"The content is not a whole {name} file. Save it again and send that.")
    if kind is not Kind.UNKNOWN:
        raise ParseError("unsupported_type", f"The file is {kind.value}. {_ADVICE}")
    if suffix not in _TEXT_SUFFIXES:
        raise ParseError("unsupported_type", f"Files named {suffix[:16]!r} are not read. {_ADVICE}")
    return kind
