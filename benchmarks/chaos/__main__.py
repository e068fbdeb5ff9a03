"""Inject every fault into the running system and print a row each.

    python -m benchmarks.chaos                   all faults, as `make chaos` does
    python -m benchmarks.chaos kills poison      some acts only
    python -m benchmarks.chaos --runs 5 --write  five times, and write the table into docs/OPERATIONS.md

Servers, API, two relays, three screening workers and the others are started on temporary data, with a tiny encoder.
Prints a JSON line a row; 1 when anything was lost, doubled, violated or too slow, which ends a series of runs.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.chaos import (
    deploy,
    disk,
    hints,
    others,
    poison,
    postgres_faults,
    redis_faults,
    slow_endpoint,
    workers,
)
from benchmarks.chaos.rows import Row, markdown, merged, table
from benchmarks.chaos.stage import ITEMS, Stage, staged
from local.up import end_on_signals

PAGE = Path(__file__).parents[2] / "docs" / "OPERATIONS.md"
BEGIN, END = "<!-- chaos: written by python -m benchmarks.chaos --write -->", "<!-- end of chaos -->"
console = Console(stderr=True)

ACTS: dict[str, Callable[[Stage], list[Row]]] = {
    "clocks": hints.clocks,
    "kills": workers.kills,
    "hangs": workers.hangs,
    "stopped": workers.stopped,
    "poison": poison.poison,
    "processes": others.processes,
    "slow-endpoint": slow_endpoint.hanging,
    "redis": redis_faults.short,
    "redis-away": redis_faults.away,
    "postgres": postgres_faults.short,
    "postgres-away": postgres_faults.away,
    "postgres-full": postgres_faults.full,
    "disk-full": disk.full,
    "packs-read-only": disk.read_only,
    "packs-changed": disk.changed,
    "messages": hints.doubled,
    "terms": deploy.terms,
    "terms-without-servers": deploy.without_servers,
}
WITH = {"processes": "poison", "slow-endpoint": "poison"}
"""Acts played at the same time as another, in which leases run out and else little happens."""


def play(stage: Stage, names: list[str], run: int) -> list[Row]:
    """The acts in order, each telling how long it took."""
    rows = []
    for name in names:
        if WITH.get(name) in names:
            continue
        made = _together(stage, name, [other for other in names if WITH.get(other) == name])
        for row in made:
            print(json.dumps({"run": run, **asdict(row)}), flush=True)
        rows += made
    return rows


def _together(stage: Stage, name: str, beside: list[str]) -> list[Row]:
    """One act in this thread, as servers that it starts end with their thread; those beside it start none."""
    with ThreadPoolExecutor() as pool:
        others = [pool.submit(_act, stage, other) for other in beside]
        rows = _act(stage, name)
        return [*rows, *(row for other in others for row in other.result())]


def _act(stage: Stage, name: str) -> list[Row]:
    begun = time.monotonic()
    with stage.running.client() as client:  # one for each thread
        rows = ACTS[name](replace(stage, client=client) if name in WITH else stage)
    told = "well" if all(row.well for row in rows) else f"WRONG {[row.cells() for row in rows if not row.well]}"
    console.print(f"{name}: {time.monotonic() - begun:.0f} s, {told}")
    return rows


def write(rows: list[Row], runs: int, minutes: float) -> None:
    """Put the table between its markers in docs/OPERATIONS.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    told = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores: {_number(runs)}, {minutes:.0f} minutes each. "
    told += "Injections and costs are those of all runs together, notes are the last run's."
    PAGE.write_text(f"{before}{BEGIN}\n{told}\n\n{markdown(rows)}\n{END}{after}", encoding="utf-8")


def _number(runs: int) -> str:
    return "one run" if runs == 1 else f"{runs} runs, one after the other"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.chaos", description="Inject faults and count the costs."
    )
    parser.add_argument("acts", nargs="*", choices=[*ACTS, []], help=f"some of {', '.join(ACTS)}; none: all")
    parser.add_argument("--items", type=int, default=ITEMS, help="items of a screening; fewer for a first look")
    parser.add_argument("--logs", type=Path, help="keep the processes' logs in this folder")
    parser.add_argument("--runs", type=int, default=1, help="so many, each on a new system; the first bad one ends it")
    parser.add_argument("--write", action="store_true", help="write the table into docs/OPERATIONS.md")
    return parser.parse_args()


def _run(arguments: argparse.Namespace, run: int) -> list[Row]:
    begun = time.monotonic()
    logs = arguments.logs and arguments.logs / str(run)
    with staged(arguments.items, logs) as stage:
        console.print(f"run {run}, staged: {time.monotonic() - begun:.0f} s")
        rows = play(stage, arguments.acts or list(ACTS), run)
    console.print(f"run {run}: {time.monotonic() - begun:.0f} s in all")
    return rows


def main() -> int:
    """Play; 0 when all went well."""
    arguments = _arguments()
    end_on_signals()
    begun, runs = time.monotonic(), list[list[Row]]()
    while len(runs) < arguments.runs and all(row.well for rows in runs for row in rows):
        runs.append(_run(arguments, len(runs) + 1))
        rows = merged(runs)
        if arguments.write:
            write(rows, len(runs), (time.monotonic() - begun) / len(runs) / 60)
    console.print(table(rows))
    return 0 if all(row.well for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
