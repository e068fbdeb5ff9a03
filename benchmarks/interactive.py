"""How long a caller of `/ats/evaluate` waits, while nothing else goes on and while a bulk screening runs.

    python -m benchmarks.interactive resume_data.csv
    python -m benchmarks.interactive resumes.zip --jobs postings.ndjson --calls 200 --page docs/MODELS.md

The whole system is started on temporary data, without the cache of answers. One caller sends the sample resumes against
the sample jobs, one after another: first on the idle system, then from the moment the screening's first score is there
until its end or until all calls are made. Prints a table, and one JSON object with medians, 95th percentiles and their
ratios; `--page` puts the table into the documentation. Times mean something only on a machine that does nothing else.
"""

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.temporary import Running, temporary_system
from client.client import Winnow
from training.report import COLUMNS, keep

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
PAUSE_SECONDS = 0.05
"""Between two calls, as a person or a program takes a moment."""
WARM_UP = 5

console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Latencies:
    """Of one phase, in milliseconds; `items_per_second` is what the screening scored meanwhile."""

    calls: int
    median_ms: float
    p95_ms: float
    items_per_second: float


def pairs() -> Iterator[tuple[str, str]]:
    """Job and resume texts of the samples, for ever; no two in a row are equal."""
    jobs = [file.read_text(encoding="utf-8") for file in sorted((SAMPLES / "jobs").glob("*.txt"))]
    resumes = [file.read_text(encoding="utf-8") for file in sorted((SAMPLES / "resumes").glob("*.txt"))]
    return itertools.cycle(itertools.product(jobs, resumes))


def call(client: Winnow, texts: Iterator[tuple[str, str]]) -> float:
    """Seconds that one call took."""
    job, resume = next(texts)
    began = time.monotonic()
    client.ats.evaluate(job, resume)
    return time.monotonic() - began


def summary(seconds: Sequence[float], items: int, lasted: float) -> Latencies:
    """The figures of one phase."""
    ordered = sorted(seconds)
    p95 = ordered[max(0, round(0.95 * len(ordered)) - 1)]
    return Latencies(len(ordered), round(1000 * statistics.median(ordered), 1), round(1000 * p95, 1),
                     round(items / lasted, 1))  # fmt: skip


def idle(client: Winnow, texts: Iterator[tuple[str, str]], calls: int) -> Latencies:
    """Calls on a system that does nothing else."""
    seconds: list[float] = []
    for _ in range(calls):
        seconds.append(call(client, texts))
        time.sleep(PAUSE_SECONDS)
    return summary(seconds, 0, 1.0)


def busy(client: Winnow, texts: Iterator[tuple[str, str]], calls: int, pool: str, jobs: list[str]) -> Latencies:
    """Calls while a screening runs; it is canceled when they are made."""
    screening = client.screenings.create(pool, jobs).id
    while (now := client.screenings.get(screening)).counts.ended == 0:
        time.sleep(PAUSE_SECONDS)
    began, first = time.monotonic(), now.counts.ended
    seconds: list[float] = []
    while len(seconds) < calls and now.state != "ended":
        seconds.append(call(client, texts))
        time.sleep(PAUSE_SECONDS)
        now = client.screenings.get(screening)
    lasted = time.monotonic() - began
    if now.state != "ended":
        client.screenings.cancel(screening)
    return summary(seconds, now.counts.ended - first, lasted)


def measure(running: Running, files: Sequence[Path], jobs: Path | None, calls: int) -> dict[str, Latencies]:
    """Upload everything, then both phases."""
    with running.client() as client:
        pool = client.pools.create("benchmark")
        for file in files:
            client.uploads.wait(client.pools.upload(pool.id, file).id)
        if jobs:
            client.uploads.wait(client.jobs.upload(jobs).id)
        texts = pairs()
        for _ in range(WARM_UP):
            call(client, texts)
        console.print(f"{calls} calls on the idle system ...")
        alone = idle(client, texts, calls)
        console.print(f"{calls} calls during a screening ...")
        return {"idle": alone, "busy": busy(client, texts, calls, pool.id, [job.id for job in client.jobs.list()])}


def rows(phases: dict[str, Latencies]) -> dict[str, dict[str, float]]:
    """The figures of both phases, and how many times longer a call took beside the screening."""
    alone, beside = phases["idle"], phases["busy"]
    ratio = {
        "median_ms": round(beside.median_ms / alone.median_ms, 2),
        "p95_ms": round(beside.p95_ms / alone.p95_ms, 2),
    }
    return {"idle": asdict(alone), "beside a screening": asdict(beside), "ratio": ratio}


def _show(figures: dict[str, dict[str, float]]) -> None:
    columns = COLUMNS["latencies"]
    table = Table("", *columns)
    for name, row in figures.items():
        table.add_row(name, *(str(row.get(column, "-")) for column in columns))
    console.print(table)


def main() -> int:
    """Run once; 1 when the screening ended before twenty calls were made, as that tells too little."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interactive", description="Time /ats/evaluate.")
    parser.add_argument("files", nargs="+", type=Path, help="resumes of the screening: CSV, NDJSON or ZIP")
    parser.add_argument("--jobs", type=Path, help="jobs, when the files do not hold them")
    parser.add_argument("--calls", type=int, default=100, help="calls a phase (%(default)s)")
    parser.add_argument("--page", type=Path, help="write the table between its markers in this page")
    parser.add_argument("--logs", type=Path, help="keep the processes' logs in this folder")
    arguments = parser.parse_args()
    settings = (("WINNOW_CACHE_SECONDS", "0"), ("WINNOW_RATE_LIMIT", "0"))
    with (
        tempfile.TemporaryDirectory() as temporary,
        temporary_system(arguments.logs or Path(temporary), settings) as up,
    ):
        phases = measure(up, arguments.files, arguments.jobs, arguments.calls)
    figures = rows(phases)
    _show(figures)
    print(json.dumps(figures))
    if arguments.page:
        keep(arguments.page, "latencies", figures)
    return 0 if phases["busy"].calls >= 20 else 1


if __name__ == "__main__":
    sys.exit(main())
