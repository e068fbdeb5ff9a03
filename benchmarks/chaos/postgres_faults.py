"""Postgres restarted, its connections terminated, away for half a minute, and without room for what is written."""

import json
import time
from collections.abc import Callable

import httpx
import psycopg2

from benchmarks.chaos.rows import Costs, Row
from benchmarks.chaos.stage import Stage, resumes
from benchmarks.chaos.watched import Watched, begun, resumed, screening

AWAY_SECONDS = 30.0
FULL_SECONDS = 10.0
ROWS = 2_000
CLEAR = ("507 storage_full", "503 database_unavailable")
"""What an upload may be told that cannot be written: no room, or a server that has ended for want of it."""
WITHIN = 30.0
TERMINATE = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'winnow_%'"


def short(stage: Stage) -> list[Row]:
    """Every connection of ours ended by the server, and the server restarted, while the same screenings run."""
    took: dict[str, list[float]] = {fault: [] for fault in SHORT}
    with screening(stage, copies=2) as watched:
        begun(watched)
        for fault, inject in [*SHORT.items()] * 2:
            inject(stage)
            took[fault].append(resumed(watched))
    answered = _answered(watched)
    return [Row(fault, 2, watched.costs, tuple(took[fault]), WITHIN, *answered) for fault in SHORT]


def away(stage: Stage) -> list[Row]:
    """Stopped for half a minute, in which the API says so, and workers wait and then go on."""
    with screening(stage) as watched:
        begun(watched)
        stage.postgres.stop()
        time.sleep(AWAY_SECONDS)
        refused = watched.refused()
        stage.postgres = stage.postgres.start_again()
        took = resumed(watched)
    notes, wrong = _answered(watched)
    wrong = wrong if refused else (*wrong, "the API did not answer 503 meanwhile")
    return [Row("Postgres: stopped for 30 s", 1, watched.costs, (took,), WITHIN, notes, wrong)]


def full(stage: Stage) -> list[Row]:
    """Nothing can be written for a while: an upload is refused as a whole, scores wait, and both go on with room."""
    fault = "Postgres on a full disk (a tmpfs)"
    if not stage.data.mounted:
        return [Row(fault, 0, Costs(), notes="not tried: no tmpfs can be mounted here")]
    pool = stage.client.pools.create("without-room")
    with screening(stage, copies=2) as watched:
        begun(watched)
        with stage.data.full():
            time.sleep(1)
            before = watched.ended_items()
            told = _upload(stage, pool.id)
            time.sleep(FULL_SECONDS)
            meanwhile, waited = watched.ended_items() - before, watched.total - watched.ended_items()
        if ended := stage.postgres.process.poll() is not None:  # without room for its log it gives up
            stage.postgres = stage.postgres.start_again()
        took = resumed(watched)
    upload = stage.client.pools.upload(pool.id, resumes(ROWS))
    left, lost = upload.counts.duplicate, ROWS - upload.counts.accepted - upload.counts.duplicate
    notes, wrong = _answered(watched)
    wrong = (
        wrong if told in ("507 storage_full", "503 database_unavailable") else (*wrong, f"an upload was told {told}")
    )
    notes = f"an upload was told {told}; {meanwhile} items ended meanwhile, {waited} waited; {notes}"
    notes += "; the server had ended and was started again" if ended else ""
    return [Row(fault, 1, watched.costs + Costs(lost=lost, doubled=left), (took,), WITHIN, notes, wrong)]


def _upload(stage: Stage, pool: str) -> str:
    """Status and code of the API's answer to rows that need room."""
    body = "\n".join(json.dumps(row) for row in resumes(ROWS))
    headers = {"Authorization": f"Bearer {stage.running.api_key}", "Content-Type": "application/x-ndjson"}
    url = f"{stage.running.system.url}/v1/pools/{pool}/resumes"
    answer = httpx.post(url, content=body, headers=headers, trust_env=False, timeout=60)
    return f"{answer.status_code} {answer.json().get('code')}"


def _answered(watched: Watched) -> tuple[str, tuple[str, ...]]:
    """Notes, and what was wrong: a poll is answered always, be it with 503."""
    unanswered = watched.unanswered()
    wrong = (f"{unanswered} polls were not answered",) if unanswered else ()
    return f"{watched.refused()} polls were answered 503 with Retry-After", wrong


def _terminate(stage: Stage) -> None:
    connection = psycopg2.connect(stage.postgres.url().replace("+psycopg2", ""))
    try:
        with connection.cursor() as cursor:
            cursor.execute(TERMINATE)
    finally:
        connection.close()


def _restart(stage: Stage) -> None:
    stage.postgres.stop()
    stage.postgres = stage.postgres.start_again()


SHORT: dict[str, Callable[[Stage], None]] = {
    "Postgres: connections terminated": _terminate,
    "Postgres: restarted": _restart,
}
