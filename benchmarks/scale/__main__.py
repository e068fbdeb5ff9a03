"""Load up to 20 million scores into the embedded Postgres and tell what grows with them.

    python -m benchmarks.scale                         0.2, 2 and 20 million; goes on where it was stopped
    python -m benchmarks.scale --sizes 200000 2000000  some sizes, in rising order
    python -m benchmarks.scale --drop --write          drops a month at the end; writes docs/PERFORMANCE.md

Databases of all sizes stand side by side on one server and are asked in turns, so that what else goes on with the
machine falls on all of them alike. 20 million scores take about 24 GB, kept in .winnow/scale for the next run.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from sqlalchemy import text

from benchmarks.performance.provenance import ROOT, Provenance
from benchmarks.scale import page, sizes, timing
from benchmarks.scale.stage import Sized, staged

SIZES = (200_000, 2_000_000, 20_000_000)
console = Console(stderr=True)


def tell(line: str) -> None:
    """For people at a terminal."""
    console.print(f"{time.strftime('%H:%M:%S')} {line}", markup=False, highlight=False)


def load(arguments: argparse.Namespace) -> None:
    """Bring every size's database up to it, without the care for power cuts that costs a server half its time."""
    with staged(arguments.data, arguments.sizes, durable=False) as every:
        _autovacuum(every[0], "ALTER SYSTEM SET autovacuum = off")  # it would read each table again and again
        for one in every:
            timing.prepare(one, tell)
        _autovacuum(every[0], "ALTER SYSTEM RESET autovacuum")


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Ask them all, on a server as `winnow up` runs it."""
    provenance = Provenance.now()
    with staged(arguments.data, arguments.sizes, durable=True) as every:
        asked = [timing.prepare(one, tell) for one in every]
        answers = timing.ask_all(asked, arguments.rounds, tell)
        largest = every[-1]
        tables, indexes = sizes.of_tables(largest), sizes.of_score_indexes(largest)
        explanation = sizes.of_explanations(largest)
        dropped = {one.scores: sizes.drop_last_month(one.superuser) for one in every} if arguments.drop else {}
    return page.as_run(answers, tables, indexes, explanation, dropped, provenance)


def _autovacuum(one: Sized, statement: str) -> None:
    with one.superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
        connection.execute(text("SELECT pg_reload_conf()"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="What grows with the tables.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="scores of each database, rising")
    parser.add_argument("--rounds", type=int, default=9, help="(default: %(default)s)")
    parser.add_argument("--data", type=Path, default=ROOT / ".winnow" / "scale", help="(default: %(default)s)")
    parser.add_argument("--nice", type=int, default=19, help="how far all of it gives way (default: %(default)s)")
    parser.add_argument("--load-only", action="store_true", help="load, and ask nothing yet")
    parser.add_argument(
        "--drop", action="store_true", help="drop the last month at the end; the next run loads it again"
    )
    parser.add_argument("--write", action="store_true", help="write the figures into docs/PERFORMANCE.md")
    return parser.parse_args()


def main() -> int:
    """Load, measure, tell."""
    arguments = _arguments()
    os.nice(arguments.nice)
    load(arguments)
    if arguments.load_only:
        return 0
    run = measure(arguments)
    print(json.dumps(run))
    console.print(page.answers(run), markup=False)
    console.print(page.sizes(run), markup=False)
    if arguments.write:
        page.keep(run)
    return 0


if __name__ == "__main__":
    sys.exit(main())
