"""Measures the pairs pack on the held-out resumes: `python -m training.pair_table --data FOLDER`.

The same rows are scored by the match pack and by both in two stages; then the table of docs/MODELS.md is written.
"""

import argparse
from pathlib import Path

import numpy as np

from scoring.packs import load_pack
from training.data import read_matches
from training.pair_pack import measured
from training.report import keep
from training.splits import match_sides


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds resume_data.csv")
    parser.add_argument("--match", type=Path, default=Path("packs/match/2"))
    parser.add_argument("--pack", type=Path, default=Path("packs/pairs/1"))
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    options = parser.parse_args()
    matches = read_matches(options.data / "resume_data.csv")
    places = np.flatnonzero(match_sides(matches, "resumes") == "test")
    rows = measured(load_pack(options.pack), load_pack(options.match), matches, places)
    keep(options.page, "pairs", {f"unseen resumes: {name}": row for name, row in rows.items()})


if __name__ == "__main__":
    main()
