"""The client: one object for one server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from client.answers import Moderation, Pack, Readiness
from client.connection import find_connection
from client.endpoints import Deliveries, Endpoints
from client.interactive import Interactive
from client.jobs import Jobs
from client.pages import pages
from client.pools import Pools
from client.retries import Retries
from client.screenings import Screenings
from client.transport import Transport
from client.uploads import Uploads


class Winnow:
    """A Winnow server. Without arguments: as WINNOW_URL and WINNOW_API_KEY say, or as `winnow up` wrote down.

    `timeout` is in seconds, for each try of a request. Every call raises WinnowError. Close it, or use it in `with`.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        retries: Retries = Retries(),  # noqa: B008 (frozen)
        timeout: float = 60.0,
        start: Path | None = None,
    ) -> None:
        self._transport = Transport(find_connection(url, api_key, start), retries, timeout)
        self.url = self._transport.connection.url
        self.pools = Pools(self._transport)
        self.jobs = Jobs(self._transport)
        self.uploads = Uploads(self._transport)
        self.screenings = Screenings(self._transport)
        self.endpoints = Endpoints(self._transport)
        self.deliveries = Deliveries(self._transport)
        self.ats = Interactive(self._transport)

    def moderate(self, text: str | Sequence[str], *, language: str | None = None) -> Moderation:
        """Is there spam or abuse in a text, or in each of at most a hundred? Only English can be read."""
        content = {"text": text if isinstance(text, str) else list(text), "language": language}
        return self._transport.post(Moderation, "/moderate", content)

    def packs(self) -> Iterator[Pack]:
        """The models of the server, with their versions and which of them is current."""
        return pages(self._transport, "/v1/packs", "packs", Pack)

    def alive(self) -> Readiness:
        """Whether the server's process answers at all; raises WinnowError otherwise."""
        return self._transport.get(Readiness, "/healthz")

    def ready(self) -> Readiness:
        """Whether the server can work, and what it does without; raises WinnowError when it cannot."""
        return self._transport.get(Readiness, "/readyz")

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def __enter__(self) -> Winnow:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
