"""Runs one Celery worker over one queue: `consumer.run("parse", slots=2)` is the whole of a worker's `main`."""

import logging
import os
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any

from celery import bootsteps, signals
from celery.apps.worker import Worker
from celery.worker import state
from celery.worker.consumer import Consumer

from workers import presence
from workers.celery_app import app
from workers.heartbeat import Heartbeat
from workers.watchdog import STALL_SECONDS, Watchdog

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 5.0
"""Longest wait between two tries to reach Redis, so that work goes on soon after its return."""

TURN_SECONDS = 0.02
"""How often the event loop turns at least. The end of a task in a thread does not wake it, so that a message that waits
for a free slot would lie there until the next timer: up to a second, measured."""

stopping = threading.Event()
"""Set once this process was told to end (SIGTERM): long work should hand back what it holds."""

watchdog = Watchdog(slots=1)
"""This process's own, made anew by `run`; whoever works for long tells it of every step."""

_heartbeat = Heartbeat("worker")


class PatientConsumer(Consumer):  # type: ignore[misc]
    """Waits for Redis for ever, in short steps, and gives signs of life meanwhile."""

    def ensure_connected(self, connection: Any) -> Any:
        """Connect a kombu connection, however long it takes; ends early only when the process is told to stop."""
        connected = connection.ensure_connection(
            self._complain, interval_start=0.5, interval_step=0.5, interval_max=RECONNECT_SECONDS, callback=self._wait
        )
        self.first_connection_attempt = False
        return connected

    @staticmethod
    def _complain(error: Exception, interval: float) -> None:
        logger.warning("redis unavailable error=%s next_try_s=%.1f", type(error).__name__, interval)

    @staticmethod
    def _wait() -> None:
        _heartbeat.beat()
        state.maybe_shutdown()


class Beat(bootsteps.StartStopStep):  # type: ignore[misc]
    """Keeps the consumer's event loop turning, and beats from it, so a loop that hangs falls silent."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Consumer, **options: Any) -> None:
        super().__init__(consumer, **options)
        self.entries: list[Any] = []

    def start(self, consumer: Consumer) -> None:
        """Begin with the consumer, and again after every reconnection."""
        _heartbeat.beat()
        timer = consumer.timer
        self.entries = [
            timer.call_repeatedly(_heartbeat.interval, _heartbeat.beat),
            timer.call_repeatedly(TURN_SECONDS, lambda: None),
        ]

    def stop(self, consumer: Consumer) -> None:
        """End with the connection; the next start begins anew."""
        for entry in self.entries:
            entry.cancel()
        self.entries = []


def _on_shutdown(**_: Any) -> None:
    stopping.set()


def _set_up_logging(**_: Any) -> None:
    """Connected to Celery's signal of this name, which keeps Celery from setting levels of its own."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("celery.app.trace", "celery.worker.strategy"):
        logging.getLogger(name).setLevel(logging.WARNING)  # else a line a message, with its arguments


def run(queue: str, slots: int, stall_seconds: float = STALL_SECONDS, beside: Sequence[str] = ()) -> None:
    """Work on `queue`, and on those `beside` it, with `slots` threads until told to stop; exits the process.

    SIGTERM stops fetching, sets `stopping`, and waits for the tasks in hand. Doing nothing while messages wait, for so
    many seconds, ends the process with an error.
    """
    global watchdog
    watchdog = Watchdog(slots, stall_seconds)
    signals.task_prerun.connect(watchdog.took)
    signals.task_postrun.connect(watchdog.ended)
    watchdog.watch(queue)
    _heartbeat.name = queue
    presence.show(queue, _heartbeat)
    signals.setup_logging.connect(_set_up_logging)
    signals.worker_shutting_down.connect(_on_shutdown)
    app.steps["consumer"].add(Beat)
    app.conf.worker_consumer = PatientConsumer
    worker: Worker = app.Worker(
        hostname=f"{queue}@{socket.gethostname()}",
        queues=[queue, *beside],
        pool="threads",
        concurrency=slots,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    try:
        worker.start()
    finally:
        _heartbeat.stop()
    # Nothing is left to be saved, and to take torch and the models apart would cost seconds of a busy machine's time.
    logging.shutdown()
    os._exit(worker.exitcode or 0)
