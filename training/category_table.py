"""Makes the categories tables of docs/MODELS.md: `python -m training.category_table --data resume_corpus.parquet`.

Trains the recipe of the shipped pack on every other split and reading, and a linear model on each, measures them and
the shipped pack, and writes what came out. What was trained is kept under --runs, so that an interrupted measurement
goes on where it was.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scoring.packs import Pack, base_directory, load_pack
from scoring.tokens import Tokenizer
from training.categories import Recipe, train
from training.category_data import BEGINNINGS, CUT, MASKED, WHOLE, Reading, Resumes, read_resumes
from training.category_figures import Calibration, Held, difference, figures
from training.category_linear import linear_logits
from training.category_pack import pack_on
from training.category_render import render
from training.data import LABELS
from training.recipes.categories_001 import KEPT
from training.recipes.categories_001 import NAME as REFERENCE
from training.recipes.record import FIGURES, table_rows
from training.report import keep, kept

MANIFEST = "manifest.json"
READINGS = (*WHOLE, *BEGINNINGS)
NAMED = {reading.folder: reading for reading in READINGS}
REFERENCES = (Path("runs/categories_001"), Path("runs/categories_001_tags"))


def measure(data: Path, shipped: Path, runs: Path, training: bool, readings: Sequence[Reading] = READINGS) -> dict:
    """Figures by reading, then by model, and what reading whole resumes gains over their beginning.

    Without `training`, nothing is trained: readings on which no pack can be measured are left out.
    """
    tables: dict[str, dict] = {}
    ours = {}
    for reading in readings:
        directory = shipped if reading == Reading() else runs / reading.folder / "pack" / shipped.name
        trained = training or (directory / MANIFEST).exists()
        if not trained and reading not in MASKED:
            continue
        resumes = read_resumes(data, reading)
        tables[reading.name] = _others(reading, resumes, shipped, runs / reading.folder)
        if trained:
            ours[reading], speed = pack_on(_pack(data, reading, runs / reading.folder, directory), resumes)
            tables[reading.name] |= {_name(reading): figures(ours[reading]) | {"per_second": speed}}
    both = {Reading(), CUT} <= set(ours)
    return {"tables": tables} | ({"whole_against_cut": difference(ours[Reading()], ours[CUT])} if both else {})


def joined(earlier: Mapping[str, Any], measured: Mapping[str, Any]) -> dict:
    """What was measured now, in place of what was measured of the same readings earlier."""
    tables = earlier.get("tables", {}) | measured["tables"]
    order = [reading.name for reading in READINGS if reading.name in tables]
    return {**earlier, **measured, "tables": {name: tables[name] for name in order}}


def with_references(tables: Mapping[str, dict], runs: Sequence[Path]) -> dict[str, dict]:
    """The tables with the reference's own recipe (training.recipes.categories_001), where it was run to its end.

    It stands with what it read, before ours, in place of an earlier run.
    """
    rows = [(_read(row["settings"]), name, row) for run in runs for name, row in table_rows(_done(run)).items()]
    found = {reading: {name: row for read, name, row in rows if read == reading} for reading in tables}
    return {reading: found[reading] | _but(table, found[reading]) for reading, table in tables.items()}


def _but(table: Mapping[str, dict], references: Mapping[str, dict]) -> dict[str, dict]:
    """A table, without earlier runs of the reference where there are new ones."""
    return {name: row for name, row in table.items() if not (references and name.startswith(REFERENCE))}


def _read(settings: Mapping[str, Any]) -> str:
    return Reading("random", cut=settings["max_length"] - 2, tags=settings["texts"] == KEPT).name


def _done(run: Path) -> list[Path]:
    return [run] if (run / FIGURES).exists() else []


def _others(reading: Reading, resumes: Resumes, shipped: Path, run: Path) -> dict[str, dict]:
    """What ours is measured against: on whole resumes alone."""
    if reading not in WHOLE:
        return {}
    linear, speed = _linear(resumes, run / "linear.npz")
    rows = {
        "majority class": figures(_majority(resumes)) | {"ece": None},
        "TF-IDF, linear": figures(linear) | {"per_second": speed},
    }
    if reading in MASKED:
        held, speed = pack_on(load_pack(shipped), resumes)
        rows["our pack, learned with titles"] = figures(held) | {"per_second": speed}
    return rows


def _name(reading: Reading) -> str:
    return "our pack" if reading == Reading() else "our recipe"


def _pack(data: Path, reading: Reading, run: Path, directory: Path) -> Pack:
    """A reading's pack, trained here where it is missing."""
    if (directory / MANIFEST).exists():
        return load_pack(directory)
    return train(data, reading, run, Recipe(), directory)


def _majority(resumes: Resumes) -> Held:
    """Every label as often as in training, and given where it is more often true than not: one answer for all."""
    test = resumes.rows("test")
    share = np.tile(resumes.labels[resumes.rows("train")].mean(0), (len(test), 1))
    return Held(share, np.full(len(LABELS), 0.5), resumes.labels[test], resumes.long[test])


def _linear(resumes: Resumes, kept: Path) -> tuple[Held, float]:
    """The linear model on the held-out side, and the resumes a second, fitting included."""
    valid, test = resumes.rows("valid"), resumes.rows("test")
    if not kept.exists():
        began = time.monotonic()
        of_valid, of_test = linear_logits(resumes, Tokenizer.load(base_directory()).words.get_vocab_size())
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, valid=of_valid, test=of_test, per_second=len(resumes.ids) / (time.monotonic() - began))
    stored = np.load(kept)
    fitted = Calibration.fit(stored["valid"], resumes.labels[valid])
    held = Held(fitted.probabilities(stored["test"]), fitted.thresholds, resumes.labels[test], resumes.long[test])
    return held, round(float(stored["per_second"]), 1)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="resume_corpus.parquet")
    parser.add_argument("--pack", type=Path, default=Path("packs/categories/3"), help="the shipped pack")
    parser.add_argument("--runs", type=Path, default=Path("runs/category_table"))
    parser.add_argument(
        "--references", type=Path, nargs="*", default=list(REFERENCES), help="training.recipes.categories_001's"
    )
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    parser.add_argument("--trained", action="store_true", help="leave out what no model was trained on yet")
    parser.add_argument(
        "--only", nargs="*", choices=NAMED, default=list(NAMED),
        help="leave the others as they stand; with none named, all but the runs of the reference",
    )  # fmt: skip
    options = parser.parse_args()
    chosen = [NAMED[name] for name in options.only]
    measured = measure(options.data, options.pack, options.runs, not options.trained, chosen)
    if set(chosen) != set(READINGS):
        measured = joined(kept(options.page, "categories"), measured)
    measured["tables"] = with_references(measured["tables"], options.references)
    keep(options.page, "categories", measured, render(measured))


if __name__ == "__main__":
    main()
