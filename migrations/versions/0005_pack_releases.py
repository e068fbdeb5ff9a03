"""Which pack version is current, and which were before it; where a version can be fetched from."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APP, SYSTEM = "winnow_app", "winnow_system"
FIRST_RELEASES = """
INSERT INTO pack_releases (name, version, released_by) SELECT name, version, 'migration' FROM packs WHERE active
"""
CURRENT_IS_ACTIVE = """
UPDATE packs SET active = true FROM (
    SELECT DISTINCT ON (name) name, version FROM pack_releases WHERE withdrawn_at IS NULL ORDER BY name, id DESC
) AS current WHERE (packs.name, packs.version) = (current.name, current.version)
"""


def upgrade() -> None:
    """What was active becomes the first release; the system role may see which packs a screening holds."""
    op.create_table(
        "pack_releases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_releases")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_pack_releases_withdrawn")
        ),
    )  # fmt: skip
    op.create_index(
        "ix_pack_releases_standing", "pack_releases", ["name", "id"], postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.execute(FIRST_RELEASES)
    op.drop_index("uq_packs_active", table_name="packs", postgresql_where=sa.text("active"))
    op.drop_column("packs", "active")
    op.add_column("packs", sa.Column("manifest_sha256", sa.Text(), nullable=True))
    op.add_column("packs", sa.Column("source", sa.Text(), nullable=True))
    op.execute(f"GRANT SELECT ON pack_releases TO {APP}")
    op.execute(f"GRANT SELECT (packs) ON screenings TO {SYSTEM}")


def downgrade() -> None:
    """The current version of each pack becomes the active one; the history is lost."""
    op.execute(f"REVOKE SELECT (packs) ON screenings FROM {SYSTEM}")  # noqa: S608 -- a constant
    op.drop_column("packs", "source")
    op.drop_column("packs", "manifest_sha256")
    op.add_column("packs", sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(CURRENT_IS_ACTIVE)
    op.alter_column("packs", "active", server_default=None)
    op.create_index("uq_packs_active", "packs", ["name"], unique=True, postgresql_where=sa.text("active"))
    op.drop_index("ix_pack_releases_standing", table_name="pack_releases")
    op.drop_table("pack_releases")
