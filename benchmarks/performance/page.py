"""docs/PERFORMANCE.md: the table, what misses its target and why, and the plots, from docs/performance.jsonl."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.performance import plot
from benchmarks.performance.kept import Kept, merge
from benchmarks.performance.registry import ROWS
from benchmarks.performance.row import figure
from training.markdown import table
from training.report import insert

DOCS = Path(__file__).parents[2] / "docs"
PAGE, FIGURES, PLOTS = DOCS / "PERFORMANCE.md", DOCS / "performance.jsonl", DOCS / "plots"
COLUMNS = ("row", "measured against", "target", "measured", "rates", "ceiling", "n", "date, commit")


def keep(rows: Sequence[Kept]) -> None:
    """Put rows among those that the page shows, and write the page and their plots anew."""
    shown = sorted(
        merge(FIGURES, rows), key=lambda row: ROWS.index(row["module"]) if row["module"] in ROWS else len(ROWS)
    )
    for row in rows:
        if row["curve"]:
            plot.draw(PLOTS, row)
    text = PAGE.read_text(encoding="utf-8")
    for kind, part in (("table", markdown(shown)), ("misses", misses(shown)), ("plots", plots(shown))):
        text = insert(text, kind, part)
    PAGE.write_text(text, encoding="utf-8")


def console(rows: Sequence[Kept]) -> Table:
    """For people at a terminal."""
    shown = Table("", *COLUMNS[:4], "rates", title="Performance")
    for row in rows:
        name, against, target, measured, rates, *_ = cells(row)
        shown.add_row(
            "yes" if row["met"] else "MISS",
            name,
            against,
            target,
            measured,
            rates,
            style=None if row["met"] else "bold red",
        )
    return shown


def cells(row: Kept) -> tuple[str, ...]:
    """As COLUMNS."""
    spread = f" ({figure(row['low'])} to {figure(row['high'])})" if row["repeats"] > 1 else ""
    measured = f"{figure(row['median'])}{row['unit']}{spread}"
    rates = "; ".join(f"{name} {figure(value)}" for name, value in row["rates"].items())
    size = "" if row["size"] == "full" else " (reduced)"
    return (
        row["name"], row["against"], row["target"], measured, rates, row["ceiling"], f"{row['n']:,}{size}",
        f"{row['date'][:10]}, {row['commit']}",
    )  # fmt: skip


def markdown(rows: Sequence[Kept]) -> str:
    """The table, and below it each machine that was measured on."""
    lines = [[cell.replace("|", "\\|") for cell in cells(row)] for row in rows]
    for line, row in zip(lines, rows, strict=True):
        line[3] = line[3] if row["met"] else f"**{line[3]}**"
    machines = sorted({row["machine"] for row in rows})
    return "\n".join(["\n".join(table(COLUMNS, lines)), "", *(f"Measured on {machine}." for machine in machines)])


def misses(rows: Sequence[Kept]) -> str:
    """What is below its target, and why."""
    missed = [row for row in rows if not row["met"]]
    lines = (f"- {row['name']}, against {row['against']}: {row['limit'] or 'not looked into yet.'}" for row in missed)
    return "\n".join(lines) or "None."


def plots(rows: Sequence[Kept]) -> str:
    """The pictures, one a row that has a curve."""
    return "\n".join(f"![{row['name']}](plots/{plot.file_name(row)})" for row in rows if row["curve"]) or "None."
