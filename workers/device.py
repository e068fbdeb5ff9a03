"""The device that this process scores on: chosen before torch is imported, used by one slot at a time."""

import importlib.metadata
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from db.settings import SettingsError

WAIT_SECONDS = 0.5
PATIENCE_SECONDS = 10.0
"""Who computes no batch for so long stands still, as far as one who waits for it can tell."""
NICE = 5


class DeviceError(SettingsError):
    """WINNOW_DEVICE names no device we know."""


def choose(wanted: str) -> str:
    """The device's name for torch; hides every other accelerator from this process. `wanted`: auto, cpu or cuda:N.

    Call it before torch is imported: CUDA reads the environment once. Raises DeviceError.
    """
    if wanted == "auto":
        wanted = "cuda:0" if _has_accelerator() else "cpu"
    if wanted == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        return "cpu"
    kind, _, number = wanted.partition(":")
    if kind != "cuda" or not number.isdecimal():
        raise DeviceError(f"WINNOW_DEVICE is {wanted!r}; set it to auto, cpu or cuda:N")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", number)
    return "cuda"


def settle() -> None:
    """Let torch's threads follow the cores that we may use. Call it before torch is imported: it counts them once."""
    os.environ.setdefault("OMP_NUM_THREADS", str(cores()))


def cores(group: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Cores that this process may use: those it may run on, or its control group's share of them, at least one."""
    allowed = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):
        quota, period = group.read_text(encoding="ascii").split()
        if quota != "max":
            return max(1, min(allowed, round(int(quota) / int(period))))
    return allowed


def give_way(device: str) -> None:
    """Let callers who wait go first: on a CPU, bulk work and the interactive worker share its cores.

    The kernel gives a process of nice value 0 three times the time of one of 5. Where it groups processes by session
    (sched_autogroup) the group's value counts, see sched(7).
    """
    if device == "cpu":
        os.nice(NICE)
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")


def _has_accelerator() -> bool:
    """Whether the driver is there and torch was built for it; asked without importing torch."""
    if not Path("/dev/nvidiactl").exists() or os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return False
    return not importlib.metadata.version("torch").endswith("+cpu")


class Device:
    """Gives the device to one slot at a time, while another reads and tokenises what comes next."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._turn = threading.Lock()
        self._batches = 0

    def note_batch(self) -> None:
        """Say that a batch was computed: the sign of life of whoever waits, too."""
        self._batches += 1

    def while_waiting(
        self, on_progress: Callable[[], None], on_standstill: Callable[[], None] = lambda: None
    ) -> Callable[[], None]:
        """What one who waits for another is to call now and then.

        It calls `on_progress` if the other got on since, and `on_standstill`, once, if it has not for PATIENCE_SECONDS.
        """
        seen, since = self._batches, time.monotonic()

        def look() -> None:
            nonlocal seen, since
            if self._batches != seen:
                seen, since = self._batches, time.monotonic()
                on_progress()
            elif time.monotonic() - since >= PATIENCE_SECONDS:
                since = math.inf
                on_standstill()

        return look

    @contextmanager
    def turn(self, on_progress: Callable[[], None], on_standstill: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the device. While another holds it, `while_waiting` tells of it; what it calls may raise."""
        look = self.while_waiting(on_progress, on_standstill)
        while not self._turn.acquire(timeout=WAIT_SECONDS):
            look()
        try:
            yield
        finally:
            self._turn.release()
