"""What a recipe's run came to: one JSON object in its folder, and one line for whoever started it."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from training.curves import CURVES, Predictions, draw
from training.machine import describe
from training.recipes.finetuning import Outcome, Settings, Texts

FIGURES = "figures.json"


def record(
    run: Path, name: str, settings: Settings, sides: tuple[Texts, Texts], outcome: Outcome, predictions: Predictions,
    metrics: dict,
) -> dict:  # fmt: skip
    """Write the figures and the curves of a run; returns the figures."""
    train, test = sides
    figures = {
        "recipe": name, "settings": asdict(settings), "machine": describe(), "train": len(train), "n": len(test),
        "training_seconds": round(outcome.seconds, 1), "seconds": round(outcome.predict_seconds, 1),
        "per_second": round(len(test) / outcome.predict_seconds, 1), **metrics,
    }  # fmt: skip
    (run / FIGURES).write_text(json.dumps(figures, default=float) + "\n", encoding="utf-8")
    draw(run / CURVES, predictions, outcome.log)
    return figures


def table_rows(runs: Iterable[Path]) -> dict[str, dict]:
    """Rows for a table of training.report: what was run, in words, to its figures."""
    return {_row(figures): figures for figures in (json.loads((run / FIGURES).read_text("utf-8")) for run in runs)}


def _row(figures: dict) -> str:
    settings = Settings(**figures["settings"])
    learned = f"{figures['recipe']} on {Path(settings.base).name}, {figures['train']} rows, epochs: {settings.epochs}"
    precision = f", {settings.precision}" if settings.precision != "fp32" else ""
    return learned + precision + (", no dropout of attention" if settings.attention_dropout == 0 else "")
