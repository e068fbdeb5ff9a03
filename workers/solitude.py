"""Portions that failed before are scored while the process scores nothing else, so that its death blames no other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WAIT_SECONDS = 0.5


class Solitude:
    """Lets any number of ordinary portions in together, or one suspect alone, which goes first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._suspects = 0

    @contextmanager
    def entered(self, suspect: bool, on_wait: Callable[[], None]) -> Iterator[None]:
        """Be inside while the block lasts; until that may be, `on_wait` is called now and then, and may raise."""
        with self._announced(suspect):
            while not self._came_in(suspect):
                on_wait()
            try:
                yield
            finally:
                self._count(inside=-1)

    @contextmanager
    def _announced(self, suspect: bool) -> Iterator[None]:
        """While a suspect is inside or waits to be, nobody else comes in."""
        self._count(suspects=suspect)
        try:
            yield
        finally:
            self._count(suspects=-suspect)

    def _came_in(self, suspect: bool) -> bool:
        with self._changed:
            may = self._changed.wait_for(lambda: not (self._inside if suspect else self._suspects), WAIT_SECONDS)
            self._inside += may
            return may

    def _count(self, inside: int = 0, suspects: int = 0) -> None:
        with self._changed:
            self._inside += inside
            self._suspects += suspects
            self._changed.notify_all()
