"""Why a score, for people: the breakdown with its evidence, must-haves, and the passages that moved it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from client.answers import Evidence, Explained, Passages
from client.commands.talk import cell

_FEW = 3


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" +{len(names) - _FEW}" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more or "-"


def show_explained(console: Console, explained: Explained) -> None:
    """What the job asks for, what of it the resume shows, and where."""
    table = _table("part", "state", "score", "weight", "asked", "found in the resume")
    for name, part in sorted(explained.breakdown.items(), key=lambda item: -item[1].weight):
        state = part.state.replace("_", " ")
        table.add_row(*map(cell, (name, state, part.score, part.weight, part.asked or "-", _quotes(part.evidence))))
    console.print(table)
    if explained.skills_missing:
        console.print(cell(f"\nskills not found: {', '.join(explained.skills_missing)}"))
    if explained.must_haves:
        must_haves = _table("must have", "outcome", "found in the resume")
        for one in explained.must_haves:
            must_haves.add_row(*map(cell, (one.asked, one.outcome, _quotes(one.evidence))))
        console.print()
        console.print(must_haves)


def show_passages(console: Console, passages: Passages) -> None:
    """The passages that raised the probability most, and those that lowered it."""
    table = _table("change", "passages that moved the probability most")
    for passage in (*passages.raised, *passages.lowered):
        table.add_row(cell(f"{passage.change:+.3f}"), cell(_line(passage.quote)))
    console.print()
    if table.row_count:
        console.print(table)
    else:
        console.print("No passage of this resume moved the probability.")


def _table(*headings: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _quotes(evidence: Sequence[Evidence]) -> str:
    return few(list(dict.fromkeys(_line(one.quote) for one in evidence)))


def _line(quote: str) -> str:
    return " ".join(quote.split())
