"""Rows as they are kept: a JSON object a line, with where it came from."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.performance.provenance import Provenance
from benchmarks.performance.row import Row
from benchmarks.performance.setup import Size

Kept = dict[str, Any]


def as_line(module: str, size: Size, row: Row, provenance: Provenance) -> Kept:
    """One row with its verdict; `module` is the file in benchmarks/rows that measured it."""
    row_values = asdict(row)
    target = row_values.pop("target")
    values = [float(value) for value in row_values.pop("values")]
    return {
        "module": module, "size": size, **row_values, "target": str(row.target), "unit": target["unit"],
        "median": row.median, "low": min(values), "high": max(values), "repeats": len(values), "met": row.met,
        **asdict(provenance),
    }  # fmt: skip


def read(path: Path) -> list[Kept]:
    """The lines of a file; none when it is not there. A last line that was cut off by a crash is left out."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def merge(path: Path, rows: Iterable[Kept]) -> list[Kept]:
    """Put rows in the places of those of the same name against the same peer, new ones behind; returns all."""
    merged = {(row["name"], row.get("against")): row for row in [*read(path), *rows]}
    write(path, merged.values())
    return list(merged.values())


def write(path: Path, rows: Iterable[Kept]) -> None:
    """The whole file, there or not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    partial.replace(path)
