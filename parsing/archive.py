"""ZIP archives: every file in them, one at a time, with a reason where one cannot be used."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from parsing.document import Member
from parsing.errors import Code, ParseError
from parsing.limits import ArchiveLimits
from parsing.media import Kind, sniff
from parsing.names import UniqueNames, is_noise, member_path

_PIECE = 1024 * 1024
_ENCRYPTED = 0x1  # general purpose bit 0 (APPNOTE 4.4.4)


def expand(stream: BinaryIO, limits: ArchiveLimits) -> Iterator[Member]:
    """Members in the archive's order; folders and what operating systems leave behind are passed over in silence.

    Raises ParseError empty_file, unsupported_type, damaged or archive_bomb (too many members) for the archive as a
    whole before the first member. Everything else is one member's error and costs no other. Sizes are counted while
    inflating; those the archive declares are not believed.
    """
    with _open(stream) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > limits.members:
            raise ParseError("archive_bomb", f"The archive holds more than {limits.members:,} files. Split it.")
        names = UniqueNames()
        left = limits.total_size
        for entry in entries:
            path = member_path(entry)
            if is_noise(path):
                continue
            member = _member(archive, entry, names.unique(path), limits, left)
            left -= len(member.content)
            yield member


def _open(stream: BinaryIO) -> zipfile.ZipFile:
    if stream.seek(0, io.SEEK_END) == 0:
        raise ParseError("empty_file", "The archive is empty (0 bytes). Send it again.")
    kind = sniff(stream)
    if kind is Kind.BROKEN_ZIP:
        raise ParseError("damaged", "The ZIP archive is damaged or cut short. Make it anew and send that.")
    if kind is not Kind.ZIP:
        raise ParseError("unsupported_type", "The file is no ZIP archive. Send a single document as a document.")
    return zipfile.ZipFile(stream)


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, limits: ArchiveLimits, left: int) -> Member:
    try:
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ParseError("archive_entry", "The entry is a link, not a file. Put the file itself into the archive.")
        if entry.flag_bits & _ENCRYPTED:
            raise ParseError("password_protected", "The file asks for a password. Make the ZIP without one.")
        content = _inflate(archive, entry, limits, left)
        if sniff(io.BytesIO(content)) in (Kind.ZIP, Kind.ARCHIVE):
            raise ParseError("archive_nested", "The file is itself an archive. Put its files into one ZIP directly.")
    except ParseError as error:
        return Member(name=name, error=error)
    return Member(name=name, content=content)


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ArchiveLimits, left: int) -> bytes:
    content = bytearray()
    try:
        with archive.open(entry) as packed:
            while piece := packed.read(_PIECE):
                content += piece
                _check_size(len(content), entry.compress_size, limits, left)
    except NotImplementedError as error:
        raise ParseError("archive_entry", "The file is packed by a rare method. Make the ZIP with deflate.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise ParseError("damaged", "The file is damaged inside the archive. Make the ZIP anew.") from error
    return bytes(content)


def _check_size(size: int, packed: int, limits: ArchiveLimits, left: int) -> None:
    code: Code = "archive_bomb"
    if size > limits.member_size:
        raise ParseError(code, f"The file unpacks to more than {limits.member_size:,} bytes. Send a smaller one.")
    if size > limits.ratio_floor and size > limits.ratio * max(1, packed):
        raise ParseError(code, f"The file unpacks to over {limits.ratio:g} times its size. Send it outside a ZIP.")
    if size > left:
        raise ParseError(code, f"The archive unpacks to more than {limits.total_size:,} bytes. Split it.")
