"""Makes the categories tables of docs/MODELS.md: `python -m training.category_table --data resume_corpus.parquet`.

Trains the recipe of the shipped pack on every other split and reading, and a linear model on each, measures them and
the shipped pack, and writes what came out. What was trained is kept under --runs, so that an interrupted measurement
goes on where it was.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from scoring.packs import load_pack
from training.categories import Recipe, train
from training.category_data import BEGINNINGS, CUT, WHOLE, Reading, Resumes, read_resumes
from training.category_figures import Calibration, Held, difference, figures
from training.category_linear import linear_logits
from training.category_pack import pack_on
from training.category_render import render
from training.data import LABELS
from training.report import keep


def measure(data: Path, shipped: Path, runs: Path) -> dict:
    """Figures by reading, then by model, and what reading whole resumes gains over their beginning."""
    tables, ours = {}, {}
    for reading in (*WHOLE, *BEGINNINGS):
        resumes = read_resumes(data, reading)
        held, speed = pack_on(load_pack(_pack(data, reading, shipped, runs)), resumes)
        rows = {"our pack" if reading == Reading() else "our recipe": figures(held) | {"per_second": speed}}
        if reading in WHOLE:
            held_linear, speed = _linear(resumes, runs / reading.folder / "linear.npz")
            rows = {"majority class": figures(_majority(resumes)),
                    "TF-IDF, linear": figures(held_linear) | {"per_second": speed}, **rows}  # fmt: skip
        tables[reading.name], ours[reading] = rows, held
    return {"tables": tables, "whole_against_cut": difference(ours[Reading()], ours[CUT])}


def _pack(data: Path, reading: Reading, shipped: Path, runs: Path) -> Path:
    """The shipped pack, or one by the same recipe from another reading, trained here where it is missing."""
    if reading == Reading():
        return shipped
    run = runs / reading.folder
    directory = run / "pack" / shipped.name
    if not (directory / "manifest.json").exists():
        train(data, reading, run, Recipe(), directory)
    return directory


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
        of_valid, of_test = linear_logits(resumes)
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, valid=of_valid, test=of_test, per_second=len(resumes.ids) / (time.monotonic() - began))
    stored = np.load(kept)
    fitted = Calibration.fit(stored["valid"], resumes.labels[valid])
    held = Held(fitted.probabilities(stored["test"]), fitted.thresholds, resumes.labels[test], resumes.long[test])
    return held, float(stored["per_second"])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="resume_corpus.parquet")
    parser.add_argument("--pack", type=Path, default=Path("packs/categories/2"), help="the shipped pack")
    parser.add_argument("--runs", type=Path, default=Path("runs/category_table"))
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    options = parser.parse_args()
    measured = measure(options.data, options.pack, options.runs)
    keep(options.page, "categories", measured, render(measured))


if __name__ == "__main__":
    main()
