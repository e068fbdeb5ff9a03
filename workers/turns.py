"""Whose work goes next: tenants take turns, and so do a tenant's screenings and uploads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from db.due import Due

REMEMBERED = 10_000


@dataclass(slots=True)
class Turns:
    """Remembers who was served last; whoever waited longest is served next."""

    _served: dict[UUID, int] = field(default_factory=dict)
    _count: int = 0

    def choose(self, candidates: Sequence[Due], limit: int) -> list[Due]:
        """At most `limit` candidates, in turn; those of one group keep their order."""
        waiting = list(candidates)
        chosen: list[Due] = []
        while waiting and len(chosen) < limit:
            # min takes the first of equals, so a group's own order and the oldest group come first.
            due = min(waiting, key=lambda due: (self._last(due.tenant_id), self._last(due.group)))
            waiting.remove(due)
            chosen.append(due)
            self._serve(due)
        return chosen

    def _last(self, id: UUID) -> int:
        return self._served.get(id, 0)

    def _serve(self, due: Due) -> None:
        self._count += 1
        for id in (due.tenant_id, due.group):
            self._served.pop(id, None)  # so that the dictionary's order is that of service
            self._served[id] = self._count
        while len(self._served) > REMEMBERED:
            del self._served[next(iter(self._served))]
