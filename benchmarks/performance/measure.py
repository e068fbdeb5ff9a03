"""Measures one module of benchmarks/rows in this process: `python -m benchmarks.performance.measure MODULE ...`.

Prints a JSON line a row. `benchmarks.performance` starts one such process a module, so that what one leaves in memory,
or one that dies, costs no other.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path

from benchmarks.performance.kept import as_line
from benchmarks.performance.provenance import Provenance
from benchmarks.performance.registry import ROWS
from benchmarks.performance.row import Row
from benchmarks.performance.setup import Setup


def main() -> int:
    """Measure once; what goes wrong is raised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.performance.measure")
    parser.add_argument("module", choices=ROWS)
    add_arguments(parser)
    arguments = parser.parse_args()
    measure: Callable[[Setup], list[Row]] = import_module(f"benchmarks.rows.{arguments.module}").measure
    provenance = Provenance.now()
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as folder:
        Path(folder).chmod(0o711)  # the servers may run under another account
        with redirect_stdout(sys.stderr):  # whatever a peer's library says
            rows = measure(Setup(arguments.size, arguments.repeats, Path(folder), arguments.data))
    for row in rows:
        print(json.dumps(as_line(arguments.module, arguments.size, row, provenance)), flush=True)
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What both commands take."""
    parser.add_argument("--size", choices=["small", "full"], default="small", help="(default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="rounds of every row (default: %(default)s)")
    parser.add_argument("--data", type=Path, help="the folder of the public data sets; without it, samples are used")


if __name__ == "__main__":
    sys.exit(main())
