"""Figures as tables in Markdown."""

from collections.abc import Mapping, Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table."""
    return [f"| {' | '.join(map(str, row))} |" for row in (header, ["---"] * len(header), *rows)]


def cells(row: Mapping, columns: Sequence[str]) -> list[str]:
    """A row's figures under these columns, `-` where it has none."""
    return [_cell(row.get(column)) for column in columns]


def _cell(value: float | str | list[float] | Mapping | None) -> str:
    """A figure, an interval by its two ends, or `{"mean": ..., "spread": ...}` over folds."""
    if value is None or isinstance(value, str):
        return value or "-"
    if isinstance(value, Mapping):
        return f"{_cell(value['mean'])} ± {_cell(value['spread'])}"
    if isinstance(value, list):
        return " to ".join(map(_cell, value))
    return str(value) if isinstance(value, int) or value >= 2 else f"{value:.3f}"
