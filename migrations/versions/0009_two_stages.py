"""Screenings in two stages: shortlists between them, chunks of a second stage, and the pair model's scores."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APP = "winnow_app"
OWN = "tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid"

INDEX = "ix_scores_pair_rank"
COLUMNS = "(tenant_id, screening_id, pair_probability DESC, job_id, resume_id) WHERE pair_probability IS NOT NULL"

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
    f"CREATE INDEX IF NOT EXISTS {INDEX} ON ONLY scores": "made without the partitions, so that no row is read",
}


def upgrade() -> None:
    """No row of before has a second stage. Run again, it goes on with the partitions that are missing the index."""
    op.execute("ALTER TABLE scores ADD COLUMN IF NOT EXISTS pair_probability REAL")
    op.execute("ALTER TABLE scores ADD COLUMN IF NOT EXISTS pair_matched BOOLEAN")
    with op.get_context().autocommit_block():
        _index()
    op.add_column("chunks", sa.Column("stage", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("screenings", sa.Column("second_stage_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("screenings", sa.Column("second_stage_items", sa.Integer(), nullable=True))
    _create_shortlist()
    op.execute("ALTER TABLE shortlist ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE shortlist FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON shortlist TO {APP}")
    op.execute(f"CREATE POLICY tenant ON shortlist TO {APP} USING ({OWN}) WITH CHECK ({OWN})")


def downgrade() -> None:
    """What the pair model said is lost; the first stage's scores stay."""
    op.drop_table("shortlist")
    op.drop_column("screenings", "second_stage_items")
    op.drop_column("screenings", "second_stage_at")
    op.drop_column("chunks", "stage")
    op.drop_index(INDEX, table_name="scores")
    op.drop_column("scores", "pair_matched")
    op.drop_column("scores", "pair_probability")


def _index() -> None:
    """Each partition is indexed while it is written to; what CONCURRENTLY waits for holds nobody else up."""
    op.execute("SET lock_timeout = 0")
    op.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON ONLY scores {COLUMNS}")
    for partition in _without(INDEX):
        part = INDEX + partition.removeprefix("scores")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {part}")
        op.execute(f"CREATE INDEX CONCURRENTLY {part} ON {partition} {COLUMNS}")
        op.execute(f"ALTER INDEX {INDEX} ATTACH PARTITION {part}")
    op.execute("RESET lock_timeout")


def _without(index: str) -> list[str]:
    if op.get_context().as_sql:  # without a database there are no partitions
        return []
    return list(op.get_bind().scalars(WITHOUT, {"index": index}))


def _create_shortlist() -> None:
    op.create_table(
        "shortlist",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Uuid(), nullable=False),
        sa.Column("resume_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("probability", sa.REAL(), nullable=False),
        sa.Column("matched", sa.Boolean(), nullable=False),
        sa.Column("pair_probability", sa.REAL(), nullable=True),
        sa.Column("pair_matched", sa.Boolean(), nullable=True),
        sa.Column("windows", sa.Integer(), nullable=False),
        sa.Column("input_hash", sa.Text(), nullable=False),
        sa.Column("reused_from", sa.Uuid(), nullable=True),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "screening_id"],
            ["screenings.tenant_id", "screenings.id"],
            name=op.f("fk_shortlist_tenant_id_screening_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_shortlist_tenant_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "screening_id", "resume_id", "job_id", name=op.f("pk_shortlist")),
    )
    op.create_index(
        "ix_shortlist_rank",
        "shortlist",
        ["tenant_id", "screening_id", "job_id", sa.text("probability DESC"), "resume_id"],
    )
