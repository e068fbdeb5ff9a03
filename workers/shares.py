"""Whose work goes next: tenants by weight, a tenant's screenings alike, what is of low priority last.

Start-time fair queueing (Goyal, Vin, Cheng 1996) in two levels. A tenant's virtual time is the work it was given, in
tokens, over its weight; whoever's is least goes next. Who comes anew, or comes back, starts at the time of whoever went
last: nobody saves up turns, and nobody pays for having used what would have been idle. Within a tenant it is the same
among its screenings. Work of low priority has virtual times of its own, and goes only when no other waits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from db.due import Waiting

FIRST_GUESS = 32_000.0  # tokens of a claim, before any was seen
Lane = tuple[UUID, bool]
"""A tenant, and whether of low priority."""


@dataclass(slots=True)
class _Times:
    """Virtual times of like things, and that of whoever went last."""

    own: dict[object, float] = field(default_factory=dict)
    last: float = 0.0

    def of(self, key: object) -> float:
        return max(self.own.get(key, 0.0), self.last)

    def charge(self, key: object, cost: float) -> None:
        self.own[key] = self.of(key) + cost

    def copy(self) -> "_Times":
        return _Times(dict(self.own), self.last)


@dataclass(slots=True)
class Shares:
    """Remembers what each was given; told of everything that waits, it says whose turn it is."""

    _tenants: dict[bool, _Times] = field(default_factory=lambda: {False: _Times(), True: _Times()})
    _screenings: dict[Lane, _Times] = field(default_factory=dict)
    _served: dict[UUID, int] | None = None
    _claim: float = FIRST_GUESS

    def choose(self, waiting: Sequence[Waiting], places: int) -> list[Waiting]:
        """For each of the next `places` turns, whose it is; fewer when less can be claimed."""
        self._take_in(waiting)
        ready = {one.id: one.ready for one in waiting}
        room = {one.tenant_id: one.room for one in waiting}
        tenants = {low: times.copy() for low, times in self._tenants.items()}
        screenings = {lane: times.copy() for lane, times in self._screenings.items()}
        chosen: list[Waiting] = []
        while len(chosen) < places:
            able = [one for one in waiting if ready[one.id] and room[one.tenant_id] != 0]
            if not able:
                break
            one = min(able, key=lambda one: _rank(one, tenants, screenings))
            if not chosen:
                self._tenants[one.low].last = tenants[one.low].of(one.tenant_id)
                self._screenings[_lane(one)].last = screenings[_lane(one)].of(one.id)
            tenants[one.low].charge(one.tenant_id, self._claim / one.weight)
            screenings[_lane(one)].charge(one.id, self._claim)
            ready[one.id] -= 1
            if (left := room[one.tenant_id]) is not None:
                room[one.tenant_id] = left - 1
            chosen.append(one)
        return chosen

    def _take_in(self, waiting: Iterable[Waiting]) -> None:
        """Charge what was claimed since the last time; what was claimed before the first time is nobody's debt."""
        before = self._served
        self._served = {one.id: one.served for one in waiting}
        for one in waiting:
            times = self._screenings.setdefault(_lane(one), _Times())
            tokens = one.served - before.get(one.id, 0) if before is not None else 0
            if tokens > 0:
                self._claim = 0.8 * self._claim + 0.2 * tokens
                self._tenants[one.low].charge(one.tenant_id, tokens / one.weight)
                times.charge(one.id, tokens)
        if before is None or before.keys() != self._served.keys():
            self._forget({_lane(one) for one in waiting})

    def _forget(self, lanes: set[Lane]) -> None:
        """Keep what is still needed: the times of whoever waits, or was ahead of whoever went last."""
        for lane in self._screenings.keys() - lanes:
            del self._screenings[lane]
        for low, times in self._tenants.items():
            times.own = {key: time for key, time in times.own.items() if time > times.last or (key, low) in lanes}
        for times in self._screenings.values():
            times.own = {key: time for key, time in times.own.items() if key in (self._served or {})}


def _lane(one: Waiting) -> Lane:
    return one.tenant_id, one.low


def _rank(one: Waiting, tenants: dict[bool, _Times], screenings: dict[Lane, _Times]) -> tuple[bool, float, float, UUID]:
    return one.low, tenants[one.low].of(one.tenant_id), screenings[_lane(one)].of(one.id), one.id
