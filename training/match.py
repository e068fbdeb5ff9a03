"""Trains the match pack: `python -m training.match --data resume_data.csv`.

The base encoder stays as it was published and reads every resume and every job once; learned is a regression over the
grid of both, in closed form (training.grid), by settings that are chosen on folds inside the training side
(training.match_fit). A run that was stopped goes on from the encoded texts, which are kept in a file; the rest takes
seconds.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from scoring.bags import Bags
from scoring.match import REGRESSION
from scoring.packs import BASE_WEIGHTS, base_directory, sha256_of, write_manifest
from training.curves import LOG, Predictions, draw, read_log
from training.data import MATCHED_ABOVE, Matches, read_matches
from training.grid import JOB_SHARPNESS, RESUME_SHARPNESS
from training.machine import describe
from training.match_fit import INNER_SEED, THRESHOLD, Trained, train
from training.match_texts import LAYERS, MAX_LENGTH, STRIDE, Sides, read_sides, stored
from training.metrics import binary_metrics, ranking_metrics
from training.notice import NOTICE
from training.splits import SEED, match_sides

SUMMARY = "How well a resume fits a job: the probability that the pair's score in a public data set is above 0.6."
INTENDED_USE = (
    "To order applicants for a person who reads them, job by job, with the explanation beside the score. Not to reject "
    "anybody unread."
)
LIMITS = (
    "The labels are largely a formula; nobody was hired or not by them.",
    "Learned from 23 postings, most of them technical or of offices in Bangladesh, and some 230 resumes in columns. "
    "For trades unlike these the order rests on how alike resume and posting read, and little else.",
    "Probabilities are calibrated on that data set; what share of another pool fits is not known to the model.",
    "English only.",
    "The pack holds vectors of the redacted training resumes, as a kernel method must.",
)
TRAINING = (
    "All layers of all-MiniLM-L6-v2, unchanged, over windows of each text alone; kernel ridge regression on the "
    "graded score over the grid of resumes and jobs, beside a slope on the cosine of the pair. Ridge and "
    "slope chosen, and the probability calibrated, on inner folds of the training side that hold out resumes and jobs."
)


def build_pack(matches: Matches, sides: Sides, run: Path, directory: Path) -> None:
    """Learn from all but the held-out resumes, measure on these, and write the pack and its log and curves."""
    began, grid = time.monotonic(), sides.grid(matches)
    test = match_sides(matches, "resumes") == "test"
    seen = ~np.isnan(grid.scores)
    seen[matches.resume[test], matches.job[test]] = False
    (run / LOG).unlink(missing_ok=True)
    trained = train(grid, seen, sides.groups(), lambda entry: _log(run, entry))
    probabilities = trained.probabilities(grid)[matches.resume[test], matches.job[test]]
    truth, graded, job = matches.matched[test], matches.score[test], matches.job[test]
    measured = binary_metrics(probabilities, truth, THRESHOLD) | ranking_metrics(probabilities, graded, truth, job)
    draw(run / "curves.png", Predictions.binary("match", truth, probabilities, THRESHOLD), read_log(run))
    seconds = sides.seconds + time.monotonic() - began
    counts = {"training pairs": int(seen.sum()), "held-out pairs": int(test.sum())}
    counts |= {"training resumes": len(trained.fit.rows), "training jobs": len(trained.fit.columns)}
    directory.mkdir(parents=True, exist_ok=True)
    save_file(_tensors(sides, trained), directory / REGRESSION)
    card = _card(matches, measured, counts, seconds)
    write_manifest(directory, _manifest(directory.name, trained, card), (REGRESSION,))


def _tensors(sides: Sides, trained: Trained) -> dict[str, np.ndarray]:
    known = stored(_chosen(sides.resumes, trained.fit.rows), "resume")
    known |= stored(_chosen(sides.jobs, trained.fit.columns), "job")
    return {**known, "weights": trained.fit.weights.astype(np.float32)}


def _chosen(bags: Bags, places: np.ndarray) -> Bags:
    parts = [bags[place : place + 1] for place in places]
    return Bags(np.concatenate([part.vectors for part in parts]), np.concatenate([part.counts for part in parts]))


def _manifest(version: str, trained: Trained, card: dict) -> dict:
    fit, calibration = trained.fit, trained.calibration
    return {
        "name": "match", "version": version, "kind": "match",
        "base": {"name": "all-MiniLM-L6-v2", "sha256": sha256_of(base_directory() / BASE_WEIGHTS)},
        "layers": LAYERS, "max_length": MAX_LENGTH, "stride": STRIDE,
        "labels": ["match"], "threshold": THRESHOLD,
        "nearness": {
            "resume": {"sharpness": RESUME_SHARPNESS, "width": fit.resume_width},
            "job": {"sharpness": JOB_SHARPNESS, "width": fit.job_width},
        },
        "line": {"slope": fit.slope, "mean": fit.mean},
        "calibration": {"weight": calibration.weight, "bias": calibration.bias},
        "recipe": {"noise": trained.setting.noise, "share": trained.setting.share, "matched_above": MATCHED_ABOVE},
        "notice": NOTICE, "card": card,
    }  # fmt: skip


def _card(matches: Matches, measured: dict, counts: dict[str, int], seconds: float) -> dict:
    return {
        "summary": SUMMARY, "intended_use": INTENDED_USE, "limits": LIMITS,
        "data": [{
            "name": "resume_data.csv (Resume Dataset, S. R. Arghya)", "sha256": matches.fingerprint,
            "rows": len(matches.score), "licence": "none stated",
        }],
        "split": "unseen resumes: a fifth of the groups of near-duplicates held out by hash, the rest learned from",
        "counts": counts, "metrics": {"held-out resumes": measured}, "training": TRAINING,
        "command": "python -m training.match --data FOLDER/resume_data.csv", "machine": describe(),
        "seconds": round(seconds, 1), "seeds": [SEED, INNER_SEED],
        "licence": "Apache-2.0, as this repository", "notice": NOTICE,
    }  # fmt: skip


def _log(run: Path, entry: dict) -> None:
    run.mkdir(parents=True, exist_ok=True)
    with (run / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="resume_data.csv")
    parser.add_argument("--pack", type=Path, default=Path("packs/match/2"), help="where the pack is written")
    parser.add_argument("--run", type=Path, default=Path("runs/match"), help="log and curves")
    options = parser.parse_args()
    matches = read_matches(options.data)
    build_pack(matches, read_sides(matches), options.run, options.pack)


if __name__ == "__main__":
    main()
