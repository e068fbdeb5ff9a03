"""What an optimisation brought: its row, measured on the program before it and after it, in turns.

    python -m benchmarks.performance.optimised           those of OPTIMISATIONS that docs/PERFORMANCE.md lacks
    python -m benchmarks.performance.optimised export    those of some modules, again

Both programs are checked out beside this one, and the benchmark of the later one measures them in reduced sizes: it
fits both, as the present one would not for long.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.performance import page
from benchmarks.performance.kept import Kept, merge, read
from benchmarks.performance.peers import interleave
from benchmarks.performance.provenance import ROOT, Provenance
from benchmarks.performance.row import figure
from training.markdown import table
from training.report import insert

FIGURES = page.DOCS / "optimisations.jsonl"
COLUMNS = ("what was done", "row", "before", "after", "date, commits")
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Optimisation:
    """What was done between two commits, for which rows of a module of benchmarks/rows."""

    what: str
    module: str
    before: str
    after: str


OPTIMISATIONS = (
    Optimisation(
        "Lines of an export are put together from JSON that Postgres makes, and of the explanation, by orjson",
        "export", "e06d626^", "df303e2",
    ),
    Optimisation(
        "Rows of an upload are read and checked in a thread while those before them are written",
        "intake", "0727ae5^", "0727ae5",
    ),
    Optimisation(
        "Twenty connections stay open instead of five; the key in one statement; staleness only where it can be",
        "polling", "eb36009^", "62406ea",
    ),
    Optimisation(
        "Webhooks go out in turns: eight claimed and recorded in one transaction, over one connection, for one hint",
        "deliveries", "72b025a^", "6d774f7",
    ),
    Optimisation(
        "A poll is one message to Postgres, in which the key is checked, and one change of threads instead of three",
        "polling", "1e2c016^", "1e2c016",
    ),
    Optimisation(
        "An export is read ahead: Postgres makes the next rows while lines are put together",
        "export", "213252f^", "213252f",
    ),
    Optimisation(
        "Attention by oneDNN's batched products, where they are fp32, instead of torch's fused kernel on MKL",
        "arithmetic", "892c48e^", "892c48e",
    ),
    Optimisation(
        "int8 rounds a row in two passes instead of four; the large maps take 512 tokens at a time",
        "arithmetic", "33235ee^", "33235ee",
    ),
    Optimisation(
        "On a CPU batches are computed side by side, a thread and a core each, instead of all threads sharing every "
        "operation; little work is cut so that all cores have some of it",
        "windows", "e58c31c^", "e58c31c",
    ),
    Optimisation(
        "Moderation counts terms by one sort of integers instead of adding up sparse matrices",
        "screening", "cb151fa^", "cb151fa",
    ),
    Optimisation(
        "A poll's statement is planned once a connection, which is looked at for a hang-up instead of pinged",
        "polling", "9b42a2c^", "9b42a2c",
    ),
    Optimisation(
        "A worker's loop sleeps until Redis or the end of a task wakes it, instead of turning fifty times a second; "
        "the relay rests while nothing is due and is woken by what begins work",
        "screening", "82de7a3^", "639185f",
    ),
    Optimisation(
        "A webhook goes over h11 on a connection of our own instead of an HTTP client's pool and events",
        "deliveries", "90644cd^", "90644cd",
    ),
    Optimisation(
        "No connection is pinged before a transaction; statements said with each of them are put together once",
        "deliveries", "49e0a58^", "49e0a58",
    ),
    Optimisation(
        "An export has 500 rows at a time in memory; it had all of them there before it sent the first",
        "export", "5ea85b7^", "5ea85b7",
    ),
    Optimisation(
        "The outcomes of an upload's rows come from their insert; what the pool held is looked up by the index, not by "
        "a join with a pool whose size the planner does not know yet",
        "intake", "72ac388^", "72ac388",
    ),
)  # fmt: skip


def measure(one: Optimisation) -> list[Kept]:
    """The module's rows before and after."""
    with _program(one.before, one.after) as before, _program(one.after, one.after) as after:
        found = interleave(ROUNDS, {"before": lambda: _rows(before, one), "after": lambda: _rows(after, one)})
    stamp = Provenance.now()
    told = []
    for place, row in enumerate(found["before"][0]):
        values = {name: [rows[place]["median"] for rows in rounds] for name, rounds in found.items()}
        told.append({
            "name": _name(one) + row["name"], "what": one.what, "row": row["name"],
            "unit": row["unit"], **values, "date": stamp.date, "machine": stamp.machine,
            "commits": f"{one.before} to {one.after}",
        })  # fmt: skip
    return told


@contextmanager
def _program(commit: str, measured_by: str) -> Iterator[Path]:
    """This repository at a commit, with the benchmark of another."""
    with tempfile.TemporaryDirectory(prefix="winnow-before-") as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--detach", str(tree), commit)
        try:
            _git("-C", str(tree), "checkout", "--quiet", measured_by, "--", "benchmarks")
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _rows(tree: Path, one: Optimisation) -> list[Kept]:
    command = [sys.executable, "-m", "benchmarks.performance.measure", one.module, "--repeats", "1"]
    answer = subprocess.run(command, cwd=tree, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in answer.splitlines()]


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _done(one: Optimisation) -> bool:
    return any(row["name"].startswith(_name(one)) for row in read(FIGURES))


def _name(one: Optimisation) -> str:
    return f"{one.module} {one.after} "


def markdown(rows: list[Kept]) -> str:
    """The table: medians, with the lowest and the highest."""
    cells = [
        (row["what"], row["row"], *(_spread(row[when], row["unit"]) for when in ("before", "after")),
         f"{row['date'][:10]}, {row['commits']}")
        for row in rows
    ]  # fmt: skip
    return "\n".join(table(COLUMNS, cells))


def _spread(values: list[float], unit: str) -> str:
    low, median, high = min(values), sorted(values)[len(values) // 2], max(values)
    return f"{figure(median)}{unit} ({figure(low)} to {figure(high)})"


def main() -> int:
    """Measure and write, an optimisation at a time; 1 when one could not be measured."""
    wanted, failed = sys.argv[1:], 0
    for one in OPTIMISATIONS:
        left_out = one.module not in wanted if wanted else _done(one)
        if left_out:
            continue
        try:
            rows = merge(FIGURES, measure(one))
        except subprocess.CalledProcessError as error:
            print(f"not measured: {one.module}, {one.after}: {error}", file=sys.stderr)
            failed += 1
            continue
        text = page.PAGE.read_text(encoding="utf-8")
        page.PAGE.write_text(insert(text, "optimisations", markdown(rows)), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
