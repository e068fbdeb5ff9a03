"""Asking again until something has ended, no more often than is useful."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from client.errors import WinnowError

T = TypeVar("T")
_FIRST, _LONGEST, _GROWTH = 0.2, 2.0, 1.4


def wait_until(
    ended: Callable[[T], bool], ask: Callable[[], T], on_progress: Callable[[T], None], timeout: float | None
) -> T:
    """Ask until `ended`, telling `on_progress` every answer; returns the last one.

    Raises WinnowError with code `timeout` after that many seconds; what was waited for goes on at the server.
    """
    begun = time.monotonic()
    pause = _FIRST
    while True:
        answer = ask()
        on_progress(answer)
        if ended(answer):
            return answer
        if timeout is not None and time.monotonic() - begun + pause > timeout:
            raise WinnowError("timeout", f"Not ended after {timeout:g} s", "It goes on at the server; wait again.")
        time.sleep(pause)
        pause = min(_LONGEST, pause * _GROWTH)
