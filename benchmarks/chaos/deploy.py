"""A deploy: every process told to end while it works, and started again."""

import os
import signal
import time
from pathlib import Path

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import Stage
from benchmarks.chaos.watched import screening, until

GRACE = {
    "api": 35.0, "relay": 5.0, "relay-2": 5.0, "worker-screen": 20.0, "worker-screen-2": 20.0, "worker-screen-3": 20.0,
    "worker-parse": 20.0, "worker-interactive": 20.0, "worker-deliver": 20.0, "worker-deliver-2": 20.0,
}  # fmt: skip
"""Seconds that each has; docs/OPERATIONS.md states them."""


def terms(stage: Stage) -> list[Row]:
    """One after another, as a rolling deploy does it."""
    took = {}
    with screening(stage, copies=3) as watched:
        for name in GRACE:
            took[name] = _end(stage, name)
    late = [f"{name} took {seconds:.0f} s" for name, seconds in took.items() if seconds > GRACE[name]]
    wrong = [*late, *([f"{len(watched.errored)} items errored"] if watched.errored else [])]
    slowest = max(took, key=lambda name: took[name])
    notes = f"slowest to end: {slowest}, {took[slowest]:.1f} s"
    return [Row("SIGTERM of each process during work", len(GRACE), watched.costs, notes=notes, wrong=tuple(wrong))]


def _end(stage: Stage, name: str) -> float:
    """Seconds until the process is gone; returns when the next one runs."""
    pid = stage.pid(name)
    begun = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    until(lambda: _ended(pid), 60)
    took = time.monotonic() - begun
    until(lambda: stage.pid(name) != pid, 60)
    return took


def _ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
