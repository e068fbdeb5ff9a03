"""Uploads, and what became of their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UploadCounts:
    """Rows of an upload by outcome; the four outcomes sum to `total`."""

    total: int
    accepted: int
    duplicate: int
    rejected: int
    pending: int


@dataclass(frozen=True, slots=True)
class UploadRow:
    """What became of one row or file. `id` is the resume's or job's; `code` and `reason` say why one was rejected."""

    number: int
    kind: str
    source: str
    outcome: str
    external_id: str | None = None
    code: str | None = None
    reason: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """One bulk intake; `state` is `parsing` until every document was read, then `ended`.

    `rows` holds the first thousand, rejected ones first; `client.uploads.rows` gives all, from `rows_url`.
    """

    id: str
    state: str
    counts: UploadCounts
    rows: tuple[UploadRow, ...]
    created_at: datetime
    filename: str = ""
    media_type: str = ""
    rows_url: str = ""
    pool_id: str | None = None
    ended_at: datetime | None = None
