"""The client: one object for one server."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from client.answers import Evaluation
from client.connection import find_connection
from client.endpoints import Deliveries, Endpoints
from client.jobs import Jobs
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

    def evaluate(self, job_description: str, resume: str) -> Evaluation:
        """Score one resume against one job and wait for the answer."""
        content = {"job_description": job_description, "resume": resume}
        return self._transport.post(Evaluation, "/ats/evaluate", content)

    def ready(self) -> dict[str, Any]:
        """What the server says of itself when it can work."""
        return self._transport.get(dict[str, Any], "/readyz")

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def __enter__(self) -> Winnow:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
