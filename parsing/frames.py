"""What a child says over its pipe: length-prefixed frames, each a JSON header and a body of bytes.

The reader trusts nothing: a document may have taken over the process that writes.
"""

import json
import os
import select
import struct
import time
from typing import Any

_PREFIX = struct.Struct(">IQ")  # bytes of the header, bytes of the body
_LONGEST_HEADER = 64 * 1024
_PIECE = 1024 * 1024
EXIT_MEMORY = 3  # the exit code of a child that ran out of memory


class BrokenFrameError(Exception):
    """The pipe ended inside a frame or what came is no frame."""


def write_frame(pipe: int, header: dict[str, Any], body: bytes = b"") -> None:
    """Blocks until the reader has taken everything; raises BrokenPipeError when it has gone."""
    encoded = json.dumps(header).encode()
    _write(pipe, _PREFIX.pack(len(encoded), len(body)) + encoded)
    _write(pipe, body)


def _write(pipe: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(pipe, view) :]


def read_frame(pipe: int, deadline: float, longest_body: int) -> tuple[dict[str, Any], bytes]:
    """One frame. `deadline` is in seconds of time.monotonic(). Raises TimeoutError, BrokenFrameError."""
    header_size, body_size = _PREFIX.unpack(_read(pipe, _PREFIX.size, deadline))
    if header_size > _LONGEST_HEADER or body_size > longest_body:
        raise BrokenFrameError("a frame is too long")
    encoded = _read(pipe, header_size, deadline)
    body = _read(pipe, body_size, deadline)
    try:
        header = json.loads(encoded)
    except (ValueError, RecursionError) as error:
        raise BrokenFrameError("a header is no JSON") from error
    if not isinstance(header, dict):
        raise BrokenFrameError("a header is no object")
    return header, body


def _read(pipe: int, size: int, deadline: float) -> bytes:
    content = bytearray()
    while len(content) < size:
        wait_readable(pipe, deadline)
        piece = os.read(pipe, min(_PIECE, size - len(content)))
        if not piece:
            raise BrokenFrameError("the pipe ended")
        content += piece
    return bytes(content)


def wait_readable(descriptor: int, deadline: float) -> None:
    """Returns when there is something to read, or the other side has gone. Raises TimeoutError at the deadline."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(left * 1000):
        raise TimeoutError
