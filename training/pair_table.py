"""Measures the pairs pack: `python -m training.pair_table --data FOLDER`.

On the held-out resumes the pack itself, beside the match pack on the same rows and both in two stages. On held-out jobs
the recipes of both, trained anew without them: one fold, which takes as long as the pack did, is kept under runs/, and
is left out by `--pack-only`. Then the table of docs/MODELS.md is written.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from scoring.packs import Pack, load_pack
from scoring.pairs import MAX_LENGTH
from training import match_fit
from training.curves import CURVES
from training.data import Matches, read_matches
from training.match_texts import read_sides
from training.pair_figures import Rows, Scored, compared
from training.pair_pack import THRESHOLD, measured
from training.pair_states import read_states
from training.pairs import Recipe, Trainer
from training.report import keep, kept
from training.splits import match_sides


def unseen_resumes(matches: Matches, pack: Pack, first: Pack) -> dict[str, dict[str, Any]]:
    """The shipped packs on the resumes that neither was learned from."""
    places = np.flatnonzero(match_sides(matches, "resumes") == "test")
    rows = measured(pack, first, matches, places)
    return {f"unseen resumes: {name}": row for name, row in rows.items()}


def unseen_jobs(matches: Matches, run: Path, recipe: Recipe) -> dict[str, dict[str, Any]]:
    """Both recipes on jobs that neither was learned from."""
    sides = match_sides(matches, "jobs")
    places = np.flatnonzero(sides == "test")
    scored = _match_recipe(matches, places), _pairs_recipe(matches, sides, places, run, recipe)
    names = {"match": "recipe of match/2", "pairs": "recipe of pairs/1"}
    rows = compared(Rows.of(matches, places), *scored)
    return {f"unseen jobs, one fold: {names.get(name, name)}": row for name, row in rows.items()}


def _match_recipe(matches: Matches, places: np.ndarray) -> Scored:
    texts = read_sides(matches)
    grid, began = texts.grid(matches), time.monotonic()
    seen = ~np.isnan(grid.scores)
    seen[matches.resume[places], matches.job[places]] = False
    probabilities = match_fit.train(grid, seen, texts.groups()).probabilities(grid)
    rate = probabilities.size / (time.monotonic() - began + texts.seconds)
    return Scored(probabilities[matches.resume[places], matches.job[places]], match_fit.THRESHOLD, round(rate, 1))


def _pairs_recipe(matches: Matches, sides: np.ndarray, places: np.ndarray, run: Path, recipe: Recipe) -> Scored:
    trainer = Trainer(recipe, matches, read_states(matches, recipe.frozen, MAX_LENGTH), sides, run)
    trainer.train()
    calibration = trainer.learned(run / CURVES).calibration
    return Scored(calibration.probabilities(trainer.logits(places)), THRESHOLD, None)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds resume_data.csv")
    parser.add_argument("--match", type=Path, default=Path("packs/match/2"))
    parser.add_argument("--pack", type=Path, default=Path("packs/pairs/1"))
    parser.add_argument("--run", type=Path, default=Path("runs/pairs-unseen-jobs"), help="checkpoints and log; resumed")
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    parser.add_argument("--pack-only", action="store_true", help="train nothing: former figures of unseen jobs stay")
    options = parser.parse_args()
    matches = read_matches(options.data / "resume_data.csv")
    rows = unseen_resumes(matches, load_pack(options.pack), load_pack(options.match))
    trained = kept(options.page, "pairs") if options.pack_only else unseen_jobs(matches, options.run, Recipe())
    keep(options.page, "pairs", {**rows, **{name: row for name, row in trained.items() if name not in rows}})


if __name__ == "__main__":
    main()
