"""Every table, gathered so that migrations and tests see them all."""

from db.tables.base import Base
from db.tables.catalogue import JobVector, Posting
from db.tables.idempotency import IdempotencyKey
from db.tables.packs import Pack, PackRelease
from db.tables.passages import Passages
from db.tables.pools import Job, Pool, Resume
from db.tables.results import Assessment, Score
from db.tables.screenings import Chunk, Screening, ScreeningJob
from db.tables.shortlist import Shortlisted
from db.tables.tenants import ApiKey, Tenant
from db.tables.uploads import Document, Upload, UploadRow
from db.tables.webhooks import Attempt, Delivery, Endpoint, Event

__all__ = [
    "ApiKey",
    "Assessment",
    "Attempt",
    "Base",
    "Chunk",
    "Delivery",
    "Document",
    "Endpoint",
    "Event",
    "IdempotencyKey",
    "Job",
    "JobVector",
    "Pack",
    "PackRelease",
    "Passages",
    "Pool",
    "Posting",
    "Resume",
    "Score",
    "Screening",
    "ScreeningJob",
    "Shortlisted",
    "Tenant",
    "Upload",
    "UploadRow",
]
