"""Screening workers that die or hang at every point of a claim."""

import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, select

from benchmarks.chaos.rows import Costs, Row
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
AT_ONCE = 2
"""So many of three workers die, or slots of six hang, before what they held must have come back."""
HANGS = {
    "screen.scoring": "a worker hangs for 40 s in a batch, and goes on",
    "screen.recording": "a worker hangs for 40 s before it records, and does so late",
    "screen.finishing": "a worker hangs for 40 s inside the finishing transaction",
}
WITHIN = 45.0
GIVEN_UP = 240.0

Items = frozenset[tuple[UUID, UUID]]
"""Screening and resume."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that happened: since when, and the items that the victim held."""

    fault: str
    at: float
    held: Items


def kills(stage: Stage) -> list[Row]:
    """Each point once. The next ones wait until all has come back, which is then not struck again."""
    recovered: dict[str, list[float]] = {name: [] for name in KILLS.values()}
    costs, points = Costs(), list(KILLS)
    for start in range(0, len(points), AT_ONCE):
        with screening(stage, copies=2) as watched:
            struck = [_kill(stage, watched, point) for point in points[start : start + AT_ONCE]]
            _recover(watched, struck, recovered)
        costs += watched.costs
    return [Row(name, 1, costs, tuple(recovered[name]), WITHIN) for name in KILLS.values()]


def hangs(stage: Stage) -> list[Row]:
    """Each point once, as kills. There is so much work that none finds only what another left."""
    recovered: dict[str, list[float]] = {name: [] for name in HANGS.values()}
    costs, points = Costs(), list(HANGS)
    for start in range(0, len(points), AT_ONCE):
        with screening(stage, copies=4) as watched:
            struck = [_hang(stage, watched, point) for point in points[start : start + AT_ONCE]]
            _recover(watched, struck, recovered)
            time.sleep(max(0.0, struck[-1].at + HANG_SECONDS + 5 - time.monotonic()))  # the late finishes come
        costs += watched.costs
    return [Row(name, 1, costs, tuple(recovered[name]), WITHIN) for name in HANGS.values()]


def stopped(stage: Stage) -> list[Row]:
    """A worker stopped as a whole for 40 s; it goes on in the middle of what others have done since."""
    fault, victim = "a worker is stopped (SIGSTOP) for 40 s, and goes on", SCREENERS[1]
    recovered: dict[str, list[float]] = {fault: []}
    with ExitStack() as others:
        others.enter_context(stage.standing_still(*set(SCREENERS) - {victim}))  # no luck decides who holds something
        with screening(stage, copies=2) as watched:
            until(lambda: _held(watched, stage.pid(victim)))
            with stage.standing_still(victim):
                struck = Struck(fault, time.monotonic(), _held(watched, stage.pid(victim)))
                others.close()
                _recover(watched, [struck], recovered)
                until(lambda: time.monotonic() > struck.at + HANG_SECONDS)
    return [Row(fault, 1, watched.costs, tuple(recovered[fault]), WITHIN)]


def _kill(stage: Stage, watched: Watched, point: str) -> Struck:
    alive = {pid for pid in map(stage.pid, SCREENERS) if not is_gone(pid)}
    armed = stage.arm(point)
    until(lambda: not armed.exists())
    at = time.monotonic()
    until(lambda: any(is_gone(pid) for pid in alive), 10)
    return Struck(KILLS[point], at, frozenset().union(*(_held(watched, pid) for pid in alive if is_gone(pid))))


def _hang(stage: Stage, watched: Watched, point: str) -> Struck:
    """Which worker it is cannot be told from outside, so all that is held counts."""
    armed = stage.arm(point, "hang")
    until(lambda: not armed.exists())
    return Struck(HANGS[point], time.monotonic(), _held(watched))


def is_gone(pid: int) -> bool:
    """Whether a process has ended, even if nobody has asked for its status yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def _held(watched: Watched, pid: int | None = None) -> Items:
    """What is under lease now, of one process or of all."""
    workers = [] if pid is None else [Chunk.worker == f"{socket.gethostname()}:{pid}"]
    return _items(watched, Chunk.state == "leased", *workers)


def _recover(watched: Watched, struck: list[Struck], recovered: dict[str, list[float]]) -> None:
    """Note the seconds from each fault until every item that was held then has ended."""
    waiting = list(struck)
    while waiting:
        unended, now = _items(watched, Chunk.state.in_(("due", "leased"))), time.monotonic()
        for one in [one for one in waiting if not one.held & unended or now > one.at + GIVEN_UP]:
            waiting.remove(one)
            recovered[one.fault].append(now - one.at if now <= one.at + GIVEN_UP else float("inf"))
        time.sleep(0.2)


def _items(watched: Watched, *of: ColumnElement[bool]) -> Items:
    query = select(Chunk.screening_id, Chunk.resume_ids).where(Chunk.screening_id.in_(watched.ids), *of)
    with app_session(watched.stage.running.tenant_id) as session:
        return frozenset((row.screening_id, id) for row in session.execute(query) for id in row.resume_ids)
