"""The partitions of results, one a month and table: made ahead, and dropped whole once no screening of theirs is left.

Needs the system role, which can make and drop them only by these two functions of the owner's.
"""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

MONTHS_AHEAD = 2
LOCK_NOT_AVAILABLE = "55P03"  # of Postgres' error codes
_MISSING = text(
    """
    SELECT child FROM (
        SELECT parent || to_char((now() AT TIME ZONE 'UTC') + make_interval(months => ahead), '"_"YYYY"_"MM') AS child
        FROM unnest(ARRAY['scores', 'assessments']) AS parent, generate_series(0, :months) AS ahead
    ) AS needed
    WHERE to_regclass('public.' || child) IS NULL ORDER BY child
    """
)


def ensure(session: Session, months: int = MONTHS_AHEAD) -> None:
    """Make the partitions for this month and the coming ones."""
    session.execute(select(func.ensure_partitions(months)))


def missing(session: Session, months: int = 1) -> list[str]:
    """The partitions of this month and the coming ones that are not there. Any role may ask."""
    return list(session.scalars(_MISSING, {"months": months}))


def drop_finished(session: Session) -> list[str]:
    """Drop the partitions of past months that no screening is left of, whatever their size; returns their names.

    It takes both tables for itself for milliseconds and waits for that no longer than half a second: raises
    sqlalchemy.exc.OperationalError when somebody, such as a long export, holds them.
    """
    return list(session.scalars(select(func.drop_finished_months())))
