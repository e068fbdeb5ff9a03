"""Explanations: what a job weighs and insists on, why each item was scored so, and the passages that moved scores."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APP, SYSTEM = "winnow_app", "winnow_system"
OWN = "tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid"
SYSTEM_READS = "tenant_id, id, screening_id, state, attempt, created_at, due_at, lease_until"


def upgrade() -> None:
    """Add the columns, and the table of passages closed as every tenant's table is."""
    op.add_column("jobs", _json("weights", default="{}"))
    op.add_column("jobs", _json("must_haves", default="{}"))
    op.add_column("scores", _json("explanation"))
    _create_passages()
    op.execute("ALTER TABLE passages ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE passages FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON passages TO {APP}")
    op.execute(f"CREATE POLICY tenant ON passages TO {APP} USING ({OWN}) WITH CHECK ({OWN})")
    op.execute(f"GRANT SELECT ({SYSTEM_READS}), UPDATE (due_at) ON passages TO {SYSTEM}")
    op.execute(f"CREATE POLICY system_reads ON passages FOR SELECT TO {SYSTEM} USING (true)")
    op.execute(f"CREATE POLICY system_postpones ON passages FOR UPDATE TO {SYSTEM} USING (true)")


def downgrade() -> None:
    """Explanations are lost; scores stay as they are."""
    op.drop_table("passages")
    op.drop_column("scores", "explanation")
    op.drop_column("jobs", "must_haves")
    op.drop_column("jobs", "weights")


def _create_passages() -> None:
    op.create_table(
        "passages",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("screening_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("resume_id", sa.Uuid(), nullable=False),
        _json("found"),
        sa.Column("state", sa.Text(), server_default="due", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'done') = (found IS NOT NULL)", name=op.f("ck_passages_found")),
        sa.CheckConstraint("state IN ('due', 'leased', 'done', 'failed')", name=op.f("ck_passages_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "screening_id"],
            ["screenings.tenant_id", "screenings.id"],
            name=op.f("fk_passages_tenant_id_screening_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_passages_tenant_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_passages")),
        sa.UniqueConstraint(
            "tenant_id",
            "screening_id",
            "job_id",
            "resume_id",
            name=op.f("uq_passages_tenant_id_screening_id_job_id_resume_id"),
        ),
    )
    op.create_index(
        op.f("ix_passages_tenant_id_due_at"),
        "passages",
        ["tenant_id", "due_at"],
        postgresql_where=sa.text("state IN ('due', 'leased')"),
    )


def _json(name: str, default: str | None = None) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, server_default=default, nullable=default is None)
