"""Measure Winnow against its peers, row by row.

    python -m benchmarks.performance                         all rows, reduced: `make bench`
    python -m benchmarks.performance pairs export            some modules of benchmarks/rows
    python -m benchmarks.performance --size full --write     the full sizes, into docs/PERFORMANCE.md: `make bench-full`

Prints a JSON line a row as it is done, and one table at the end. With the full sizes, rows that are in the results file
are not measured again, so a run that was stopped goes on where it was; --again measures all anew. Exits 1 when a row
could not be measured; a row that misses its target is shown, not failed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from benchmarks.performance import kept, page
from benchmarks.performance.kept import Kept
from benchmarks.performance.measure import add_arguments
from benchmarks.performance.provenance import ROOT
from benchmarks.performance.registry import ROWS

console = Console(stderr=True)


def run(arguments: argparse.Namespace) -> tuple[list[Kept], list[str]]:
    """Measure the modules that are asked for and not done yet; all rows, and the modules that failed or had no time."""
    until = time.monotonic() + 60 * arguments.minutes
    results = _results(arguments)
    done = kept.read(results) if results and not arguments.again else []
    failed: list[str] = []
    for module in arguments.rows or ROWS:
        if any(row["module"] == module for row in done):
            console.print(f"{module}: done before")
            continue
        rows = _measured(module, arguments, until - time.monotonic())
        if rows is None:
            failed.append(module)
            continue
        for row in rows:
            print(json.dumps(row), flush=True)
        done += rows
        if results:
            kept.write(results, done)
        if arguments.write:
            page.keep(rows)
    return done, failed


def _results(arguments: argparse.Namespace) -> Path | None:
    """Where rows are kept for the next run; reduced sizes are soon measured again."""
    kept_by_default = ROOT / ".winnow" / "bench" / "full.jsonl" if arguments.size == "full" else None
    return arguments.results or kept_by_default


def _measured(module: str, arguments: argparse.Namespace, seconds: float) -> list[Kept] | None:
    """The rows of one module, from a process of its own; None, and a line for people, when it fails."""
    if seconds <= 0:
        console.print(f"{module}: no time left", style="bold red")
        return None
    console.print(f"{module} ...")
    begun = time.monotonic()
    try:
        answer = _child(_command(module, arguments), min(seconds, 60 * arguments.row_minutes))
    except subprocess.SubprocessError as error:
        console.print(
            f"{module}: not measured: {type(error).__name__} after {time.monotonic() - begun:.0f} s", style="bold red"
        )
        return None
    console.print(f"{module}: {time.monotonic() - begun:.0f} s")
    return [json.loads(line) for line in answer.splitlines()]


def _command(module: str, arguments: argparse.Namespace) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.performance.measure", module]
    command += ["--size", arguments.size, "--repeats", str(arguments.repeats)]
    return command + (["--data", str(arguments.data)] if arguments.data else [])


def _child(command: list[str], seconds: float) -> str:
    """What it prints. It and all that it started end within the time; raises SubprocessError when it fails."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as child:
        try:
            answer, _ = child.communicate(timeout=seconds)
        except BaseException:  # Ctrl-C as well: the child is in a session of its own
            os.killpg(child.pid, signal.SIGTERM)
            child.wait()
            raise
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return answer


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.performance", description="Ratios to peers, in one run."
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of {', '.join(ROWS)}; none: all")
    add_arguments(parser)
    parser.add_argument("--minutes", type=float, default=1e4, help="rows that do not fit into so many are left out")
    parser.add_argument("--row-minutes", type=float, default=240, help="the most for one module (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write the rows into docs/PERFORMANCE.md as they are done")
    parser.add_argument("--again", action="store_true", help="measure again what the results file holds")
    parser.add_argument("--results", type=Path, help="the results file (full size: .winnow/bench/full.jsonl)")
    arguments = parser.parse_args()
    if unknown := set(arguments.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    return arguments


def main() -> int:
    """Run; 0 when every row was measured."""
    rows, failed = run(_arguments())
    console.print(page.console(rows))
    if failed:
        console.print(f"not measured: {', '.join(failed)}", style="bold red")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
