"""Redis emptied, cut off, restarted empty, and away for a minute."""

import time

import redis

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import Stage
from benchmarks.chaos.watched import progress, screening

AWAY_SECONDS = 60.0
WITHIN = 30.0


def emptied(stage: Stage) -> list[Row]:
    """FLUSHALL: every message, in the queue or taken and not yet run, is gone."""
    with screening(stage, copies=2) as watched:
        took = []
        for _ in range(3):
            progress(watched)
            with redis.Redis.from_url(stage.redis.url) as client:
                client.flushall()
            took.append(progress(watched))
    return [Row("Redis: FLUSHALL", 3, watched.costs, tuple(took), WITHIN)]


def cut_off(stage: Stage) -> list[Row]:
    """Every connection of every client closed by the server."""
    with screening(stage, copies=2) as watched:
        took = []
        for _ in range(3):
            progress(watched)
            with redis.Redis.from_url(stage.redis.url) as client:
                client.client_kill_filter(_type="normal", skipme=True)
            took.append(progress(watched))
    return [Row("Redis: connections cut", 3, watched.costs, tuple(took), WITHIN)]


def restarted(stage: Stage) -> list[Row]:
    """Stopped, and started again empty at once."""
    with screening(stage, copies=2) as watched:
        progress(watched)
        stage.redis.stop()
        stage.redis = stage.redis.start_again()
        took = progress(watched)
    return [Row("Redis: restarted empty", 1, watched.costs, (took,), WITHIN)]


def away(stage: Stage) -> list[Row]:
    """Stopped for a minute, in which the API goes on taking screenings."""
    with screening(stage, copies=2) as watched:
        progress(watched)
        stage.redis.stop()
        stopped = time.monotonic()
        with screening(stage) as later:
            accepted = time.monotonic() - stopped
            time.sleep(max(0.0, stopped + AWAY_SECONDS - time.monotonic()))
            stage.redis = stage.redis.start_again()
            took = progress(later)
    wrong = () if accepted < 10 else (f"a screening was taken after {accepted:.0f} s only",)
    notes = f"a screening was taken {accepted:.1f} s after it went"
    return [Row("Redis: stopped for 60 s", 1, watched.costs + later.costs, (took,), WITHIN, notes, wrong)]
