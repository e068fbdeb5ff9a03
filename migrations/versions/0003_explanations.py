"""Explanations: skills, fields and the named parts of a score, beside it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


WISHES = ("weights", "must_haves")


def upgrade() -> None:
    """What a job weighs and insists on, and why each item was scored as it was."""
    for name in WISHES:
        op.add_column("jobs", _json(name, default="{}"))
    op.add_column("scores", _json("explanation"))


def downgrade() -> None:
    """Explanations are lost; scores stay as they are."""
    op.drop_column("scores", "explanation")
    for name in WISHES:
        op.drop_column("jobs", name)


def _json(name: str, default: str | None = None) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, server_default=default, nullable=default is None)
