"""Redis emptied, cut off, restarted empty, and away for a minute."""

import time
from collections.abc import Callable

import redis

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import Stage
from benchmarks.chaos.watched import Watched, begun, resumed, screening

AWAY_SECONDS = 60.0
WITHIN = 30.0


def short(stage: Stage) -> list[Row]:
    """Emptied, cut off from everybody and restarted, again and again while the same screenings run."""
    took: dict[str, list[float]] = {fault: [] for fault in SHORT}
    with screening(stage, copies=2) as watched:
        begun(watched)
        before = stage.pids()
        for fault, inject in [*SHORT.items()] * 2:
            inject(stage)
            took[fault].append(resumed(watched))
        wrong = _wrong(stage, watched, before)
    return [Row(fault, 2, watched.costs, tuple(took[fault]), WITHIN, wrong=wrong) for fault in SHORT]


def away(stage: Stage) -> list[Row]:
    """Stopped for a minute, in which the API goes on taking screenings."""
    with screening(stage) as watched:
        begun(watched)
        before = stage.pids()
        stage.redis.stop()
        stopped = time.monotonic()
        with screening(stage) as later:
            accepted = time.monotonic() - stopped
            time.sleep(max(0.0, stopped + AWAY_SECONDS - time.monotonic()))
            stage.redis = stage.redis.start_again()
            took = resumed(later)
            wrong = (*_wrong(stage, watched, before), *_wrong(stage, later, before))
    wrong = wrong if accepted < 10 else (*wrong, f"a screening was taken after {accepted:.0f} s only")
    notes = f"a screening was taken {accepted:.1f} s after it went"
    return [Row("Redis: stopped for 60 s", 1, watched.costs + later.costs, (took,), WITHIN, notes, wrong)]


def _empty(stage: Stage) -> None:
    """Every message, in the queue or taken and not yet run, is gone."""
    with redis.Redis.from_url(stage.redis.url) as client:
        client.flushall()


def _cut_off(stage: Stage) -> None:
    """Every connection of every client is closed by the server."""
    with redis.Redis.from_url(stage.redis.url) as client:
        client.client_kill_filter(_type="normal", skipme=True)


def _restart(stage: Stage) -> None:
    stage.redis.stop()
    stage.redis = stage.redis.start_again()


def _wrong(stage: Stage, watched: Watched, before: dict[str, int]) -> tuple[str, ...]:
    """The API answers all the time, and no process of ours needs to be started again."""
    missed = watched.refused() + watched.unanswered()
    started = [name for name, pid in stage.pids().items() if before[name] != pid]
    told = [f"{missed} polls were not answered"] if missed else []
    return (*told, *(f"{name} was started again" for name in started))


SHORT: dict[str, Callable[[Stage], None]] = {
    "Redis: FLUSHALL": _empty,
    "Redis: connections cut": _cut_off,
    "Redis: restarted empty": _restart,
}
