"""Retention: months of results that no screening is left of can be dropped whole; what the doctor counts."""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OWNER, SYSTEM = "winnow_owner", "winnow_system"

# A month is dropped when none of its screenings is left, whoever deleted them, so this takes nothing away that anybody
# can still read. Two days after its end no transaction that began in it can still write. The day on each side is for
# partitions that were made while the server's time zone was another.
DROP_FINISHED_MONTHS = """
CREATE FUNCTION drop_finished_months() RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '500ms' AS $$
DECLARE
    child text;
    month timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_partitions'));
    FOR child IN
        SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent IN ('scores'::regclass, 'assessments'::regclass) AND relname ~ '_[0-9]{4}_[0-9]{2}$'
        ORDER BY right(relname, 7), relname
    LOOP
        month := make_timestamptz(substr(right(child, 7), 1, 4)::integer, right(child, 2)::integer, 1, 0, 0, 0, 'UTC');
        CONTINUE WHEN month + interval '1 month 2 days' > now();
        CONTINUE WHEN EXISTS (
            SELECT FROM screenings
            WHERE id >= first_id(month - interval '1 day') AND id < first_id(month + interval '1 month 1 day')
        );
        EXECUTE format('DROP TABLE %I', child);
        RETURN NEXT child;
    END LOOP;
END $$
"""


def upgrade() -> None:
    """The owner is bound by row-level security, so that its function sees screenings only by a policy of its own."""
    op.execute(f"CREATE POLICY owner_looks ON screenings FOR SELECT TO {OWNER} USING (true)")
    op.execute(DROP_FINISHED_MONTHS)
    op.execute("REVOKE ALL ON FUNCTION drop_finished_months() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION drop_finished_months() TO {SYSTEM}")
    op.execute("ALTER FUNCTION ensure_partitions(integer) SET timezone = 'UTC'")  # months begin alike whoever asks
    op.execute(f"GRANT SELECT (total, errored) ON screenings TO {SYSTEM}")


def downgrade() -> None:
    """Months stay for ever again."""
    op.execute(f"REVOKE SELECT (total, errored) ON screenings FROM {SYSTEM}")  # noqa: S608 -- a constant
    op.execute("ALTER FUNCTION ensure_partitions(integer) RESET timezone")
    op.execute("DROP FUNCTION drop_finished_months()")
    op.execute("DROP POLICY owner_looks ON screenings")
