"""Which turn holds a delivery: deliveries of one turn count as one where places are shared out."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SYSTEM = "winnow_system"


def upgrade() -> None:
    """A worker of the version before names no turn: each of its deliveries counts as one."""
    op.add_column("deliveries", sa.Column("turn_id", sa.Uuid(), nullable=True))
    op.execute(f"GRANT SELECT (turn_id) ON deliveries TO {SYSTEM}")


def downgrade() -> None:
    """The right goes with the column."""
    op.drop_column("deliveries", "turn_id")
