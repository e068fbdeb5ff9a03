"""Scheduling: weights and limits of tenants, a low lane, claims told apart, batches recorded before they are scored."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SYSTEM = "winnow_system"

# What the relay reads beside what it could before, to put work in order.
SYSTEM_READS = {
    "tenants": "weight, running_limit",
    "screenings": "ended_at, low, claimed_tokens",
    "chunks": "claim_id",
}


def upgrade() -> None:
    """New columns have defaults, so processes of the version before go on working meanwhile."""
    op.add_column("tenants", sa.Column("weight", sa.Integer(), server_default="1", nullable=False))
    op.add_column("tenants", sa.Column("running_limit", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_tenants_weight"), "tenants", "weight BETWEEN 1 AND 1000")
    op.create_check_constraint(op.f("ck_tenants_running_limit"), "tenants", "running_limit >= 1")
    op.add_column("screenings", sa.Column("low", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("screenings", sa.Column("claimed_tokens", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("screenings", sa.Column("progressed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_screenings_ended_at"), "screenings", ["ended_at"])
    op.create_index(op.f("ix_screenings_tenant_id_pool_id"), "screenings", ["tenant_id", "pool_id"])
    op.add_column("chunks", sa.Column("claim_id", sa.Uuid(), nullable=True))
    op.add_column("chunks", sa.Column("in_hand", sa.ARRAY(sa.Uuid()), nullable=True))
    op.create_index("ix_chunks_leased", "chunks", ["tenant_id"], postgresql_where=sa.text("state = 'leased'"))
    for table, columns in SYSTEM_READS.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO {SYSTEM}")


def downgrade() -> None:
    """Grants go with their columns, but for one."""
    op.execute("REVOKE SELECT (ended_at) ON screenings FROM winnow_system")
    op.drop_index("ix_chunks_leased", table_name="chunks", postgresql_where=sa.text("state = 'leased'"))
    op.drop_column("chunks", "in_hand")
    op.drop_column("chunks", "claim_id")
    op.drop_index(op.f("ix_screenings_tenant_id_pool_id"), table_name="screenings")
    op.drop_index(op.f("ix_screenings_ended_at"), table_name="screenings")
    op.drop_column("screenings", "progressed_at")
    op.drop_column("screenings", "claimed_tokens")
    op.drop_column("screenings", "low")
    op.drop_constraint(op.f("ck_tenants_running_limit"), "tenants")
    op.drop_constraint(op.f("ck_tenants_weight"), "tenants")
    op.drop_column("tenants", "running_limit")
    op.drop_column("tenants", "weight")
