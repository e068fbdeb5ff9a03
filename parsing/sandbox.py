"""Documents read in a confined process: the only door to parsing for the rest of the system.

Why it is built this way, and what it does not protect from: docs/decisions/parsing-sandbox.md.
"""

import json
import os
import signal
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from parsing.document import MEDIA_TYPES, Document, Member
from parsing.errors import CODES, ParseError, SandboxError
from parsing.frames import EXIT_MEMORY, BrokenFrameError, read_frame
from parsing.limits import ArchiveLimits, Limits
from parsing.pool import POOL, Template

_MOST_BYTES_A_CHARACTER = 4
_FILENAME_TAIL = 255  # its suffix is all that is looked at
_CRASHES = frozenset({-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGABRT, -signal.SIGFPE, -signal.SIGILL})

Header = dict[str, Any]
DEFAULT = Limits()
ARCHIVE_DEFAULT = ArchiveLimits()


def extract(content: bytes, filename: str, limits: Limits = DEFAULT) -> Document:
    """The text of one PDF, DOCX or TXT file. Safe to call from several threads.

    Raises ParseError, with a message for the person who sent the file, and SandboxError when the fault is not the
    document's and the call may be repeated.
    """
    request = {"job": "extract", "filename": filename[-_FILENAME_TAIL:], "limits": asdict(limits)}
    longest = limits.characters * _MOST_BYTES_A_CHARACTER
    documents = [_document(header, body) for header, body in _frames(request, content, limits.seconds, longest)]
    if len(documents) != 1:
        raise SandboxError("the parser process answered without a document")
    return documents[0]


def expand(content: bytes, limits: ArchiveLimits = ARCHIVE_DEFAULT) -> Generator[Member, None, None]:
    """The files of a ZIP archive one at a time, so that one of them is held in memory, not all.

    Closing the generator early ends its process.

    Raises ParseError for the archive as a whole: before the first member where it cannot be opened, later where time
    or memory runs out; members handed out before are good. Raises SandboxError as `extract` does.
    """
    request = {"job": "expand", "limits": asdict(limits)}
    for header, body in _frames(request, content, limits.seconds, limits.member_size):
        yield _member(header, body)


def _frames(request: Header, content: bytes, seconds: float, longest: int) -> Iterator[tuple[Header, bytes]]:
    """What the child has to say, up to its end frame. `seconds` bounds the wait for each frame."""
    template = _template()
    settled = False  # has the child ended, and the template said so?
    try:
        with _started(template, request, content) as pipe:
            while True:
                try:
                    header, body = read_frame(pipe, time.monotonic() + seconds, longest)
                except BrokenFrameError as broken:
                    reason = _reason(template.ended(time.monotonic() + seconds))
                    settled = True
                    raise reason from broken
                if header.get("kind") not in ("document", "member"):
                    break
                yield header, body
        template.ended(time.monotonic() + seconds)
        settled = True
        _check_end(header)
    except TimeoutError as error:
        raise _too_slow() from error
    except OSError as error:
        raise SandboxError(f"the sandbox could not be set up: {error}") from error
    finally:
        if settled:
            POOL.give(template)
        else:
            template.kill()


def _template() -> Template:
    try:
        return POOL.take()
    except OSError as error:
        raise SandboxError(f"the parser process could not be started: {error}") from error


@contextmanager
def _started(template: Template, request: Header, content: bytes) -> Iterator[int]:
    """The reading end of the pipe that a fresh child writes its frames to."""
    reading, writing = os.pipe()
    document = os.memfd_create("document")
    try:
        _write_all(document, content)
        template.start(json.dumps(request).encode(), document, writing)
        os.close(writing)
        writing = -1
        yield reading
    finally:
        for descriptor in (reading, writing, document):
            if descriptor >= 0:
                os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)


def _check_end(header: Header) -> None:
    kind = header.get("kind")
    if kind == "error":
        raise _error(header)
    if kind != "end":
        raise SandboxError(f"the parser process failed: {str(header.get('where'))[:200]}")


def _reason(ended: int) -> Exception:
    """Why the child ended before it had finished speaking."""
    if ended == -signal.SIGXCPU:
        return _too_slow()
    if ended in (EXIT_MEMORY, -signal.SIGKILL):  # nobody but the kernel, out of memory, kills a child alone
        return ParseError("memory", "Reading the file takes too much memory. Send a simpler or smaller one.")
    if ended in _CRASHES:
        return ParseError("damaged", "The file is damaged: it cannot be read. Save it again and send that.")
    return SandboxError(f"the parser's child ended with {ended}")


def _too_slow() -> ParseError:
    return ParseError("timeout", "Reading the file takes too long. Send a simpler one, or its text as a TXT file.")


def _document(header: Header, body: bytes) -> Document:
    media_type, pages = header.get("media_type"), header.get("pages")
    if media_type not in MEDIA_TYPES or not isinstance(pages, int):
        raise SandboxError("the parser process answered nonsense")
    return Document(text=body.decode("utf-8", "replace").replace("\0", ""), media_type=media_type, pages=pages)


def _member(header: Header, body: bytes) -> Member:
    error = _error(header) if "code" in header else None
    return Member(name=str(header.get("name")), content=body, error=error)


def _error(header: Header) -> ParseError:
    code = header.get("code")
    if code not in CODES:
        raise SandboxError("the parser process answered nonsense")
    return ParseError(code, str(header.get("message"))[:500])
