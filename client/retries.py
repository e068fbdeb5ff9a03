"""When to try a request again, and how long to wait before."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

_BUSY = frozenset({429, 502, 503, 504})
_IN_FLIGHT = 409  # worth it only with Retry-After: our earlier try is still being answered, a pool is still being read


@dataclass(frozen=True, slots=True)
class Retries:
    """Up to `attempts` tries; waits double from `first` up to `longest` seconds, up to half of each left out by chance.

    So the tries outlast a server that starts again, which takes it some seconds, however the chances fall.

    A `Retry-After` of the server is waited for in full, so that it is never asked earlier than it said, but not longer
    than `patience` seconds: what takes longer is told to the caller.
    """

    attempts: int = 6
    first: float = 0.5
    longest: float = 20.0
    patience: float = 120.0

    def worth(self, response: httpx.Response) -> bool:
        """Whether this answer may be another one later."""
        waits = retry_after(response)
        if waits is not None and waits > self.patience:
            return False
        return response.status_code in _BUSY or (response.status_code == _IN_FLIGHT and waits is not None)

    def delay(self, attempt: int, response: httpx.Response | None = None) -> float:
        """Seconds to wait after try number `attempt` (from 1) failed."""
        most = min(self.longest, self.first * 2 ** (attempt - 1))
        jitter = random.uniform(most / 2, most)
        named = retry_after(response) if response is not None else None
        return jitter if named is None else named + min(jitter, 1.0)


def retry_after(response: httpx.Response) -> float | None:
    """Seconds named by `Retry-After`, which holds either a number or a date (RFC 9110, 10.2.3); None without one."""
    value = response.headers.get("retry-after", "")
    if value.strip().isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
