"""The processes: whether they are there, work on what waits, and know what time it is."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from admin.checks.case import Case, Finding
from db import condition
from db.condition import Work
from db.engine import system_session
from workers import presence

LOOK_SECONDS = 0.5
SKEW_SECONDS = 5.0
"""Nothing goes wrong by a worker's clock; but log lines of several machines no longer tell what came first."""
WHAT = {"screen": "chunks of screenings", "parse": "documents", "deliver": "webhook deliveries"}


def relay(case: Case) -> Iterator[Finding]:
    """Whether one leads. A new one takes over within ten seconds, so that is waited for."""
    until = time.monotonic() + case.patience
    while not _leads():
        if time.monotonic() >= until:
            do = "Start one, or look into its log: `python -m workers.relay`."
            yield Finding("No relay leads: nothing that waits is handed to workers.", do)
            return
        time.sleep(LOOK_SECONDS)


def screening(case: Case) -> Iterator[Finding]:
    """Workers that score."""
    return _workers(case, "screen")


def parsing(case: Case) -> Iterator[Finding]:
    """Workers that read documents."""
    return _workers(case, "parse")


def delivering(case: Case) -> Iterator[Finding]:
    """Workers that send webhooks."""
    return _workers(case, "deliver")


def interactive(case: Case) -> Iterator[Finding]:
    """Workers that answer while the caller waits."""
    if not _present(case, "interactive"):
        yield Finding("No interactive worker is there: /ats/evaluate and its like answer 503.", _start("interactive"))


def clocks(case: Case) -> Iterator[Finding]:
    """This machine's clock, Redis' and the workers' against the database's."""
    before = time.time()
    with system_session() as session:
        database = condition.now(session)
    middle = datetime.fromtimestamp((before + time.time()) / 2, UTC)
    ahead = (middle - database).total_seconds()
    redis = ahead - presence.ahead_of(case.redis)
    clocks = {"this machine": ahead, "Redis": redis}
    for sign in presence.signs(case.redis):
        clocks[f"the {sign.queue} worker {sign.host}:{sign.pid}"] = redis + sign.ahead
    for name, seconds in clocks.items():
        if abs(seconds) > SKEW_SECONDS:
            side = "before" if seconds > 0 else "behind"
            yield Finding(
                f"The clock of {name} is {abs(seconds):,.0f} s {side} the database's.",
                "Keep the clocks of all machines by NTP. No score depends on them; the order of log lines does.",
            )


def _workers(case: Case, queue: str) -> Iterator[Finding]:
    there = _present(case, queue)
    waiting = _untouched(case, queue)
    waits = f"{waiting} {WHAT[queue]} have waited for over a minute and nobody works on them"
    if not there:
        yield Finding(f"No {queue} worker is there" + (f": {waits}." if waiting else "."), _start(queue))
    elif waiting:
        do = f"Look into the log of `python -m workers.{queue}` and restart it. Does it have the packs that it needs?"
        yield Finding(f"{waits}, though a {queue} worker is there.", do)


def _present(case: Case, queue: str) -> bool:
    """Whether such a worker is there; after a restart of Redis it takes some seconds to show."""
    until = time.monotonic() + min(case.patience, presence.EVERY_SECONDS + LOOK_SECONDS)
    while not any(sign.queue == queue for sign in presence.signs(case.redis)):
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _untouched(case: Case, queue: str) -> int:
    """How much waits, when none of it is held and none gets done for as long as patience lasts; else 0."""
    first = _work(queue)
    until = time.monotonic() + case.patience
    while True:
        now = _work(queue)
        gets_on = now.held or now.mark != first.mark or now.waiting < first.waiting
        if gets_on or not now.waiting:
            return 0
        if time.monotonic() >= until:
            return now.waiting
        time.sleep(LOOK_SECONDS)


def _work(queue: str) -> Work:
    with system_session() as session:
        return condition.work(session, queue)


def _leads() -> bool:
    with system_session() as session:
        return condition.leads(session, "relay")


def _start(queue: str) -> str:
    return f"Start one, or look into its log: `python -m workers.{queue}`."
