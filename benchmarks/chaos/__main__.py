"""Inject every fault into the running system and print a row each.

    python -m benchmarks.chaos                   all faults, as `make chaos` does
    python -m benchmarks.chaos kills poison      some acts only
    python -m benchmarks.chaos --write           and write the table into docs/OPERATIONS.md

Servers, API, two relays, three screening workers and the others are started on temporary data, with a tiny encoder.
Prints a JSON line a row; 1 when anything was lost, doubled, violated or too slow.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.chaos import deploy, disk, hints, others, poison, postgres_faults, redis_faults, workers
from benchmarks.chaos.rows import Row, markdown, table
from benchmarks.chaos.stage import ITEMS, Stage, staged

PAGE = Path(__file__).parents[2] / "docs" / "OPERATIONS.md"
BEGIN, END = "<!-- chaos: written by python -m benchmarks.chaos --write -->", "<!-- end of chaos -->"
console = Console(stderr=True)

ACTS: dict[str, Callable[[Stage], list[Row]]] = {
    "clocks": hints.clocks,
    "kills": workers.kills,
    "hangs": workers.hangs,
    "stopped": workers.stopped,
    "relay": others.relay,
    "deliver": others.deliver,
    "parse": others.parse,
    "api": others.api,
    "redis-emptied": redis_faults.emptied,
    "redis-cut-off": redis_faults.cut_off,
    "redis-restarted": redis_faults.restarted,
    "redis-away": redis_faults.away,
    "postgres-terminated": postgres_faults.terminated,
    "postgres-restarted": postgres_faults.restarted,
    "postgres-away": postgres_faults.away,
    "messages": hints.doubled,
    "poison": poison.poison,
    "disk-full": disk.full,
    "packs-read-only": disk.read_only,
    "packs-changed": disk.changed,
    "terms": deploy.terms,
}


def play(stage: Stage, names: list[str]) -> list[Row]:
    """The acts in order, each telling how long it took."""
    rows = []
    for name in names:
        begun = time.monotonic()
        made = ACTS[name](stage)
        console.print(
            f"{name}: {time.monotonic() - begun:.0f} s, {'well' if all(row.well for row in made) else 'WRONG'}"
        )
        for row in made:
            print(json.dumps(asdict(row)), flush=True)
        rows += made
    return rows


def write(rows: list[Row], seconds: float) -> None:
    """Put the table between its markers in docs/OPERATIONS.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    told = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {seconds / 60:.0f} minutes in all:"
    PAGE.write_text(f"{before}{BEGIN}\n{told}\n\n{markdown(rows)}\n{END}{after}", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.chaos", description="Inject faults and count the costs."
    )
    parser.add_argument("acts", nargs="*", choices=[*ACTS, []], help=f"some of {', '.join(ACTS)}; none: all")
    parser.add_argument("--items", type=int, default=ITEMS, help="items of a screening; fewer for a first look")
    parser.add_argument("--logs", type=Path, help="keep the processes' logs in this folder")
    parser.add_argument("--write", action="store_true", help="write the table into docs/OPERATIONS.md")
    return parser.parse_args()


def main() -> int:
    """Play; 0 when all went well."""
    arguments = _arguments()
    begun = time.monotonic()
    with staged(arguments.items, arguments.logs) as stage:
        console.print(f"staged: {time.monotonic() - begun:.0f} s")
        rows = play(stage, arguments.acts or list(ACTS))
    seconds = time.monotonic() - begun
    console.print(table(rows))
    console.print(f"{seconds:.0f} s in all")
    if arguments.write:
        write(rows, seconds)
    return 0 if all(row.well for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
