"""Starts the processes of Winnow, keeps them running, and stops them all."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local import child

_LOOK_SECONDS = 0.2
_LONGEST_WAIT = 30.0
_STEADY_SECONDS = 60.0  # a process that ran this long has earned a fresh count of failures

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep running: the seconds between SIGTERM and SIGKILL, and what it is told beside the others."""

    name: str
    argv: Sequence[str]
    grace: float = 15.0
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Watched:
    """A program, its present process, and its failures in a row."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    restart_at: float = field(default=0.0)

    def waits(self) -> float:
        """Seconds until the next start: 1, 2, 4 and so on, at most 30."""
        return float(min(2 ** (self.failures - 1), _LONGEST_WAIT))


class Supervisor:
    """A thread that starts every program, starts it again when it ends, and stops all when told to.

    One thread does all the starting and lives until the end, as the kernel kills a child when the *thread* that started
    it ends. When this whole process is killed, the children are told by the kernel (`local.child`).
    """

    def __init__(self, programs: Sequence[Program], environment: Mapping[str, str], directory: Path, logs: Path):
        self._programs, self._environment = programs, dict(environment)
        self._directory, self._logs = directory, logs
        self._watched: dict[str, _Watched] = {}
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="supervisor")

    def __enter__(self) -> Supervisor:
        self._logs.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        self._started.wait()
        if self._error:
            self._thread.join()
            raise self._error
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def pid(self, name: str) -> int:
        """The process number of a program's present process."""
        return self._watched[name].process.pid

    def failing(self) -> list[str]:
        """The names of the programs that ended by themselves at least three times in a row."""
        return [name for name, watched in self._watched.items() if watched.failures >= 3]

    def _run(self) -> None:
        try:
            for program in self._programs:
                self._watched[program.name] = _Watched(program, self._start(program), time.monotonic())
        except OSError as error:
            self._error = error
            self._stopping.set()
        self._started.set()
        while not self._stopping.wait(_LOOK_SECONDS):
            for watched in self._watched.values():
                self._look_after(watched)
        self._stop_all()

    def _look_after(self, watched: _Watched) -> None:
        now = time.monotonic()
        if watched.process.poll() is None:
            if watched.failures and now - watched.started > _STEADY_SECONDS:
                watched.failures = 0
        elif not watched.restart_at:
            watched.failures += 1
            watched.restart_at = now + watched.waits()
            name, status = watched.program.name, watched.process.returncode
            logger.warning("%s ended with %s; starting it again in %.0f s", name, status, watched.waits())
        elif now >= watched.restart_at:
            watched.process, watched.started = self._start(watched.program), now
            watched.restart_at = 0.0

    def _start(self, program: Program) -> subprocess.Popen[bytes]:
        log = self._logs / f"{program.name}.log"
        return child.Command(program.argv, log, self._environment | dict(program.environment), self._directory).start()

    def _stop_all(self) -> None:
        """Tell all at once, then give each its grace; whatever is left of its session is killed."""
        running = [watched for watched in self._watched.values() if watched.process.poll() is None]
        for watched in running:
            watched.process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        for watched in running:
            self._wait_or_kill(watched, told)

    @staticmethod
    def _wait_or_kill(watched: _Watched, told: float) -> None:
        try:
            watched.process.wait(max(0.0, told + watched.program.grace - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.warning("%s did not end in time; killing it", watched.program.name)
            os.killpg(watched.process.pid, signal.SIGKILL)  # it leads a process group of its own
            watched.process.wait()
