"""What is uploaded: one file, streamed; several files, as a form; or rows, as NDJSON. Each can be sent again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".zip": "application/zip",
}
_BLOCK = 256 * 1024


def media_type(path: Path) -> str:
    """By the name's ending; an unknown one is sent as it is, and the server says what it accepts."""
    return MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")


class Body(Protocol):
    """Something to upload."""

    @property
    def size(self) -> int:
        """Bytes of content, for progress."""

    def arguments(self, key: str, on_sent: Callable[[int], None]) -> dict[str, Any]:
        """httpx's arguments for one try; called again for the next. `on_sent` hears of bytes as they leave."""


@dataclass(frozen=True, slots=True)
class FileBody:
    """One file of any accepted form, read while it is sent."""

    path: Path

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self.path.stat().st_size

    def arguments(self, key: str, on_sent: Callable[[int], None]) -> dict[str, Any]:
        """Streamed, its length told beforehand."""
        headers = {"Content-Type": media_type(self.path), "Content-Length": str(self.size)}
        return {
            "content": self._blocks(on_sent),
            "headers": headers,
            "params": {"filename": self.path.name},
        }

    def _blocks(self, on_sent: Callable[[int], None]) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
                on_sent(len(block))


@dataclass(frozen=True, slots=True)
class FormBody:
    """Several documents in one multipart/form-data request: pairs of the name to send and the file."""

    files: tuple[tuple[str, Path], ...]

    @property
    def size(self) -> int:
        """Bytes of content."""
        return sum(path.stat().st_size for _, path in self.files)

    def arguments(self, key: str, on_sent: Callable[[int], None]) -> dict[str, Any]:
        """The boundary follows from the key: with another one, a repeated request would count as a different body."""
        parts = [("files", (name, self._read(path, on_sent), media_type(path))) for name, path in self.files]
        return {"files": parts, "headers": {"Content-Type": f"multipart/form-data; boundary={key}"}}

    @staticmethod
    def _read(path: Path, on_sent: Callable[[int], None]) -> bytes:
        content = path.read_bytes()
        on_sent(len(content))
        return content


@dataclass(frozen=True, slots=True)
class RowsBody:
    """Rows that the program has in hand: resumes or jobs as mappings."""

    content: bytes

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> RowsBody:
        """One JSON object a line."""
        return cls(b"".join(json.dumps(dict(row), ensure_ascii=False).encode() + b"\n" for row in rows))

    @property
    def size(self) -> int:
        """Bytes of content."""
        return len(self.content)

    def arguments(self, key: str, on_sent: Callable[[int], None]) -> dict[str, Any]:
        """All at once."""
        on_sent(self.size)
        return {"content": self.content, "headers": {"Content-Type": "application/x-ndjson"}}
