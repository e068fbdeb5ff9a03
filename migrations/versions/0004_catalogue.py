"""The catalogue of jobs that are recommended from: imported postings, vectors of jobs; and a key's own rate limit."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APP, SYSTEM = "winnow_app", "winnow_system"
OWN = "tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid"


def upgrade() -> None:
    """Postings are the deployment's: every tenant may read them, only the owner writes them."""
    op.add_column("api_keys", sa.Column("rate_limit", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_api_keys_rate_limit"), "api_keys", "rate_limit >= 0")
    op.execute(f"GRANT SELECT (rate_limit) ON api_keys TO {SYSTEM}")
    op.create_table(
        "postings",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), server_default="", nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_postings")),
    )
    op.execute(f"GRANT SELECT ON postings TO {APP}")
    op.create_table(
        "job_vectors",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_job_vectors_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "content_hash", name=op.f("pk_job_vectors")),
    )
    op.execute("ALTER TABLE job_vectors ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE job_vectors FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON job_vectors TO {APP}")
    op.execute(f"CREATE POLICY tenant ON job_vectors TO {APP} USING ({OWN}) WITH CHECK ({OWN})")


def downgrade() -> None:
    """Take all of it back."""
    op.drop_table("job_vectors")
    op.drop_table("postings")
    op.drop_column("api_keys", "rate_limit")
