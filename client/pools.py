"""Pools and the resumes in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from client.answers import Pool, Resume, Upload
from client.bodies import Body, FileBody, RowsBody
from client.pages import pages
from client.transport import Transport


class Pools:
    """`client.pools`: calls under /v1/pools and /v1/resumes. Every call raises WinnowError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, name: str, *, idempotency_key: str | None = None) -> Pool:
        """Make a pool; a name that exists already gives that pool."""
        return self._transport.post(Pool, "/v1/pools", {"name": name}, idempotency_key)

    def list(self) -> Iterator[Pool]:
        """All pools."""
        return pages(self._transport, "/v1/pools", "pools", Pool)

    def get(self, pool_id: str) -> Pool:
        """One pool with its counts."""
        return self._transport.get(Pool, f"/v1/pools/{pool_id}")

    def resumes(self, pool_id: str) -> Iterator[Resume]:
        """The resumes of a pool, without their text."""
        return pages(self._transport, f"/v1/pools/{pool_id}/resumes", "resumes", Resume)

    def resume(self, resume_id: str) -> Resume:
        """One resume with its text."""
        return self._transport.get(Resume, f"/v1/resumes/{resume_id}")

    def delete(self, pool_id: str) -> None:
        """Delete a pool with its resumes, uploads and screenings; refused while it is being screened."""
        self._transport.delete(f"/v1/pools/{pool_id}")

    def delete_resume(self, resume_id: str) -> None:
        """Delete a resume and what was found out about it; refused while its pool is being screened."""
        self._transport.delete(f"/v1/resumes/{resume_id}")

    def upload(
        self,
        pool_id: str,
        content: Path | Body | Iterable[Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        on_sent: Callable[[int], None] = lambda sent: None,
    ) -> Upload:
        """Put resumes into a pool: a file of any accepted form, a body of client.bodies, or rows as mappings.

        Documents are read after the answer came: `client.uploads.wait` gives the outcome of each.
        """
        path = f"/v1/pools/{pool_id}/resumes"
        return self._transport.upload(Upload, path, as_body(content), idempotency_key, on_sent)


def as_body(content: Path | Body | Iterable[Mapping[str, Any]]) -> Body:
    """The body that sends `content`."""
    if isinstance(content, Path):
        return FileBody(content)
    return RowsBody.of(content) if isinstance(content, Iterable) else content
