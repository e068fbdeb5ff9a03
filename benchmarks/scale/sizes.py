"""What a row takes on disk, with its indexes; and what dropping a month takes, however much it holds."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine, text

from benchmarks.scale.stage import Sized


@dataclass(frozen=True, slots=True)
class Bytes:
    """Of one table: rows, and bytes a row in the table, in its TOAST table, and in its indexes."""

    table: str
    rows: int
    heap: float
    toast: float
    indexes: float

    @property
    def total(self) -> float:
        return self.heap + self.toast + self.indexes


TABLES = ("scores", "assessments", "resumes", "upload_rows", "chunks")
_SIZES = text(
    """
    SELECT sum(pg_relation_size(c.oid)), sum(coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)),
        sum(pg_indexes_size(c.oid))
    FROM pg_class c WHERE c.relkind = 'r' AND c.oid = ANY(ARRAY(
        SELECT relid FROM pg_partition_tree(CAST(:table AS regclass)) UNION SELECT CAST(:table AS regclass)
    ))
    """
)
_INDEXES = text(
    """
    SELECT root.relname, sum(pg_relation_size(leaf.relid))
    FROM pg_index JOIN pg_class root ON root.oid = pg_index.indexrelid
    CROSS JOIN LATERAL (SELECT relid FROM pg_partition_tree(root.oid) WHERE isleaf) leaf
    WHERE pg_index.indrelid = 'scores'::regclass GROUP BY 1 ORDER BY 1
    """
)
_EXPLANATION = text(
    """
    SELECT avg(pg_column_size(explanation)) FROM (
        SELECT explanation FROM scores WHERE explanation IS NOT NULL LIMIT 10000
    )
    """
)


def of_tables(sized: Sized) -> list[Bytes]:
    """A line a table that grows with use."""
    with sized.superuser.connect() as connection:
        found = []
        for table in TABLES:
            rows = int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)
            heap, toast, indexes = connection.execute(_SIZES, {"table": table}).one()
            found.append(Bytes(table, rows, *(float(size) / rows for size in (heap, toast, indexes))))
        return found


def of_score_indexes(sized: Sized) -> dict[str, float]:
    """Bytes a score in each index of scores."""
    with sized.superuser.connect() as connection:
        rows = int(connection.scalar(text("SELECT count(*) FROM scores")) or 0)
        return {name: float(size) / rows for name, size in connection.execute(_INDEXES)}


def of_explanations(sized: Sized) -> float:
    """Bytes of an explanation, which lies within its score."""
    with sized.superuser.connect() as connection:
        return float(connection.scalar(_EXPLANATION) or 0)


def drop_last_month(engine: Engine) -> tuple[int, float]:
    """Drop the last month's results as retention does, and delete its screenings; rows dropped, seconds of the drop."""
    with engine.begin() as connection:
        last = connection.scalar(text(_LAST))
        month = str(last).removeprefix("scores_")
        rows = int(connection.scalar(text(f"SELECT count(*) FROM {last}")) or 0)
        begin = connection.scalar(text("SELECT first_id(make_timestamptz(:y, :m, 1, 0, 0, 0, 'UTC'))"), _month(month))
    begun = time.perf_counter()
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE scores_{month}"))
        connection.execute(text(f"DROP TABLE assessments_{month}"))
    seconds = time.perf_counter() - begun
    with engine.begin() as connection:
        connection.execute(
            text("DELETE FROM pools WHERE id IN (SELECT pool_id FROM screenings WHERE id >= :begin)"), {"begin": begin}
        )
    return rows, seconds


def _month(name: str) -> dict[str, int]:
    year, month = name.split("_")
    return {"y": int(year), "m": int(month)}


_LAST = "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'scores'::regclass"
