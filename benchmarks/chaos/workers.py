"""Screening workers that die or hang at every point of a claim."""

import os
import signal
import socket
import time
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import SCREENERS, Stage
from benchmarks.chaos.watched import Watched, screening, until
from db.crash_points import HANG_SECONDS
from db.engine import app_session
from db.tables import Chunk

KILLS = {
    "screen.claiming": "SIGKILL of a screen worker before it claims",
    "screen.scoring": "SIGKILL of a screen worker while it scores",
    "screen.finishing": "SIGKILL of a screen worker inside the finishing transaction",
    "screen.finished": "SIGKILL of a screen worker after the finishing transaction",
}
HANGS = {
    "screen.scoring": "a worker hangs for 40 s in a batch, and goes on",
    "screen.recording": "a worker hangs for 40 s before it records, and does so late",
    "screen.finishing": "a worker hangs for 40 s inside the finishing transaction",
}
WITHIN = 45.0
GIVEN_UP = 240.0


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that happened: since when, and the chunks that the victim held."""

    fault: str
    at: float
    held: frozenset[UUID]


def kills(stage: Stage) -> list[Row]:
    """Each point twice."""
    with screening(stage, copies=2) as watched:
        struck = [_kill(stage, watched, point, name) for _ in range(2) for point, name in KILLS.items()]
        recovered = _recoveries(watched, struck)
    return [Row(name, 2, watched.costs, tuple(recovered[name]), WITHIN) for name in KILLS.values()]


def hangs(stage: Stage) -> list[Row]:
    """Each point once, at about the same time: three slots of six hang."""
    with screening(stage, copies=2) as watched:
        struck = [_hang(stage, watched, point, name) for point, name in HANGS.items()]
        recovered = _recoveries(watched, struck)
        until(lambda: time.monotonic() > struck[-1].at + HANG_SECONDS + 5)  # the late finishes come
    return [Row(name, 1, watched.costs, tuple(recovered[name]), WITHIN) for name in HANGS.values()]


def stopped(stage: Stage) -> list[Row]:
    """A worker stopped as a whole for 40 s; it goes on in the middle of what others have done since."""
    fault, pid = "a worker is stopped (SIGSTOP) for 40 s, and goes on", stage.pid(SCREENERS[1])
    with screening(stage, copies=2) as watched:
        until(lambda: _held(watched, pid))
        os.kill(pid, signal.SIGSTOP)
        struck = Struck(fault, time.monotonic(), _held(watched, pid))
        recovered = _recoveries(watched, [struck])
        until(lambda: time.monotonic() > struck.at + HANG_SECONDS)
        os.kill(pid, signal.SIGCONT)
    return [Row(fault, 1, watched.costs, tuple(recovered[fault]), WITHIN)]


def _kill(stage: Stage, watched: Watched, point: str, name: str) -> Struck:
    """Kill one worker; the next fault waits until it runs again, so that never all are dead."""
    before = {stage.pid(worker) for worker in SCREENERS}
    armed = stage.arm(point)
    until(lambda: not armed.exists())
    at = time.monotonic()
    until(lambda: {stage.pid(worker) for worker in SCREENERS} != before, 60)
    (victim,) = before - {stage.pid(worker) for worker in SCREENERS}
    return Struck(name, at, _held(watched, victim))


def _hang(stage: Stage, watched: Watched, point: str, name: str) -> Struck:
    """Which worker it is cannot be told from outside, so all that is held counts."""
    armed = stage.arm(point, "hang")
    until(lambda: not armed.exists())
    return Struck(name, time.monotonic(), _held(watched))


def _held(watched: Watched, pid: int | None = None) -> frozenset[UUID]:
    """Chunks under lease now, of one process or of all."""
    query = select(Chunk.id).where(Chunk.screening_id.in_(watched.ids), Chunk.state == "leased")
    if pid is not None:
        query = query.where(Chunk.worker == f"{socket.gethostname()}:{pid}")
    with app_session(watched.stage.running.tenant_id) as session:
        return frozenset(session.scalars(query))


def _recoveries(watched: Watched, struck: list[Struck]) -> dict[str, list[float]]:
    """Seconds from each fault until all that was held then has ended or stands in parts."""
    recovered: dict[str, list[float]] = {one.fault: [] for one in struck}
    waiting = list(struck)
    while waiting:
        unfinished, now = _unfinished(watched), time.monotonic()
        for one in [one for one in waiting if not one.held & unfinished or now > one.at + GIVEN_UP]:
            waiting.remove(one)
            recovered[one.fault].append(now - one.at if now <= one.at + GIVEN_UP else float("inf"))
        time.sleep(0.1)
    return recovered


def _unfinished(watched: Watched) -> set[UUID]:
    query = select(Chunk.id).where(Chunk.screening_id.in_(watched.ids), Chunk.state.in_(("due", "leased")))
    with app_session(watched.stage.running.tenant_id) as session:
        return set(session.scalars(query))
