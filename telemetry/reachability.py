"""Whether this process reaches the servers that it needs, as it found lately."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from prometheus_client import Gauge

EVERY_SECONDS = 5.0
FRESH_SECONDS = 15.0
"""How long an answer counts: a server that hangs keeps whoever asks it waiting."""

REACHABLE = Gauge(
    "winnow_reachable", "1 when the server answered this process within the last 15 s, else 0", ["server"]
)


def watch(server: str, ping: Callable[[], object]) -> None:
    """Ask a server every few seconds, from a thread of its own. `ping` raises when there is no answer."""
    answered = [float("-inf")]

    def ask() -> None:
        while True:
            with suppress(Exception):  # whatever it is, there was no answer
                ping()
                answered[0] = time.monotonic()
            time.sleep(EVERY_SECONDS)

    REACHABLE.labels(server).set_function(lambda: float(time.monotonic() - answered[0] < FRESH_SECONDS))
    threading.Thread(target=ask, name=f"reach-{server}", daemon=True).start()
