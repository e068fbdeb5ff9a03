"""How costs grow, as pictures: a small PNG a row."""

import re
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.performance.kept import Kept


def file_name(row: Kept) -> str:
    """The picture's name, from the row's."""
    return re.sub(r"[^a-z0-9]+", "-", row["name"].lower()).strip("-") + ".png"


def draw(folder: Path, row: Kept) -> None:
    """Write the picture of a row's curve."""
    curve = row["curve"]
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    for label, points in curve["lines"].items():
        axes.plot([x for x, _ in points], [y for _, y in points], marker="o", label=label)
    axes.set(title=row["name"], xlabel=curve["x"], ylabel=curve["y"], xscale="log", ylim=(0, None))
    axes.legend(fontsize="small")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / file_name(row), dpi=80, metadata={"Software": None})
