"""Finds what a command left running: its orphans are handed to us, as a session leader's are to init."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


@contextmanager
def no_process_left(seconds: float = 10) -> Iterator[None]:
    """Fail unless, `seconds` after the block at the latest, every process begun in it has ended, orphans included."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = _children()
    assert libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
        left = _wait_for_end(before, seconds)
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    assert left == [], left


def _wait_for_end(before: set[int], seconds: float) -> list[str]:
    deadline = time.monotonic() + seconds
    while True:
        new = _children() - before
        for pid in new:
            _reap(pid)
        left = [_command(pid) for pid in _children() - before]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.1)


def _children() -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        if int(after_name[1]) == os.getpid():
            found.add(int(stat.parent.name))
    return found


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
