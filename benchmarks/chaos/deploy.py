"""A deploy: every process told to end while it works, and started again."""

import os
import signal
import time
from functools import partial

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import DELIVERERS, RELAYS, SCREENERS, Stage
from benchmarks.chaos.watched import Watched, begun, resumed, screening, until
from benchmarks.chaos.workers import is_gone

GRACE = {
    **dict.fromkeys(SCREENERS, 20.0),
    **dict.fromkeys(DELIVERERS, 20.0),
    **dict.fromkeys(RELAYS, 5.0),
    "api": 30.0,
    "worker-parse": 35.0,
    "worker-interactive": 20.0,
}
"""Seconds that each has; docs/OPERATIONS.md states them."""
WITHIN = 45.0


def terms(stage: Stage) -> list[Row]:
    """One after another, as a rolling deploy does it."""
    took: dict[str, float] = {}
    with screening(stage, copies=3) as watched:
        begun(watched)
        for name in GRACE:
            pid = stage.pid(name)
            took |= _end(stage, [name])
            until(partial(_replaced, stage, name, pid), 60)
    return [_row("SIGTERM of each process during work", watched, took)]


def _replaced(stage: Stage, name: str, pid: int) -> bool:
    return stage.pid(name) != pid


def without_servers(stage: Stage) -> list[Row]:
    """All at once while neither Redis nor Postgres is there: none may wait for them."""
    with screening(stage, copies=2) as watched:
        begun(watched)
        stage.redis.stop()
        stage.postgres.stop()
        time.sleep(2)  # every process has noticed, or is in the middle of noticing
        took = _end(stage, list(GRACE))
        stage.redis, stage.postgres = stage.redis.start_again(), stage.postgres.start_again()
        recovered = resumed(watched)
    return [_row("SIGTERM of all processes while Redis and Postgres are away", watched, took, (recovered,))]


def _row(fault: str, watched: Watched, took: dict[str, float], recovered: tuple[float, ...] = ()) -> Row:
    late = [f"{name} took {seconds:.0f} s" for name, seconds in took.items() if seconds > GRACE[name]]
    wrong = [*late, *([f"{len(watched.errored)} items errored"] if watched.errored else [])]
    slowest = max(took, key=lambda name: took[name])
    notes = f"slowest to end: {slowest}, {took[slowest]:.1f} s"
    return Row(fault, len(took), watched.costs, recovered, WITHIN if recovered else None, notes, tuple(wrong))


def _end(stage: Stage, names: list[str]) -> dict[str, float]:
    """Seconds until each of these processes is gone."""
    pids = {name: stage.pid(name) for name in names}
    began = time.monotonic()
    for pid in pids.values():
        os.kill(pid, signal.SIGTERM)
    took: dict[str, float] = {}

    def all_gone() -> bool:
        now = time.monotonic() - began
        took.update({name: now for name, pid in pids.items() if name not in took and is_gone(pid)})
        return len(took) == len(pids)

    until(all_gone, 60)
    return dict.fromkeys(names, float("inf")) | took
