"""What the server answers, as values.

Ids are UUIDs as text; times are UTC; members that a newer server adds are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator

T = TypeVar("T")
_Many = Annotated[tuple[T, ...], BeforeValidator(lambda value: () if value is None else value)]
_Named = Annotated[dict[str, T], BeforeValidator(lambda value: {} if value is None else value)]


@dataclass(frozen=True, slots=True)
class Pool:
    """A named set of resumes. `parsing` uploads to it are still being read; until they end it cannot be screened."""

    id: str
    name: str
    created_at: datetime
    resumes: int
    parsing: int


@dataclass(frozen=True, slots=True)
class Resume:
    """One applicant. Listings leave out all that has a default here; `fields` are columns that the resume came in."""

    id: str
    external_id: str
    name: str
    created_at: datetime
    pool_id: str | None = None
    text: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    content_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job posting, known to you by `external_id`."""

    id: str
    external_id: str
    title: str
    description: str
    education: str
    experience: str
    skills: str
    created_at: datetime
    updated_at: datetime


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

    `rows` holds the first thousand, rejected ones first; `client.uploads.rows` gives all.
    """

    id: str
    state: str
    counts: UploadCounts
    rows: tuple[UploadRow, ...]
    created_at: datetime
    pool_id: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScreeningCounts:
    """Items of a screening; the four sum to its `total` at every moment."""

    processing: int
    scored: int
    errored: int
    canceled: int

    @property
    def ended(self) -> int:
        """Items that will not change any more."""
        return self.scored + self.errored + self.canceled


@dataclass(frozen=True, slots=True)
class Options:
    """How a screening decides; None: the threshold of the pack."""

    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Screening:
    """One run of a pool against jobs: `in_progress`, `canceling` or `ended`."""

    id: str
    state: str
    pool_id: str
    job_ids: tuple[str, ...]
    total: int
    counts: ScreeningCounts
    created_at: datetime
    options: Options
    packs: dict[str, str]
    format: str
    notice: str
    retry_of: str | None = None
    started_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    ended_at: datetime | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A passage that moderation found; `start` and `end` count characters of the resume's text."""

    kind: str
    score: float
    threshold: float
    passage: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Result:
    """How one item ended: `scored` with a probability, or `errored` with a reason, or `canceled`.

    `probability` imitates the labels of a public data set; it is no chance of being hired. `threshold` is the
    screening's own; None: the match model's held. What an item without a score lacks is None,
    or empty.
    """

    resume_id: str
    resume_external_id: str | None
    resume_name: str | None
    job_id: str
    job_external_id: str
    job_title: str
    state: str
    probability: float | None
    matched: bool | None
    threshold: float | None
    categories: _Named[float]
    labels: _Many[str]
    flagged: bool | None
    flags: _Many[Flag]
    reason: str | None
    windows: int | None
    input_hash: str | None

    @property
    def applicant(self) -> str:
        """The best name there is for a person to read."""
        return self.resume_name or self.resume_external_id or self.resume_id


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One resume against one job, answered at once: `Match` or `No Match`."""

    prediction: str
    probability: float
    windows: int
    packs: dict[str, str]
    format: str
    notice: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL that wants events. `secret` is told once, when the endpoint is made or its secret rotated.

    `disabled_reason` is `owner`, `gone` (it answered 410) or `failing` (nothing but failures for five days).
    """

    id: str
    url: str
    events: tuple[str, ...]
    description: str
    enabled: bool
    created_at: datetime
    secret: str | None = field(default=None, repr=False)
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
    previous_secret_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery: the receiver's HTTP status and trimmed answer, or the error that came instead."""

    number: int
    started_at: datetime
    status: int | None = None
    latency_ms: int | None = None
    error: str | None = None
    response: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event owed to one endpoint: `due`, `leased`, `succeeded` or `failed`.

    `event_id` is its `webhook-id`; `attempts` counts the tries begun. `attempt_list` is empty in listings.
    """

    id: str
    event_id: str
    endpoint_id: str
    type: str
    data: dict[str, Any]
    state: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None = None
    finished_at: datetime | None = None
    attempt_list: tuple[Attempt, ...] = ()
