"""Measures a pack on a labelled file: `python -m training.evaluate match --data resume_data.csv --json`.

All rows of the file are measured. When the file is the one that the pack was trained on, `--split heldout` keeps the
side that training never saw; anything else would be measured on training rows.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import f1_score
from tqdm import tqdm

from scoring.batches import Batch, compute
from scoring.categories import CategoryModel
from scoring.match import MatchModel
from scoring.packs import Pack, find_base, load_pack, newest_pack
from scoring.readable import match_text
from scoring.text import job_text
from scoring.tokens import Tokenizer
from scoring.windows import Window
from training import moderation
from training.data import LABELS, read_corpus, read_matches
from training.metrics import binary_metrics, label_metrics, ranking_metrics
from training.pair_figures import Rows, by_pairs
from training.splits import match_sides, near_duplicate_keys, sides

SPLITS = ("all", "heldout")


@torch.inference_mode()
def evaluate_match(data: Path, pack: Pack, split: str = "all", limit: int | None = None) -> dict:
    """AUC and more over the pairs of a file like resume_data.csv."""
    matches, model = read_matches(data), MatchModel.load(pack)
    rows = _rows(len(matches.score), split, lambda: match_sides(matches, "resumes"), limit)
    tokenizer = Tokenizer.load(find_base(pack))
    resumes = model.reader.read(tokenizer, [match_text(resume) for resume in matches.resumes])
    jobs = model.reader.read(tokenizer, [job_text(job) for job in matches.jobs])
    grid = model.probabilities(resumes, jobs)
    scores = grid[matches.resume[rows], matches.job[rows]]
    truth, graded, job = matches.matched[rows], matches.score[rows], matches.job[rows]
    return {
        **binary_metrics(scores, truth, model.threshold), **ranking_metrics(scores, graded, truth, job),
        "threshold": model.threshold, "n": len(rows), "resumes": len(set(matches.resume[rows].tolist())),
    }  # fmt: skip


def evaluate_pairs(data: Path, pack: Pack, split: str = "all", limit: int | None = None) -> dict:
    """The same figures, of a pack that reads resume and job together."""
    matches = read_matches(data)
    rows = _rows(len(matches.score), split, lambda: match_sides(matches, "resumes"), limit)
    scored, held = by_pairs(pack, matches, rows), Rows.of(matches, rows)
    return {
        **held.figures(scored.probabilities, scored.threshold), "threshold": scored.threshold,
        "resumes": len(set(held.resume.tolist())), "per_second": scored.per_second,
    }  # fmt: skip


@torch.inference_mode()
def evaluate_categories(data: Path, pack: Pack, split: str = "all", limit: int | None = None) -> dict:
    """Micro-F1, mAP and more over the resumes of a file like resume_corpus.parquet, read whole."""
    corpus, model = read_corpus(data), CategoryModel.load(pack)
    rows = _rows(len(corpus.texts), split, lambda: sides(near_duplicate_keys(corpus.plain), "categories"), limit)
    tokenizer = Tokenizer.load(find_base(pack))
    parts, long = [], []
    for start in tqdm(range(0, len(rows), 256), desc="categories", unit="x256"):
        ids = tokenizer.encode([corpus.texts[row] for row in rows[start : start + 256]])
        windows = [window for place, one in enumerate(ids) for window in model.windows(place, one)]
        parts.append(model.probabilities(windows, _compute(windows, model.forward, tokenizer), model.bag.logits(ids)))
        long += [len(one) > 510 for one in ids]
    scores, truth, thresholds = np.concatenate(parts), corpus.labels[rows], np.array(model.thresholds)
    beyond = np.array(long)
    by_length = {
        name: {"n": int(side.sum()), "micro_f1": f1_score(truth[side], scores[side] >= thresholds, average="micro")}
        for name, side in (("up_to_512_tokens", ~beyond), ("over_512_tokens", beyond))
        if side.any()
    }
    return {**label_metrics(scores, truth, thresholds, LABELS), "by_length": by_length, "n": len(rows)}


def evaluate(kind: str, data: Path, pack: Pack, split: str = "all", limit: int | None = None) -> dict:
    """The figures of one pack on one file, and the seconds that they took (models loaded and file read included)."""
    began = time.monotonic()
    if kind == "match":
        figures = evaluate_match(data, pack, split, limit)
    elif kind == "pairs":
        figures = evaluate_pairs(data, pack, split, limit)
    elif kind == "categories":
        figures = evaluate_categories(data, pack, split, limit)
    else:
        figures = moderation.evaluate(data, pack)
    described = {"pack": f"{pack.name}/{pack.version}", "data": data.name, "split": split}
    return {**described, **figures, "seconds": round(time.monotonic() - began, 2)}


def _rows(count: int, split: str, side: Callable[[], np.ndarray], limit: int | None) -> np.ndarray:
    rows = np.arange(count) if split == "all" else np.where(side() == "test")[0]
    return rows[:limit]


def _compute(windows: Sequence[Window], forward: Callable[[Batch], torch.Tensor], tokenizer: Tokenizer) -> torch.Tensor:
    with tqdm(desc="batches", unit="batch", leave=False) as bar:
        return compute(windows, forward, tokenizer, "cpu", lambda *_: bar.update() and None)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("match", "pairs", "categories", "spam", "toxicity"))
    parser.add_argument("--data", type=Path, required=True, help="a file in the format of the public data set")
    parser.add_argument("--pack", type=Path, help="the pack's folder (default: the newest in packs/KIND)")
    parser.add_argument("--split", choices=SPLITS, default="all", help="heldout: match, pairs and categories only")
    parser.add_argument("--limit", type=int, help="measure the first rows only (match, pairs, categories)")
    parser.add_argument("--json", action="store_true", help="one line instead of indented")
    options = parser.parse_args()
    pack = load_pack(options.pack) if options.pack else newest_pack(Path("packs"), options.kind)
    figures = evaluate(options.kind, options.data, pack, options.split, options.limit)
    json.dump(figures, sys.stdout, indent=None if options.json else 2, default=float)
    print()


if __name__ == "__main__":
    main()
