"""The warm process that forks one confined child a document. Started by parsing.pool; run nowhere else.

It has one thread, holds every format's library already imported, and never reads a document itself. Over its stdin,
a SOCK_SEQPACKET Unix socket, it answers b"ready" once, then for each request (a JSON object and two descriptors: the
document, and the pipe for the child's frames) one packet: the child's exit code, or minus the signal that ended it.
When the socket closes it kills the child and leaves.
"""

import contextlib
import encodings
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import traceback
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import docx
import pypdf

from parsing import archive, formats
from parsing.confine import confine, silence
from parsing.errors import ParseError
from parsing.frames import EXIT_MEMORY, write_frame
from parsing.limits import ArchiveLimits, Limits

REQUEST_SIZE = 4096

Frame = tuple[dict[str, Any], bytes]


def main() -> None:
    """Serve requests until the other side closes the socket."""
    _import_all()
    gc.collect()
    gc.freeze()  # else every child's collections go through the libraries again, and copy the pages that they lie in
    with socket.socket(fileno=0) as control:
        control.send(b"ready")
        while True:
            request, descriptors, _, _ = socket.recv_fds(control, REQUEST_SIZE, 2)
            if not request:
                return
            document, result = descriptors
            ended = _run_child(control, json.loads(request), document, result)
            os.close(document)
            os.close(result)
            control.send(str(ended).encode())


def _import_all() -> None:
    """Python loads encodings, and the libraries some of their modules, at first use: too late in a confined child."""
    for package in (encodings, pypdf, docx):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            with contextlib.suppress(ImportError):  # parts for other systems, or over libraries not installed
                importlib.import_module(module.name)


def _run_child(control: socket.socket, request: dict[str, Any], document: int, result: int) -> int:
    ended, held_by_child = os.pipe()
    child = os.fork()
    if child == 0:
        _child(request, document, result, held_by_child)
    os.close(held_by_child)
    if not _wait_for_end(ended, control):
        os.kill(child, signal.SIGKILL)
    os.close(ended)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _wait_for_end(ended: int, control: socket.socket) -> bool:
    """True when the child has gone; False when the process that asked has."""
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(control, select.POLLIN)
    return any(descriptor == ended for descriptor, _ in poll.poll())


def _child(request: dict[str, Any], document: int, result: int, held: int) -> None:
    """Never returns: whatever happens, the child does not live on as a second template."""
    status = 1
    try:
        silence(keep=(document, result, held))
        stream = os.fdopen(document, "rb")
        status = _answer(_JOBS[request["job"]](request, stream), result)
    except MemoryError:
        status = EXIT_MEMORY
    finally:
        os._exit(status)


def _answer(frames: Iterator[Frame], result: int) -> int:
    try:
        for header, body in frames:
            write_frame(result, header, body)
        write_frame(result, {"kind": "end"})
    except (MemoryError, BrokenPipeError):
        raise
    except ParseError as error:
        write_frame(result, {"kind": "error", "code": error.code, "message": error.message})
    except Exception as error:  # a fault of ours; say where, without the message, which may quote the document
        where = traceback.extract_tb(error.__traceback__)[-1]
        write_frame(result, {"kind": "fault", "where": f"{type(error).__name__} in {where.name}:{where.lineno}"})
    return 0


def _extract(request: dict[str, Any], stream: BinaryIO) -> Iterator[Frame]:
    limits = Limits(**request["limits"])
    confine(limits.seconds, limits.address_space)
    document = formats.read(stream, request["filename"], limits)
    header = {"kind": "document", "media_type": document.media_type, "pages": document.pages}
    yield header, document.text.encode()


def _expand(request: dict[str, Any], stream: BinaryIO) -> Iterator[Frame]:
    limits = ArchiveLimits(**request["limits"])
    confine(limits.cpu_seconds, limits.address_space)
    for member in archive.expand(stream, limits):
        header = {"kind": "member", "name": member.name}
        if member.error:
            header |= {"code": member.error.code, "message": member.error.message}
        yield header, member.content


_JOBS: dict[str, Callable[[dict[str, Any], BinaryIO], Iterator[Frame]]] = {"extract": _extract, "expand": _expand}
