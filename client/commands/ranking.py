"""The end of a screening, for people: who could not be read or scored, and each job's applicants by rank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from rich.console import Console
from rich.table import Table
from rich.text import Text

from client.answers import Result, UploadRow
from client.client import Winnow
from client.commands.talk import cell

_DERIVED = "sha256:"  # an id that the server made, for a posting that came without one; no use to a reader
_OTHERS = 60  # columns of text beside an applicant's name
_REASONS = 20  # more rejected rows than this are counted, not listed


def top_of(client: Winnow, screening_id: str, job_ids: Sequence[str], count: int) -> dict[str, list[Result]]:
    """The `count` most probable applicants of each job."""

    def best(job_id: str) -> list[Result]:
        results = client.screenings.results(screening_id, job_id=job_id, state="scored", page_size=min(count, 1000))
        return list(islice(results, count))

    return {job_id: best(job_id) for job_id in job_ids}


def show_ranking(console: Console, results: Sequence[Result]) -> None:
    """One job's table."""
    first = results[0]
    title = Text(cell(first.job_title).plain, "bold")
    if not first.job_external_id.startswith(_DERIVED):
        title.append(f"  ({cell(first.job_external_id).plain})", "not bold")
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    table.add_column("rank", justify="right")
    longest = max(len(result.applicant) for result in results)
    # A fixed width: rich takes what a least width demands from every column, and cuts the flags.
    width = min(longest, max(console.width // 4, console.width - _OTHERS))
    table.add_column("applicant", overflow="fold", width=width)
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("decision", no_wrap=True)
    table.add_column("categories")
    table.add_column("flags", no_wrap=True)
    for rank, result in enumerate(results, 1):
        table.add_row(str(rank), *_row(result))
    console.print()
    console.print(table)


def _row(result: Result) -> Iterable[Text]:
    yield cell(result.applicant)
    yield cell(result.probability)
    yield Text("Match", "green") if result.matched else Text("No match", "dim")
    yield cell([label.replace("_", " ") for label in result.labels])
    yield Text("\n".join(sorted({flag.kind for flag in result.flags})), "red")


def show_rejected(console: Console, rows: Sequence[UploadRow]) -> None:
    """Rows and files that were refused, with the reasons."""
    if not rows:
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("rejected", "why"):
        table.add_column(heading)
    for row in rows[:_REASONS]:
        table.add_row(cell(row.source or f"row {row.number}"), cell(row.reason))
    if len(rows) > _REASONS:
        table.add_row("...", f"{len(rows) - _REASONS:,} more; --json lists all")
    console.print(table)


def show_failures(console: Console, reasons: dict[str, str]) -> None:
    """Applicants who were read but could not be scored."""
    for applicant, reason in islice(reasons.items(), _REASONS):
        console.print(Text.assemble("not scored: ", cell(applicant), ": ", cell(reason)))
    if len(reasons) > _REASONS:
        console.print(f"not scored: {len(reasons) - _REASONS:,} more; --out writes all of them with their reasons")
