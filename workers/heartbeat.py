"""Signs of life: a file a process, holding its id and when its loop last turned.

Time is the machine's monotonic clock, which all processes share and which setting the wall clock does not move.
"""

import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path

from workers.settings import worker_settings

logger = logging.getLogger(__name__)

STALE_SECONDS = 20.0
"""A loop that has not turned for this long counts as stuck."""


@dataclass(slots=True)
class Heartbeat:
    """The sign of this process; `beat` it from the loop whose health it stands for."""

    name: str
    interval: float = 1.0
    last: float = 0.0

    def beat(self) -> None:
        """Say that the loop turns; writes at most once an interval."""
        now = time.monotonic()
        if now - self.last < self.interval:
            return
        self.last = now
        try:
            self._write(now)
        except OSError as error:  # a full disk must not end what works; the health check will tell
            logger.warning("no sign of life can be left", extra={"error": error.strerror})

    def stop(self) -> None:
        """Take the sign down at a clean end."""
        self._path().unlink(missing_ok=True)

    def _write(self, now: float) -> None:
        path = self._path()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(".new")
        partial.write_text(f"{os.getpid()} {now}")
        partial.replace(path)

    def _path(self) -> Path:
        return worker_settings().run_directory / f"{self.name}.{os.getpid()}.alive"


def is_alive(name: str) -> bool:
    """Whether a process of this name runs on this machine and its loop turned lately."""
    return any(_is_fresh(path) for path in worker_settings().run_directory.glob(f"{name}.*.alive"))


def _is_fresh(path: Path) -> bool:
    try:
        pid, beaten = path.read_text().split()
        os.kill(int(pid), 0)
    except (OSError, ValueError):  # ended since, or another's
        return False
    return 0 <= time.monotonic() - float(beaten) < STALE_SECONDS
