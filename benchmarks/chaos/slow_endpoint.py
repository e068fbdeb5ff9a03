"""One of a customer's twenty endpoints hangs: what that costs the other nineteen."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from statistics import quantiles
from typing import TypeVar

from benchmarks.chaos.rows import Costs, Row
from benchmarks.chaos.stage import Stage
from benchmarks.chaos.watched import EFFECTS_PATIENCE, until
from client.client import Winnow
from local.receiver import Receiver

OTHERS = 19
HANG_SECONDS = 15.0
EVENT = "upload.ended"
EVERY = 0.5
"""Seconds between two events."""
PHASES = (False, True, False, True)
"""Whether the endpoint hangs."""
PHASE_SECONDS = 10.0
MOST_LATER, SECONDS_LATER = 1.5, 0.5
"""Nineteen of twenty messages may take half as long again, and half a second, while it hangs: phases differ as much."""


R = TypeVar("R", bound=Receiver)


class _Timed(Receiver):
    """Notes how long after its event each message came, in seconds, and how often it came."""

    def __init__(self) -> None:
        super().__init__()
        self.latencies: list[float] = []

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """As any receiver."""
        now, known = datetime.now(UTC), headers.get("webhook-id") in self.acted
        status = super().take(body, headers)
        if not known and status == 204:
            self.latencies.append((now - self.acted[headers["webhook-id"]].timestamp).total_seconds())
        return status


class _Hanging(Receiver):
    """Answers after so many seconds, but takes what it is sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds, self._left = seconds, threading.Event()

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """Hang first, until the receiver is left at the most."""
        self._left.wait(self._seconds)
        return super().take(body, headers)

    def leave(self) -> None:
        """Let go of who waits."""
        self._left.set()


def hanging(stage: Stage) -> list[Row]:
    """The same events to twenty endpoints, in turns with all of them well and with one that hangs on every message."""
    key = stage.running.system.deployment.administer("create-key", "--tenant", "twenty endpoints").strip()
    latencies: dict[bool, list[float]] = {False: [], True: []}
    lost = 0
    with ExitStack() as stack:
        client = stack.enter_context(Winnow(stage.running.system.url, key))
        others = [stack.enter_context(_heard(client, _Timed())) for _ in range(OTHERS)]
        pool = client.pools.create("events").id
        for hangs in PHASES:
            lost += _phase(client, pool, others, hangs)
            for receiver in others:
                latencies[hangs] += receiver.latencies
                receiver.latencies.clear()
    without, with_it = (_spread(latencies[hangs]) for hangs in (False, True))
    late = with_it[1] > without[1] * MOST_LATER + SECONDS_LATER
    wrong = ("the others' messages came later",) if late else ()
    notes = f"the 19 others got {_told(with_it)} while it hung, {_told(without)} while it did not; n = "
    notes += f"{len(latencies[True])} and {len(latencies[False])} messages"
    fault = "1 of 20 endpoints hangs for 15 s on every message"
    return [Row(fault, PHASES.count(True), Costs(effects_lost=lost), notes=notes, wrong=wrong)]


def _phase(client: Winnow, pool: str, others: list[_Timed], hangs: bool) -> int:
    """Send events for a while; returns the messages that did not come to the others."""
    with _heard(client, _Hanging(HANG_SECONDS if hangs else 0.0)) as slow:
        sent, begun = 0, time.monotonic()
        while time.monotonic() < begun + PHASE_SECONDS:
            client.pools.upload(pool, [{"text": f"Applicant {time.monotonic_ns()} knows Java."}])
            sent += 1
            time.sleep(EVERY)
        until(lambda: all(len(other.latencies) >= sent for other in others), EFFECTS_PATIENCE)
        slow.leave()
    return sum(sent - len(other.latencies) for other in others)


@contextmanager
def _heard(client: Winnow, receiver: R) -> Iterator[R]:
    """Listening, and known as an endpoint while the block lasts."""
    with receiver:
        endpoint = client.endpoints.create(receiver.url, [EVENT])
        receiver.secret = str(endpoint.secret)
        yield receiver
        client.endpoints.delete(endpoint.id)


def _spread(latencies: list[float]) -> tuple[float, float, float]:
    """Median, 95th percentile and maximum."""
    cuts = quantiles(latencies, n=20)
    return cuts[9], cuts[18], max(latencies)


def _told(spread: tuple[float, float, float]) -> str:
    half, most, last = spread
    return f"half within {half:.2f} s, 95 % within {most:.2f} s, the last after {last:.2f} s"
