"""One file from a hub: in pieces, of a bounded size and in bounded time, resumed by Range where it broke off."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import httpx

from workers.hub_address import HubError, redirected

REDIRECTS = 5
TRIES = 5
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds for connecting, for the next piece of an answer, for all that is fetched, and between two tries."""

    connect: float = 10
    read: float = 30
    total: float = 900
    between: float = 1


class _Broken(Exception):
    """The answer was no good, and another may be."""


class Downloads:
    """An HTTP client for one pack; close it, or use it in a `with`. The time for all begins with it."""

    def __init__(self, trusted: frozenset[str], times: Times) -> None:
        self._trusted, self._times = trusted, times
        self._until = time.monotonic() + times.total
        timeout = httpx.Timeout(times.read, connect=times.connect)
        # Bytes as they are: a length then means what it says, and nothing unpacks to more than it.
        self._client = httpx.Client(timeout=timeout, headers={"Accept-Encoding": "identity"})

    def __enter__(self) -> "Downloads":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def save(self, url: str, path: Path, most: int) -> None:
        """Write what is at `url`, at most so many bytes, to `path`, after what is there of it. Raises HubError."""
        for attempt in range(1, TRIES + 1):
            try:
                self._append(url, path, most)
                return
            except (httpx.TransportError, _Broken) as error:
                if attempt == TRIES:
                    raise HubError(f"{url} could not be fetched: {error or type(error).__name__}") from error
            time.sleep(self._times.between * 2 ** (attempt - 1))

    def _append(self, url: str, path: Path, most: int) -> None:
        have = path.stat().st_size if path.exists() else 0
        with self._answer(url, {"Range": f"bytes={have}-"} if have else {}) as answer:
            if answer.status_code == 416:  # what is here is longer than what is there
                path.unlink()
                raise _Broken("the server has less than was fetched before")
            goes_on = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
            if answer.status_code == 206 and not goes_on:
                raise HubError(f"{url} answered with a part that was not asked for")
            with path.open("ab" if goes_on else "wb") as file:
                for piece in answer.iter_raw():
                    if file.tell() + len(piece) > most:
                        raise HubError(f"{url} is longer than the {most} bytes that are allowed")
                    file.write(piece)
                    self._check_time(url)

    @contextmanager
    def _answer(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """The answer behind all redirects, each of them checked. Raises HubError and _Broken."""
        current = url
        for _ in range(REDIRECTS + 1):
            self._check_time(url)
            with self._client.stream("GET", current, headers=headers) as answer:
                if answer.has_redirect_location:
                    current = redirected(url, current, answer.headers["Location"], self._trusted)
                    continue
                if answer.status_code in AGAIN:
                    raise _Broken(f"HTTP {answer.status_code}")
                if answer.status_code not in (200, 206, 416):
                    raise HubError(f"{url} answered HTTP {answer.status_code}")
                yield answer
                return
        raise HubError(f"{url} redirects more than {REDIRECTS} times")

    def _check_time(self, url: str) -> None:
        if time.monotonic() > self._until:
            raise HubError(f"{url} took longer than {self._times.total:.0f} s")
