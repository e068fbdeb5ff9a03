"""Request bodies on their way to a temporary file, so that memory holds a piece of one at a time."""

import hashlib
import io
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath
from typing import BinaryIO

from fastapi import Request

from api.limits import too_large
from api.media import MULTIPART, Form, form_of_body, form_of_part
from api.parts import Part, PartReader, boundary_of
from api.problems import Problem
from api.settings import settings

PIECE = 1024 * 1024
LONGEST_NAME = 300
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the body: `size` bytes of `stream` from `start` on."""

    filename: str
    form: Form
    stream: BinaryIO
    start: int
    size: int

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The file as a stream of its own, at its beginning."""
        if (self.start, self.size) == (0, self.stream.seek(0, io.SEEK_END)):
            self.stream.seek(0)
            yield self.stream
            return
        with tempfile.TemporaryFile() as own:
            self.stream.seek(self.start)
            left = self.size
            while left and (piece := self.stream.read(min(PIECE, left))):
                own.write(piece)
                left -= len(piece)
            own.seek(0)
            yield own


@dataclass(frozen=True, slots=True)
class Body:
    """A whole body: its files and the sha256 (hex) that tells it from another."""

    filename: str
    media_type: str
    files: tuple[File, ...]
    sha256: str


@asynccontextmanager
async def spooled(request: Request, filename: str) -> AsyncIterator[Body]:
    """The request's body, in a temporary file that ends with the block. Raises Problem 413, 415 and 422."""
    if request.headers.get("content-encoding", "identity") != "identity":
        detail = "Send the body as it is, without Content-Encoding; a ZIP file is welcome as such."
        raise Problem(415, "unsupported_encoding", "Unsupported encoding", detail)
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    with tempfile.TemporaryFile() as stream:
        if media_type == MULTIPART:
            parts = await _read_form(request, boundary_of(content_type), stream)
            yield _form(parts, stream)
        else:
            name = printable(filename or _disposition(request))
            form = form_of_body(media_type, name)
            yield await _read_plain(request, name, media_type, form, stream)


def printable(filename: str) -> str:
    """The end of a name, fit to be stored and shown."""
    return _UNPRINTABLE.sub("", filename)[-LONGEST_NAME:].strip()


async def _read_plain(request: Request, name: str, media_type: str, form: Form, stream: BinaryIO) -> Body:
    hashed = hashlib.sha256()
    async for piece in _pieces(request, form.limit(settings()), form.advice()):
        stream.write(piece)
        hashed.update(piece)
    size = stream.tell()
    if size == 0:
        raise Problem(422, "empty_body", "Empty body", "The body is empty. Send the rows or the file in it.")
    stream.seek(0)
    return Body(name, media_type, (File(name, form, stream, 0, size),), hashed.hexdigest())


async def _read_form(request: Request, boundary: bytes, stream: BinaryIO) -> list[Part]:
    reader = PartReader(boundary, stream)
    async for piece in _pieces(request, settings().max_upload, "Send the files in several requests."):
        reader.feed(piece)
    return reader.close()


def _form(parts: list[Part], stream: BinaryIO) -> Body:
    files = []
    told = hashlib.sha256()
    for part in parts:
        name = printable(part.filename)
        files.append(File(name, form_of_part(part.media_type, name), stream, part.start, part.size))
        told.update(f"{name}\x1f{part.media_type}\x1f{part.sha256}\x1e".encode())
    shown = files[0].filename if len(files) == 1 else f"{len(files)} files"
    return Body(shown, MULTIPART, tuple(files), told.hexdigest())


async def _pieces(request: Request, limit: int, advice: str) -> AsyncIterator[bytes]:
    if int(request.headers.get("content-length") or 0) > limit:
        raise too_large(limit, advice)
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise too_large(limit, advice)
        yield piece


def _disposition(request: Request) -> str:
    """The name in Content-Disposition: `filename`, or `filename*` as RFC 6266 has it, where it is not ASCII."""
    told = Message()
    told["Content-Disposition"] = (
        request.headers.get("content-disposition", "").encode("latin-1").decode(errors="replace")
    )
    return PurePosixPath(told.get_filename("")).name
