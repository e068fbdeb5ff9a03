"""Portions that failed before are scored while the process scores nothing else, so that its death blames no other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Solitude:
    """Lets any number of ordinary portions in together, or one suspect alone, which goes first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._suspects = 0

    @contextmanager
    def entered(self, suspect: bool) -> Iterator[None]:
        """Be inside while the block lasts; waits until that may be."""
        with self._changed:
            if suspect:
                self._suspects += 1
                self._changed.wait_for(lambda: self._inside == 0)
            else:
                self._changed.wait_for(lambda: self._suspects == 0)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._suspects -= suspect
                self._changed.notify_all()
