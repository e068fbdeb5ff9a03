"""Runs one Celery worker over one queue: `consumer.run("parse", slots=2)` is the whole of a worker's `main`."""

import logging
import os
import socket
import threading
from collections.abc import Sequence
from typing import Any

from celery import bootsteps, signals
from celery.apps.worker import Worker, install_worker_term_handler
from celery.worker import state
from celery.worker.consumer import Consumer

from workers import presence
from workers.celery_app import app
from workers.heartbeat import Heartbeat
from workers.slots import Slots
from workers.watchdog import STALL_SECONDS, Watchdog

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 5.0
"""Longest wait between two tries to reach Redis, so that work goes on soon after its return."""

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
        logger.warning("redis unavailable", extra={"error": type(error).__name__, "next_try_s": round(interval, 1)})

    @staticmethod
    def _wait() -> None:
        _heartbeat.beat()
        state.maybe_shutdown()


class Beat(bootsteps.StartStopStep):  # type: ignore[misc]
    """Beats from the consumer's event loop, so a loop that hangs falls silent."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Consumer, **options: Any) -> None:
        super().__init__(consumer, **options)
        self.entry: Any = None

    def start(self, consumer: Consumer) -> None:
        """Begin with the consumer, and again after every reconnection."""
        _heartbeat.beat()
        self.entry = consumer.timer.call_repeatedly(_heartbeat.interval, _heartbeat.beat)

    def stop(self, consumer: Consumer) -> None:
        """End with the connection; the next start begins anew."""
        if self.entry is not None:
            self.entry.cancel()


def _on_ready(sender: Consumer, **_: Any) -> None:
    sender.pool.wake_at(stopping)


def _on_shutdown(**_: Any) -> None:
    stopping.set()


def _keep_logging(**_: Any) -> None:
    """Connected to Celery's signal `setup_logging`, which keeps Celery from setting up its own."""
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)  # else a line a message
    logging.getLogger("celery.app.trace").setLevel(logging.CRITICAL + 1)  # its lines hold arguments; see _on_failure


def _on_failure(sender: Any, exception: BaseException, **_: Any) -> None:
    told = (type(exception), exception, exception.__traceback__)
    logger.error("task failed", extra={"task": sender.name}, exc_info=told)


class SilentWorker(Worker):  # type: ignore[misc]
    """Says nothing on stdout when it is told to end: what is said goes through the log."""

    def install_platform_tweaks(self, worker: Worker) -> None:
        """As Celery's; SIGTERM only signals."""
        super().install_platform_tweaks(worker)
        install_worker_term_handler(worker, verbose=False)


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
    signals.setup_logging.connect(_keep_logging)
    signals.task_failure.connect(_on_failure)
    signals.task_internal_error.connect(_on_failure)
    signals.worker_shutting_down.connect(_on_shutdown)
    app.steps["consumer"].add(Beat)
    app.conf.worker_consumer = PatientConsumer
    worker = SilentWorker(
        app=app,
        hostname=f"{queue}@{socket.gethostname()}",
        queues=[queue, *beside],
        pool=Slots,
        concurrency=slots,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    signals.worker_ready.connect(_on_ready)
    try:
        worker.start()
    finally:
        _heartbeat.stop()
    logger.info("ended")
    # Nothing is left to be saved, and to take torch and the models apart would cost seconds of a busy machine's time.
    logging.shutdown()
    os._exit(worker.exitcode or 0)
