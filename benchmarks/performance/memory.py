"""The memory of another process of this machine, watched while something goes on."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self


class Watched:
    """The most resident memory of a process while in `with`, in bytes above what it had at the beginning."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory")
        self._idle = self._most = resident(pid)

    @property
    def above_idle(self) -> int:
        """Bytes."""
        return self._most - self._idle

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._left.wait(0.05):
            self._most = max(self._most, resident(self._pid))


def resident(pid: int) -> int:
    """VmRSS of a process, in bytes (proc(5))."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(f"process {pid} has ended")
