"""Files of a multipart/form-data body (RFC 7578), read as it streams: any number of them in one temporary file."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.problems import Problem


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the form: `size` bytes from `start` on."""

    filename: str
    media_type: str
    start: int
    size: int
    sha256: str


class PartReader:
    """Writes files to `stream` and remembers where they lie; fields that are no files are passed over."""

    def __init__(self, boundary: bytes, stream: BinaryIO) -> None:
        self.parts: list[Part] = []
        self._stream = stream
        self._ended = False
        self._name, self._value = bytearray(), bytearray()
        self._headers: dict[str, bytes] = {}
        self._filename: str | None = None
        self._start = 0
        self._hash = hashlib.sha256()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_name,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": self._on_end,
                "on_end": self._finish,
            },
        )

    def feed(self, data: bytes) -> None:
        """Take the next piece of the body. Raises Problem 422 for what is no form."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _broken() from error

    def close(self) -> list[Part]:
        """The files, in the form's order. Raises Problem 422 when the form ended early or holds none."""
        if not self._ended:
            raise _broken()
        if not self.parts:
            detail = "The form holds no file. Send each as a part with a filename, as `curl -F files=@resume.pdf` does."
            raise Problem(422, "empty_body", "No file", detail)
        return self.parts

    def _begin(self) -> None:
        self._headers = {}

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _on_headers(self) -> None:
        options = parse_options_header(self._headers.get("content-disposition", b""))[1]
        name = options.get(b"filename")
        self._filename = None if name is None else name.decode(errors="replace")
        self._start = self._stream.tell()
        self._hash = hashlib.sha256()

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._filename is not None:
            piece = data[start:end]
            self._stream.write(piece)
            self._hash.update(piece)

    def _on_end(self) -> None:
        if self._filename is None:
            return
        media_type = self._headers.get("content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        size = self._stream.tell() - self._start
        self.parts.append(Part(self._filename, media_type, self._start, size, self._hash.hexdigest()))

    def _finish(self) -> None:
        self._ended = True


def boundary_of(content_type: str) -> bytes:
    """The form's boundary. Raises Problem 422 when the header names none."""
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise _broken()
    return boundary


def _broken() -> Problem:
    return Problem(
        422, "invalid_form", "Form cannot be read", "The body is no whole multipart/form-data. Send it again."
    )
