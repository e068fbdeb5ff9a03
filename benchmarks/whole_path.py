"""Screen real files through the whole running system and tell where the time went.

    python -m benchmarks.whole_path resume_data.csv
    python -m benchmarks.whole_path pdfs.zip docx.zip --jobs postings.ndjson
    python -m benchmarks.whole_path resume_data.csv --faults

Servers, API, relay and workers are started on temporary data and stopped at the end. While the screening runs, a watch
compares its counters with the rows they count. With --faults the screening worker is killed twice and Redis emptied.
Prints one JSON object; 1 when an item was lost or doubled or an invariant was violated.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console

from benchmarks.faults import FAULTS, Injector
from benchmarks.invariants import Watch
from benchmarks.temporary import Running, temporary_system
from client.client import Winnow

console = Console(stderr=True)


class Clock:
    """Seconds spent in each named phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time one phase."""
        console.print(f"{name} ...")
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 2)


def upload(client: Winnow, files: Sequence[Path], jobs: Path | None, clock: Clock) -> tuple[str, list[str]]:
    """Put everything in; returns the pool and the jobs. Rejected rows are printed with their reasons."""
    pool = client.pools.create("benchmark")
    for file in files:
        with clock.phase(f"upload {file.name}"):
            answer = client.pools.upload(pool.id, file)
        with clock.phase(f"parse {file.name}"):
            answer = client.uploads.wait(answer.id)
        console.print(f"{file.name}: {asdict(answer.counts)}")
        for row in client.uploads.rows(answer.id, "rejected"):
            console.print(f"  rejected: {row.source or row.number}: {row.code}: {row.reason}", markup=False)
    if jobs:
        client.uploads.wait(client.jobs.upload(jobs).id)
    return pool.id, [job.id for job in client.jobs.list()]


def screen(running: Running, client: Winnow, pool: str, jobs: list[str], faulty: bool, clock: Clock) -> dict[str, Any]:
    """Screen under watch, export, and count what came of it."""
    screening = client.screenings.create(pool, jobs)
    injector = Injector(running.system, list(FAULTS) if faulty else [], {})
    with running.client() as watching, clock.phase("screen"):
        watch = Watch(running.tenant_id, UUID(screening.id), lambda: watching.screenings.get(screening.id))
        with watch:
            ended = client.screenings.wait(
                screening.id, lambda now: injector.on_progress(now.counts.ended, now.total), timeout=3600
            )
    with clock.phase("export"):
        exported = [(result.resume_id, result.job_id) for result in client.screenings.stream(screening.id)]
    return {
        "items": ended.total,
        **asdict(ended.counts),
        "lost": ended.total - len(set(exported)),
        "doubled": len(exported) - len(set(exported)),
        "recovered_s": {name: round(seconds, 1) for name, seconds in injector.recovered.items()},
        **asdict(watch.findings),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole_path", description="Screen real files, timed.")
    parser.add_argument("files", nargs="+", type=Path, help="resumes: CSV, NDJSON or ZIP")
    parser.add_argument("--jobs", type=Path, help="jobs, when the files do not hold them")
    parser.add_argument("--faults", action="store_true", help="kill the screening worker twice and empty Redis")
    parser.add_argument("--logs", type=Path, help="keep the processes' logs in this folder")
    return parser.parse_args()


def main() -> int:
    """Run once; 0 when nothing was lost, doubled or violated."""
    arguments, clock = _arguments(), Clock()
    with tempfile.TemporaryDirectory() as temporary, temporary_system(arguments.logs or Path(temporary)) as running:
        with running.client() as client:
            pool, jobs = upload(client, arguments.files, arguments.jobs, clock)
            outcome = screen(running, client, pool, jobs, arguments.faults, clock)
    print(json.dumps({"seconds": clock.seconds, **outcome}))
    return 1 if outcome["lost"] or outcome["doubled"] or outcome["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
