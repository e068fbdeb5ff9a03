"""Earlier scores taken over: where a screening may take from, who read a resume, where a score was computed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "ix_resumes_tenant_id_content_hash"


def upgrade() -> None:
    """Scores of before name no program, so none of them is taken over. Run again, it begins with the index anew."""
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, table_name="resumes", postgresql_concurrently=True, if_exists=True)
        op.create_index(INDEX, "resumes", ["tenant_id", "content_hash"], postgresql_concurrently=True)
    op.add_column("scores", sa.Column("reused_from", sa.Uuid(), nullable=True))
    op.add_column("assessments", sa.Column("program", sa.Text(), nullable=True))
    op.add_column(
        "screenings", sa.Column("sources", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False)
    )  # fmt: skip
    op.add_column("chunks", sa.Column("sought", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Every screening is computed again; what was copied stays."""
    op.drop_index(INDEX, table_name="resumes")
    op.drop_column("chunks", "sought")
    op.drop_column("screenings", "sources")
    op.drop_column("assessments", "program")
    op.drop_column("scores", "reused_from")
