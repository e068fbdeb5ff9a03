"""Compute resumes an hour and cost for one GPU, ten and a hundred from measured rows.

    python -m benchmarks.capacity --gpu A100 --gpu-price 2.5 --postgres-price 1.5
    python -m benchmarks.capacity --write       into docs/PERFORMANCE.md

Reads docs/scale.json (benchmarks.scale) and measures on this machine what preparing a resume takes.
"""

import argparse
import json
import sys

from benchmarks.capacity import page
from benchmarks.capacity.model import PEAKS, Assumptions
from benchmarks.capacity.work import measure
from benchmarks.performance.page import PAGE
from benchmarks.scale.page import FIGURES
from training.report import insert


def _arguments() -> argparse.Namespace:
    default = Assumptions("A100", 2.5, 1.5)
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description="Resumes an hour, and cost.")
    parser.add_argument("--gpu", choices=PEAKS, default=default.gpu, help="(default: %(default)s)")
    parser.add_argument("--gpu-price", type=float, default=default.gpu_price, help="an hour (default: %(default)s)")
    parser.add_argument("--postgres-price", type=float, default=default.postgres_price, help="(default: %(default)s)")
    parser.add_argument("--utilisation", type=float, nargs=2, default=default.utilisation, metavar=("LOW", "HIGH"))
    parser.add_argument("--jobs", type=int, default=default.jobs, help="of a screening (default: %(default)s)")
    parser.add_argument("--host-cores", type=int, default=default.host_cores, help="a GPU (default: %(default)s)")
    parser.add_argument("--postgres-cores", type=int, default=default.postgres_cores, help="(default: %(default)s)")
    parser.add_argument("--network-gigabits", type=float, default=default.network_gigabits, help="(%(default)s)")
    parser.add_argument("--disk-megabytes", type=float, default=default.disk_megabytes, help="a second (%(default)s)")
    parser.add_argument("--write", action="store_true", help="write the section into docs/PERFORMANCE.md")
    return parser.parse_args()


def main() -> int:
    """Measure, compute, tell."""
    arguments = vars(_arguments())
    write = arguments.pop("write")
    assumed = Assumptions(**{**arguments, "utilisation": tuple(arguments["utilisation"])})
    rows = page.rows_of(json.loads(FIGURES.read_text(encoding="utf-8")))
    text = page.section(measure(), rows, assumed)
    print(text)
    if write:
        PAGE.write_text(insert(PAGE.read_text(encoding="utf-8"), "capacity", text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
