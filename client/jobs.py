"""Job postings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from client.answers import Job, Upload
from client.bodies import Body
from client.pages import pages
from client.pools import as_body
from client.transport import Transport


class Jobs:
    """`client.jobs`: calls under /v1/jobs. Every call raises WinnowError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def upload(
        self,
        content: Path | Body | Iterable[Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        on_sent: Callable[[int], None] = lambda sent: None,
    ) -> Upload:
        """Add postings, or replace those of the same external_id; in any form that resumes may have."""
        return self._transport.upload(Upload, "/v1/jobs", as_body(content), idempotency_key, on_sent)

    def list(self) -> Iterator[Job]:
        """All postings."""
        return pages(self._transport, "/v1/jobs", "jobs", Job)

    def get(self, job_id: str) -> Job:
        """One posting."""
        return self._transport.get(Job, f"/v1/jobs/{job_id}")
