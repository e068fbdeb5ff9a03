"""One row a fault: what was injected, how long until all was well again, and what it cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.table import Table

COLUMNS = (
    "fault", "injected", "worst recovery", "lost", "doubled", "violations", "effects lost", "effects doubled", "notes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Costs:
    """What a fault cost: items and webhook effects lost or doubled, and what must hold and did not."""

    lost: int = 0
    doubled: int = 0
    violations: tuple[str, ...] = ()
    effects_lost: int = 0
    effects_doubled: int = 0

    def __add__(self, other: "Costs") -> "Costs":
        return Costs(
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.violations + other.violations,
            self.effects_lost + other.effects_lost,
            self.effects_doubled + other.effects_doubled,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """How one fault went. `recovered` holds seconds, one an injection; no more than `within` of them are allowed."""

    fault: str
    injected: int
    costs: Costs
    recovered: tuple[float, ...] = ()
    within: float | None = None
    notes: str = ""
    wrong: tuple[str, ...] = field(default=())
    """What else was not as it must be."""

    @property
    def slow(self) -> bool:
        """Whether it took longer to recover than is allowed."""
        return self.within is not None and max(self.recovered, default=0.0) > self.within

    @property
    def well(self) -> bool:
        """Whether nothing was lost, doubled, violated or late."""
        return not self.slow and not self.wrong and self.costs == Costs()

    def cells(self) -> tuple[str, ...]:
        """As COLUMNS."""
        costs = self.costs
        took = f"{max(self.recovered):.0f} s" if self.recovered else "-"
        wrong = (*self.wrong, *costs.violations[:2], *(["too slow"] if self.slow else []))
        counts = (costs.lost, costs.doubled, len(costs.violations), costs.effects_lost, costs.effects_doubled)
        notes = "; ".join(filter(None, [self.notes, *wrong]))
        return self.fault, str(self.injected), took, *map(str, counts), notes


def merged(runs: Sequence[list[Row]]) -> list[Row]:
    """The rows of several runs as one table: everything summed or kept, and the notes of the last run."""
    return [
        Row(
            fault=last.fault,
            injected=sum(row.injected for row in rows),
            costs=sum((row.costs for row in rows), Costs()),
            recovered=tuple(seconds for row in rows for seconds in row.recovered),
            within=last.within,
            notes=last.notes,
            wrong=tuple(wrong for row in rows for wrong in row.wrong),
        )
        for rows in zip(*runs, strict=True)
        for last in rows[-1:]
    ]


def table(rows: list[Row]) -> Table:
    """For people."""
    shown = Table(*COLUMNS, title="Faults")
    for row in rows:
        shown.add_row(*row.cells(), style=None if row.well else "bold red")
    return shown


def markdown(rows: list[Row]) -> str:
    """For docs/OPERATIONS.md."""
    lines = [" | ".join(COLUMNS), "|".join(["---"] * len(COLUMNS)), *(" | ".join(row.cells()) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines).replace("| ---", "|---").replace("--- |", "---|")
