"""Simulate thousands of screenings over the real order of turns, and tell whether it is fair.

    python -m benchmarks.fairness

Workers are simulated: each has two slots that score portion by portion in turn, and claims what takes ten seconds so,
as `workers.screen` does. Whose turn it is comes from `workers.shares`, the relay's own code, with the same few hints
ahead. Nothing is random but a seeded generator, so a run repeats to the digit. Prints a table and a JSON line a
scenario; 1 when a promise is broken.
"""

import heapq
import itertools
import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from uuid import UUID

from rich.console import Console
from rich.table import Table

from db.due import Waiting
from workers.hints import WINDOW
from workers.shares import Shares

RATE = 8_000.0
"""Tokens a second of a worker."""
CLAIM_SECONDS = 10.0
PORTION_SECONDS = 1.0
CHUNK = 32_000
RESUME = 800
"""Tokens of a resume against one job."""


@dataclass(slots=True)
class Screening:
    """Work of a tenant: `left` tokens nobody has claimed, `open` tokens claimed and not done."""

    id: UUID
    tenant: int
    tokens: int
    begins: float
    weight: int = 1
    low: bool = False
    left: int = 0
    open: int = 0
    ended: float | None = None

    def waiting(self) -> Waiting:
        """As the relay would read it."""
        ready = min(WINDOW, -(-self.left // CHUNK))
        tenant_id, served = UUID(int=10**9 + self.tenant), self.tokens - self.left
        return Waiting(tenant_id, self.id, self.weight, self.low, served, ready, None)


@dataclass(slots=True)
class Simulation:
    """Time goes from event to event; a slot that is free takes the next turn at once."""

    workers: int
    screenings: list[Screening]
    shares: Shares = field(default_factory=Shares)
    given: list[tuple[float, int, int]] = field(default_factory=list)
    """(time, tenant, tokens) of every portion that was scored."""
    now: float = 0.0
    active: dict[UUID, Screening] = field(default_factory=dict)
    _free: list[int] = field(default_factory=list)
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _slots: dict[int, list[tuple[Screening, int]]] = field(default_factory=lambda: defaultdict(list))

    def run(self, until: float = float("inf")) -> None:
        """Until all has ended, or that time."""
        self.shares.choose([], 1)  # the relay has been leading for a while
        self._free = [worker for worker in range(self.workers) for _ in range(2)]
        for one in self.screenings:
            self._at(one.begins, partial(self._begin, one))
        while self._events and self._events[0][0] <= until:
            self.now, _, act = heapq.heappop(self._events)
            act()
            self._give_turns()

    def _at(self, time: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._numbers), act))

    def _begin(self, one: Screening) -> None:
        one.left = one.tokens
        self.active[one.id] = one

    def _give_turns(self) -> None:
        """A free slot takes a hint, after the relay has brought the hints in order."""
        while self._free:
            chosen = self.shares.choose([one.waiting() for one in self.active.values()], WINDOW)
            self.active = {id: one for id, one in self.active.items() if one.ended is None}
            if not chosen:
                return
            self._claim(self._free.pop(0), self.active[chosen[0].id])

    def _claim(self, worker: int, one: Screening) -> None:
        tokens = min(one.left, max(CHUNK, int(RATE * CLAIM_SECONDS / 2) // CHUNK * CHUNK))
        one.left -= tokens
        one.open += tokens
        self._slots[worker].append((one, tokens))
        if len(self._slots[worker]) == 1:
            self._score(worker)

    def _score(self, worker: int) -> None:
        """The first slot in line scores a portion, and goes to the end of the line."""
        one, tokens = self._slots[worker][0]
        portion = min(tokens, int(RATE * PORTION_SECONDS))
        self._at(self.now + portion / RATE, partial(self._scored, worker, one, portion))

    def _scored(self, worker: int, one: Screening, portion: int) -> None:
        _, tokens = self._slots[worker].pop(0)
        self.given.append((self.now, one.tenant, portion))
        one.open -= portion
        if tokens > portion:
            self._slots[worker].append((one, tokens - portion))
        else:
            self._free.append(worker)
        if not one.left and not one.open:
            one.ended = self.now  # told once more, so that its last claim counts
        if self._slots[worker]:
            self._score(worker)


@dataclass(frozen=True, slots=True)
class Row:
    """A promise, and how it went."""

    scenario: str
    screenings: int
    measured: str
    value: float
    bound: float
    kept: bool


def _numbered() -> Iterator[UUID]:
    return (UUID(int=number) for number in itertools.count(1))


def small_behind_large(workers: int, same_tenant: bool) -> Row:
    """50 resumes behind 100,000, at the worst of 20 moments, as a multiple of their time on an idle system."""
    idle = Simulation(workers, [Screening(UUID(int=1), 0, 50 * RESUME, 0.0)])
    idle.run()
    alone = idle.screenings[0].ended or 0.0
    worst = 0.0
    for moment in range(20):
        large = Screening(UUID(int=1), 0, 100_000 * RESUME, 0.0)
        small = Screening(UUID(int=2), 0 if same_tenant else 1, 50 * RESUME, 300 + 0.7 * moment)
        simulation = Simulation(workers, [large, small])
        simulation.run(until=small.begins + 60.0)
        worst = max(worst, (small.ended or float("inf")) - small.begins)
    bound = 2 * alone + CLAIM_SECONDS
    whose = "of the same tenant" if same_tenant else "of another tenant"
    return Row(f"50 behind 100,000 {whose}, {workers} workers", 2, "seconds", worst, bound, worst <= bound)


def shares(weights: list[int], count: int = 3_000, seconds: float = 900.0) -> Row:
    """Thousands of screenings of all sizes, of tenants that always have some waiting: who gets how much."""
    generator, ids = random.Random(1), _numbered()
    screenings = []
    for tenant, weight in enumerate(weights):
        for _ in range(count // len(weights)):
            resumes = int(10 ** generator.uniform(0.5, 3.0)) if tenant % 2 else int(10 ** generator.uniform(2.5, 3.5))
            screenings.append(Screening(next(ids), tenant, resumes * RESUME, 0.0, weight))
    simulation = Simulation(4, screenings)
    simulation.run(until=60.0 + seconds)
    given: dict[int, int] = defaultdict(int)
    for time, tenant, tokens in simulation.given:
        if time > 60.0:
            given[tenant] += tokens
    whole, weight = sum(given.values()), sum(weights)
    off = max(abs(given[tenant] / whole - one / weight) / (one / weight) for tenant, one in enumerate(weights))
    name = f"weights {':'.join(map(str, weights))} for {seconds / 60:.0f} minutes"
    return Row(name, len(screenings), "largest part of a share missed or exceeded", off, 0.05, off <= 0.05)


def low_lane() -> Row:
    """What low priority got while other work waited."""
    ids = _numbered()
    low = Screening(next(ids), 0, 10_000 * RESUME, 0.0, low=True)
    usual = [Screening(next(ids), 1, 500 * RESUME, 200.0 + 10 * number) for number in range(50)]
    simulation = Simulation(2, [low, *usual])
    simulation.run()
    begun, ended = 200.0 + 2 * CLAIM_SECONDS, max(one.ended or 0.0 for one in usual)
    stolen = sum(tokens for time, tenant, tokens in simulation.given if tenant == 0 and begun < time < ended)
    share = stolen / (RATE * 2 * (ended - begun))
    return Row("low priority beside other work", 51, "its part of the work done", share, 0.02, share <= 0.02)


def rows() -> list[Row]:
    """Every scenario."""
    behind = [small_behind_large(workers, same) for workers in (1, 4) for same in (False, True)]
    return [*behind, shares([1, 1, 1, 1]), shares([1, 2, 5]), low_lane()]


def main() -> int:
    """Run every scenario; 0 when every promise is kept."""
    table = Table("scenario", "screenings", "measured", "value", "at most", "kept")
    measured = rows()
    for row in measured:
        value, bound = (f"{figure:.3g}" for figure in (row.value, row.bound))
        table.add_row(row.scenario, str(row.screenings), row.measured, value, bound, str(row.kept))
        print(json.dumps(asdict(row)))
    Console(stderr=True).print(table)
    return 0 if all(row.kept for row in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
