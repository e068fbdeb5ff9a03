"""Bulk uploads against COPY of the same rows, and the memory that they cost the API."""

import csv
import json
from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from itertools import count
from pathlib import Path

from api.json_rows import read_ndjson
from api.rows import resume_rows
from benchmarks.performance.memory import Watched
from benchmarks.performance.peers import interleave, medians, ratios
from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.stage import Stage, staged, timed
from benchmarks.performance.texts import invented, write_ndjson
from db.rows import ResumeRow

CHARACTERS = 1_850
"""Two kilobytes a row, with its ids and names."""
LIMIT = (
    "Two thirds of the time are Postgres's statements for a batch, of which an outcome a row (upload_rows, with its "
    "foreign keys) is a part that the peer does not write; the rest is parsing, checking, hashing and formatting in "
    "Python, most of it beside them."
)
MEMORY_LIMIT = (
    "The spooled body does not count; a batch of 1,000 rows is held as text, as tuples and as one COPY block."
)

_TEMPORARY = """
CREATE TEMPORARY TABLE incoming (
    external_id text, name text, text text, fields jsonb, content_hash text, tokens integer
) ON COMMIT DROP
"""
_KEPT = """
INSERT INTO resumes (tenant_id, pool_id, external_id, name, text, fields, content_hash, tokens)
SELECT %s, %s, external_id, name, text, fields, content_hash, tokens FROM incoming
"""


@dataclass(slots=True)
class _Peers:
    """Each call fills a pool of its own with the same rows."""

    stage: Stage
    ndjson: Path
    csv: Path
    copied: Path
    """As the rows stand in the table, in CSV for COPY."""
    numbers: "count[int]" = field(default_factory=count)

    def upload(self, file: Path) -> Callable[[], float]:
        """Seconds of one upload, from the first byte to the answer."""

        def run() -> float:
            pool = self._pool()
            return timed(lambda: self.stage.client.pools.upload(pool, file))

        return run

    def copy(self) -> float:
        """Seconds of the same rows from a file, through a temporary table, into `resumes`; the commit is in them."""
        pool = self._pool()

        def run() -> None:
            with self.stage.superuser() as connection, connection.cursor() as cursor:
                cursor.execute(_TEMPORARY)
                with self.copied.open("rb") as file:
                    cursor.copy_expert("COPY incoming FROM STDIN (FORMAT csv)", file)
                cursor.execute(_KEPT, (str(self.stage.running.tenant_id), pool))

        return timed(run)

    def _pool(self) -> str:
        return str(self.stage.client.pools.create(f"pool {next(self.numbers)}").id)


def measure(setup: Setup) -> list[Row]:
    """Times of NDJSON and CSV; memory at two sizes."""
    rows = setup.of(10_000, 100_000)
    with staged(setup) as stage:
        peers = _Peers(stage, *_files(setup.folder, rows))
        work = {"NDJSON": peers.upload(peers.ndjson), "CSV": peers.upload(peers.csv), "COPY": peers.copy}
        found = interleave(setup.repeats, work)
        memory = {size: _memory(stage, setup.folder, size) for size in (rows, rows * 10)}
    rates = medians({name: [rows / seconds for seconds in times] for name, times in found.items()}, "rows/s")
    texts = f"invented resumes, {peers.ndjson.stat().st_size // rows:,} bytes a row"
    return [
        *(_time_row(name, found[name], found["COPY"], rates, rows, texts) for name in ("NDJSON", "CSV")),
        *(_memory_row(size, above, texts) for size, above in memory.items()),
    ]


def _time_row(name: str, ours: list[float], theirs: list[float], rates: dict[str, float], rows: int, texts: str) -> Row:
    return Row(
        name=f"bulk upload of {rows:,} resumes, {name}",
        against="COPY into a temporary table and INSERT ... SELECT of the same rows",
        target=Target(2.5, at_most=True, unit="x its time"),
        values=ratios(ours, theirs),
        rates=rates,
        ceiling="1x: the same rows and the same indexes; an upload also writes an outcome a row",
        n=rows,
        texts=texts,
        limit=LIMIT,
    )


def _memory_row(rows: int, above: int, texts: str) -> Row:
    return Row(
        name=f"memory of the API during an upload of {rows:,} resumes, NDJSON",
        against="the idle API",
        target=Target(150, at_most=True, unit=" MB"),
        values=[above / 1e6],
        rates={},
        ceiling="flat: a batch of rows at a time",
        n=rows,
        texts=texts,
        limit=MEMORY_LIMIT,
    )


def _memory(stage: Stage, folder: Path, rows: int) -> int:
    """The most bytes above the idle API."""
    file = write_ndjson(folder / "memory.ndjson", invented(rows, CHARACTERS, seed=rows))
    pool = stage.client.pools.create(f"memory {rows}").id
    with Watched(stage.pid("api")) as watched:
        stage.client.pools.upload(pool, file)
    file.unlink()
    return watched.above_idle


def _files(folder: Path, rows: int) -> tuple[Path, Path, Path]:
    """The same rows as NDJSON, as CSV, and as the table holds them."""
    ndjson = write_ndjson(folder / "rows.ndjson", invented(rows, CHARACTERS))
    as_csv, copied = folder / "rows.csv", folder / "copied.csv"
    with ndjson.open(encoding="utf-8") as lines, as_csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["external_id", "name", "text"])
        writer.writeheader()
        writer.writerows(map(json.loads, lines))
    with ndjson.open("rb") as stream, copied.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            astuple(row)[2:] for row in resume_rows(read_ndjson(stream)) if isinstance(row, ResumeRow)
        )
    return ndjson, as_csv, copied
