"""What a transaction costs: time by the clock, and of the processors, here and in the server's process.

Processor time is what the others on a busy machine cannot change much. The server runs on this machine, so the kernel
tells (/proc/PID/schedstat, https://docs.kernel.org/scheduler/sched-stats.html).
"""

import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds: by the clock, of the processor in the server's process, and in ours."""

    clock: float
    server: float
    client: float

    def __truediv__(self, by: float) -> "Cost":
        """A share of it."""
        return Cost(self.clock / by, self.server / by, self.client / by)


class Clock:
    """Begin it in the transaction; it may be over when the cost is asked for."""

    def begin(self, session: Session) -> None:
        """From here on, this session's server process is watched."""
        raw = session.connection().connection.driver_connection
        assert raw is not None
        self._server = Path(f"/proc/{raw.info.backend_pid}/schedstat")
        self._begun = (time.perf_counter(), self._spent(), time.process_time())

    def cost(self) -> Cost:
        """Since it began."""
        now = (time.perf_counter(), self._spent(), time.process_time())
        return Cost(*(1000 * (end - begin) for end, begin in zip(now, self._begun, strict=True)))

    def _spent(self) -> float:
        return int(self._server.read_text(encoding="ascii").split()[0]) / 1e9
