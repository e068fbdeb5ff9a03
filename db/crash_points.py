"""Named points at which a test makes a process die, hang or run out of memory. Without a test's two settings: nothing.

A test starts processes with WINNOW_TEST_BUILD=1 and WINNOW_CRASH_POINTS naming a folder, and arms a point by a file
there whose name begins with the point's, and which says `kill`, `hang`, `stall` or `memory`. The first process to
arrive takes the file and suffers. A word after that makes it a fault of the data: whoever arrives with a text that
holds it suffers.
"""

import os
import resource
import signal
import time
from collections.abc import Iterable
from pathlib import Path

HANG_SECONDS = 40.0
"""Longer than any lease."""
STALL_SECONDS = 60.0
"""So long that somebody else has taken the work over before its end, however busy the machine is."""
_FOLDER = os.environ.get("WINNOW_CRASH_POINTS") if os.environ.get("WINNOW_TEST_BUILD") == "1" else None


def reached(point: str, texts: Iterable[str] = ()) -> None:
    """This process is at `point`, with these texts in hand."""
    if _FOLDER:
        for armed in sorted(Path(_FOLDER).glob(f"{point}*")):
            _suffer(armed, texts)


def _suffer(armed: Path, texts: Iterable[str]) -> None:
    try:
        fate, _, word = armed.read_text().strip().partition(" ")
        if word and not any(word in text for text in texts):
            return
        if not word:
            armed.unlink()
    except FileNotFoundError:  # another process was faster
        return
    match fate:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(HANG_SECONDS)
        case "stall":
            time.sleep(STALL_SECONDS)
        case "memory":
            _exhaust()


def _exhaust() -> None:
    """Allocate beyond a limit set just above what is used. Raises MemoryError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**24, hard))
    try:
        bytearray(2**28)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
