"""What a numeric format changes of the match score, against fp32, over the pairs of a file like resume_data.csv.

    python -m training.formats --data DATA/resume_data.csv

Every format that this machine computes; the table goes into docs/decisions/numeric-formats.md.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from scoring.formats import Format, computable
from scoring.match import MatchModel
from scoring.packs import Pack, find_base, load_pack
from scoring.readable import match_text
from scoring.text import job_text
from scoring.tokens import Tokenizer
from training.data import Matches, read_matches
from training.markdown import table
from training.report import insert

PAGE = Path("docs/decisions/numeric-formats.md")
COLUMNS = ("format", "median", "p99", "max", "other side of the threshold", "pairs")
Scores = NDArray[np.float64]


def probabilities(matches: Matches, pack: Pack, format: Format) -> Scores:
    """Of a match, every pair's."""
    model, tokenizer = MatchModel.load(pack, format=format), Tokenizer.load(find_base(pack))
    resumes = model.reader.read(tokenizer, [match_text(resume) for resume in matches.resumes])
    jobs = model.reader.read(tokenizer, [job_text(job) for job in matches.jobs])
    return model.probabilities(resumes, jobs)[matches.resume, matches.job]


def change(plain: Scores, other: Scores, threshold: float) -> tuple[str, ...]:
    """How far scores moved, and how many of them across the threshold, in words."""
    moved = np.abs(plain - other)
    flipped = ((plain >= threshold) != (other >= threshold)).mean()
    sizes = (np.median(moved), np.quantile(moved, 0.99), moved.max())
    return (*(f"{size:.4f}" for size in sizes), f"{flipped:.2%}", f"{len(moved):,}")


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="resume_data.csv")
    parser.add_argument("--pack", type=Path, default=Path("packs/match/2"))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    matches, pack = read_matches(options.data), load_pack(options.pack)
    plain, threshold = probabilities(matches, pack, Format.FP32), float(pack.manifest["threshold"])
    others = sorted(computable("cpu") - {Format.FP32})
    rows = [(other, *change(plain, probabilities(matches, pack, other), threshold)) for other in others]
    text = "\n".join(table(COLUMNS, rows))
    PAGE.write_text(insert(PAGE.read_text(encoding="utf-8"), "formats", text), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
