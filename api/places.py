"""Places for calls that wait: so many in this process, and no more than a share of them for one tenant."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID


class Places:
    """Each waiting call holds a thread, which polls and uploads need too; one tenant's haste must not take them all."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._taken: Counter[UUID] = Counter()
        self._counting = threading.Lock()

    @contextmanager
    def place(self, tenant_id: UUID) -> Iterator[bool]:
        """A place for this tenant while the block lasts; False when there is none."""
        with self._counting:
            free = self._taken.total() < self._most and self._taken[tenant_id] < self._most_of_one
            self._taken[tenant_id] += free
        try:
            yield free
        finally:
            with self._counting:
                self._taken[tenant_id] -= free
                if not self._taken[tenant_id]:
                    del self._taken[tenant_id]
