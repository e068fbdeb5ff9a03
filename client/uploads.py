"""What became of uploaded rows and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from client.answers import Upload, UploadRow
from client.pages import pages
from client.transport import Transport
from client.waits import wait_until


class Uploads:
    """`client.uploads`: calls under /v1/uploads. Every call raises WinnowError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, upload_id: str) -> Upload:
        """One upload as it stands."""
        return self._transport.get(Upload, f"/v1/uploads/{upload_id}")

    def rows(self, upload_id: str, outcome: str | None = None) -> Iterator[UploadRow]:
        """The outcome of every row; `outcome` keeps accepted, duplicate, rejected or pending ones."""
        query = {"outcome": outcome, "limit": 1000}
        return pages(self._transport, f"/v1/uploads/{upload_id}/rows", "rows", UploadRow, query)

    def wait(
        self,
        upload_id: str,
        on_progress: Callable[[Upload], None] = lambda upload: None,
        timeout: float | None = None,
    ) -> Upload:
        """Wait until every document of it was read."""
        return wait_until(lambda upload: upload.state == "ended", lambda: self.get(upload_id), on_progress, timeout)
