"""Indexes of what people look at: a job's applicants by rank, what was not scored, and rows that were not accepted."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OF_SCORES = {
    "ix_scores_job_rank": "(tenant_id, screening_id, job_id, probability DESC NULLS LAST, resume_id)",
    "ix_scores_unscored": "(tenant_id, screening_id, state, job_id, resume_id) WHERE probability IS NULL",
}
OF_UPLOAD_ROWS = "ix_upload_rows_not_accepted"

# Partitions on which the index is not there yet as a part of the whole.
WITHOUT = sa.text(
    """
    SELECT parts.inhrelid::regclass::text FROM pg_inherits parts
    WHERE parts.inhparent = 'scores'::regclass AND NOT EXISTS (
        SELECT FROM pg_index JOIN pg_inherits ON pg_inherits.inhrelid = pg_index.indexrelid
        WHERE pg_index.indrelid = parts.inhrelid AND pg_inherits.inhparent = CAST(:index AS regclass)
    )
    ORDER BY 1
    """
)
NOT_ADDITIVE = {
    f"CREATE INDEX IF NOT EXISTS {name} ON ONLY scores": "made without the partitions, so that no row is read"
    for name in OF_SCORES
}


def upgrade() -> None:
    """Each partition is indexed while it is written to. Run again, it goes on with those that are missing.

    What CONCURRENTLY waits for holds nobody else up, so it may wait as long as it must.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for name, columns in OF_SCORES.items():
            op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON ONLY scores {columns}")
            for partition in _without(name):
                part = name + partition.removeprefix("scores")
                op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {part}")
                op.execute(f"CREATE INDEX CONCURRENTLY {part} ON {partition} {columns}")
                op.execute(f"ALTER INDEX {name} ATTACH PARTITION {part}")
        op.drop_index(OF_UPLOAD_ROWS, table_name="upload_rows", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            OF_UPLOAD_ROWS,
            "upload_rows",
            ["tenant_id", "upload_id", "outcome", "number", "kind"],
            postgresql_where=sa.text("outcome <> 'accepted'"),
            postgresql_concurrently=True,
        )
        op.execute("RESET lock_timeout")


def _without(index: str) -> list[str]:
    if op.get_context().as_sql:  # without a database there are no partitions
        return []
    return list(op.get_bind().scalars(WITHOUT, {"index": index}))


def downgrade() -> None:
    """Pages of one job and polls of large uploads read more rows again."""
    op.drop_index(OF_UPLOAD_ROWS, table_name="upload_rows", postgresql_where=sa.text("outcome <> 'accepted'"))
    for name in OF_SCORES:
        op.drop_index(name, table_name="scores")
