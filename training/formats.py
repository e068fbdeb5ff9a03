"""What a numeric format changes of the scores of the shipped packs, against fp32, over pairs of resume_data.csv.

    python -m training.formats --data DATA/resume_data.csv

Every format that this machine computes; the table goes into docs/decisions/numeric-formats.md.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from scoring.formats import Format, computable
from scoring.packs import Pack, newest_pack
from training.data import Matches, read_matches
from training.markdown import table
from training.pair_figures import READERS
from training.report import insert

PAGE = Path("docs/decisions/numeric-formats.md")
COLUMNS = ("pack", "format", "median", "p99", "max", "other side of the threshold", "pairs")
PAIRS = 2000
"""Of them so many at most, drawn by a seed: the pair model reads each by itself."""
SEED = 1


@dataclass(frozen=True, slots=True)
class Change:
    """How far probabilities move, and the share of them that crosses the pack's threshold."""

    median: float
    p99: float
    most: float
    flipped: float
    pairs: int

    @classmethod
    def of(cls, plain: NDArray[np.float64], other: NDArray[np.float64], threshold: float) -> "Change":
        """Between the same pairs in two formats."""
        moved = np.abs(plain - other)
        flipped = ((plain >= threshold) != (other >= threshold)).mean()
        p99 = np.quantile(moved, 0.99)
        return cls(float(np.median(moved)), float(p99), float(moved.max()), float(flipped), len(moved))

    def cells(self) -> tuple[str, ...]:
        """As the last of COLUMNS."""
        sizes = (f"{size:.4f}" for size in (self.median, self.p99, self.most))
        return (*sizes, f"{self.flipped:.2%}", f"{self.pairs:,}")


def changes(pack: Pack, matches: Matches, formats: Sequence[Format], most: int = PAIRS) -> dict[Format, Change]:
    """What each format changes of the scores of a pack that reads pairs."""
    rows = np.random.default_rng(SEED).permutation(len(matches.resume))[:most]
    read = READERS[pack.name]
    plain = read(pack, matches, rows)
    others = {format: read(pack, matches, rows, format).probabilities for format in formats}
    return {format: Change.of(plain.probabilities, other, plain.threshold) for format, other in others.items()}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="resume_data.csv")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    matches, formats = read_matches(options.data), sorted(computable("cpu") - {Format.FP32})
    rows = []
    for name in READERS:
        pack = newest_pack(Path("packs"), name)
        found = changes(pack, matches, formats).items()
        rows += [(f"{name}/{pack.version}", format, *change.cells()) for format, change in found]
    text = "\n".join(table(COLUMNS, rows))
    PAGE.write_text(insert(PAGE.read_text(encoding="utf-8"), "formats", text), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
