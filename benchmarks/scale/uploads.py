"""Two long uploads in every database: one whose few rejected rows are its last, one of which half was rejected."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from benchmarks.scale.stage import Sized

ROWS, FEW = 100_000, 20


@dataclass(frozen=True, slots=True)
class LongUploads:
    """Both belong to `tenant_id`."""

    tenant_id: UUID
    few_rejected: UUID
    half_rejected: UUID


def load(sized: Sized, tenant_id: UUID) -> LongUploads:
    """Load those that are not there yet."""
    wanted = LongUploads(tenant_id, UUID(int=0x30_0000), UUID(int=0x30_0001))
    with sized.superuser.begin() as connection:
        known = set(connection.scalars(text("SELECT id FROM uploads")))
        if wanted.half_rejected not in known:
            _load(connection, tenant_id, wanted.few_rejected, f"i > {ROWS - FEW}", FEW)
            _load(connection, tenant_id, wanted.half_rejected, "i % 2 = 0", ROWS // 2)
    return wanted


def _load(connection: Connection, tenant_id: UUID, id: UUID, rejected: str, count: int) -> None:
    values = {"tenant": tenant_id, "id": id, "rows": ROWS, "rejected": count}
    connection.execute(text(_UPLOAD), values)
    connection.execute(text(_ROWS.format(rejected=rejected)), values)


_UPLOAD = """
INSERT INTO uploads (tenant_id, id, media_type, state, total, accepted, rejected, ended_at)
VALUES (:tenant, :id, 'text/csv', 'ended', :rows, :rows - :rejected, :rejected, now())
"""
_ROWS = """
INSERT INTO upload_rows (tenant_id, upload_id, number, kind, outcome, code, reason)
SELECT :tenant, :id, i, 'resume', CASE WHEN bad THEN 'rejected' ELSE 'accepted' END,
    CASE WHEN bad THEN 'empty_text' END, CASE WHEN bad THEN 'The row holds no text.' END
FROM generate_series(1, :rows) i CROSS JOIN LATERAL (SELECT {rejected} AS bad)
"""
