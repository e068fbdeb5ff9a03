"""Postgres restarted, its connections terminated, and away for half a minute."""

import time

import psycopg2

from benchmarks.chaos.rows import Row
from benchmarks.chaos.stage import Stage
from benchmarks.chaos.watched import Watched, progress, screening

AWAY_SECONDS = 30.0
WITHIN = 30.0
TERMINATE = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'winnow_%'"


def terminated(stage: Stage) -> list[Row]:
    """Every connection of ours ended by the server, thrice."""
    with screening(stage, copies=2) as watched:
        took = []
        for _ in range(3):
            progress(watched)
            _terminate(stage)
            took.append(progress(watched))
    return [Row("Postgres: connections terminated", 3, watched.costs, tuple(took), WITHIN, _answered(watched))]


def restarted(stage: Stage) -> list[Row]:
    """Stopped and started again at once."""
    with screening(stage, copies=2) as watched:
        progress(watched)
        stage.postgres.stop()
        stage.postgres = stage.postgres.start_again()
        took = progress(watched)
    return [Row("Postgres: restarted", 1, watched.costs, (took,), WITHIN, _answered(watched))]


def away(stage: Stage) -> list[Row]:
    """Stopped for half a minute, in which the API says so, and workers wait and then go on."""
    with screening(stage, copies=2) as watched:
        progress(watched)
        stage.postgres.stop()
        time.sleep(AWAY_SECONDS)
        refused = watched.refused()
        stage.postgres = stage.postgres.start_again()
        took = progress(watched)
    wrong = () if refused and not watched.unanswered() else ("the API did not answer 503 meanwhile",)
    notes = _answered(watched)
    return [Row("Postgres: stopped for 30 s", 1, watched.costs, (took,), WITHIN, notes, wrong)]


def _answered(watched: Watched) -> str:
    return f"{watched.refused()} polls answered 503 with Retry-After, {watched.unanswered()} unanswered"


def _terminate(stage: Stage) -> None:
    connection = psycopg2.connect(stage.postgres.url().replace("+psycopg2", ""))
    try:
        with connection.cursor() as cursor:
            cursor.execute(TERMINATE)
    finally:
        connection.close()
