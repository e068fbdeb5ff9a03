"""When a worker is judged to be stuck, and that a stuck one ends by itself."""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from local.deployment import REPOSITORY, Deployment
from workers.watchdog import EXIT_CODE, Watchdog

# A worker as it is after some reconnections: connected, and taking nothing.
DEAF = """
import time
from celery import bootsteps
from workers import consumer
from workers.celery_app import DELIVER, DELIVER_DELIVERY, app, publish

class Deaf(bootsteps.StartStopStep):
    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent):
        parent.loop = lambda *arguments: time.sleep(600)

app.steps["consumer"].add(Deaf)
publish(DELIVER_DELIVERY, DELIVER, {id!r}, {id!r})
consumer.run(DELIVER, slots=2, stall_seconds=2.0)
"""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _look(watchdog: Watchdog, clock: Clock, seconds: int, waiting: bool) -> str | None:
    """Look every second; the first verdict that is one."""
    for _ in range(seconds):
        clock.now += 1.0
        if wrong := watchdog.verdict(waiting):
            return wrong
    return None


def test_a_worker_that_takes_nothing_while_messages_wait_is_stuck(clock: Clock) -> None:
    watchdog = Watchdog(slots=2, stall=20, hang=90, clock=clock)
    assert _look(watchdog, clock, 20, waiting=True) is None
    assert "none was taken" in str(_look(watchdog, clock, 2, waiting=True))


def test_one_that_stood_still_as_a_whole_is_judged_anew(clock: Clock) -> None:
    """Its machine slept, or somebody stopped it: what waits now could not have been taken."""
    watchdog = Watchdog(slots=2, stall=20, hang=90, clock=clock)
    clock.now += 600
    assert _look(watchdog, clock, 20, waiting=True) is None
    assert "none was taken" in str(_look(watchdog, clock, 2, waiting=True))


def test_one_without_work_is_not(clock: Clock) -> None:
    watchdog = Watchdog(slots=2, stall=20, hang=90, clock=clock)
    assert _look(watchdog, clock, 500, waiting=False) is None
    assert _look(watchdog, clock, 15, waiting=True) is None
    assert _look(watchdog, clock, 1, waiting=False) is None
    assert _look(watchdog, clock, 15, waiting=True) is None


def test_one_that_is_busy_is_not_as_long_as_it_gets_on(clock: Clock) -> None:
    watchdog = Watchdog(slots=2, stall=20, hang=90, clock=clock)
    watchdog.took()
    watchdog.took()
    for _ in range(10):
        assert _look(watchdog, clock, 80, waiting=True) is None
        watchdog.got_on()
    assert "none got on" in str(_look(watchdog, clock, 100, waiting=False))


def test_loading_models_is_no_hang_unless_it_never_ends(clock: Clock) -> None:
    watchdog = Watchdog(slots=1, stall=20, hang=90, clock=clock)
    watchdog.took()
    with watchdog.loading():
        assert _look(watchdog, clock, 800, waiting=True) is None
    assert _look(watchdog, clock, 80, waiting=True) is None
    with watchdog.loading():
        assert "none got on for 900 s" in str(_look(watchdog, clock, 1000, waiting=True))


def test_a_slot_that_ended_may_take_its_time_to_begin_anew(clock: Clock) -> None:
    watchdog = Watchdog(slots=1, stall=20, hang=90, clock=clock)
    watchdog.took()
    assert _look(watchdog, clock, 80, waiting=True) is None
    watchdog.ended()
    assert _look(watchdog, clock, 19, waiting=True) is None


def test_a_worker_that_is_connected_but_deaf_ends_by_itself(database: Deployment, tmp_path: Path) -> None:
    environment = database.environment() | {"WINNOW_RUN_DIR": str(tmp_path)}
    script = DEAF.format(id=str(uuid.uuid4()))
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == EXIT_CODE, done.stderr
    assert "none was taken for 2 s" in done.stderr
