"""What the int8 format changes of the shipped packs' scores, against fp32."""

from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.texts import as_job, multiplied_samples, sample_jobs
from scoring.formats import Format, computable
from scoring.inputs import Resume
from scoring.packs import newest_pack
from training.data import Matches, read_matches
from training.formats import Change, changes
from training.pair_figures import READERS

PACKS = Path(__file__).parents[2] / "packs"
LIMIT = (
    "Weights and inputs of every map lose what eight bits do not hold, and the pair model's calibration multiplies its "
    "logits, and their changes, by 2.7. Tried: sizes of inputs read off its own pairs instead of the base's; see "
    "docs/decisions/numeric-formats.md, which also tells what bf16 changes."
)


def measure(setup: Setup) -> list[Row]:
    """Three rows a pack; none on a machine that does not compute int8."""
    if Format.INT8 not in computable("cpu"):
        return []
    matches, texts = _matches(setup)
    packs = [newest_pack(PACKS, name) for name in READERS]
    most = setup.of(200, 2000)
    return [
        row
        for pack in packs
        for row in _rows(f"{pack.name}/{pack.version}", changes(pack, matches, [Format.INT8], most)[Format.INT8], texts)
    ]


def _rows(pack: str, change: Change, texts: str) -> list[Row]:
    figures = (
        ("p99", change.p99, Target(0.02, at_most=True, unit="")),
        ("max", change.most, Target(0.05, at_most=True, unit="")),
        ("flips at the threshold", 100 * change.flipped, Target(0.5, at_most=True, unit="%")),
    )
    return [
        Row(
            name=f"change of the scores of {pack} by int8: {name}",
            against="the same pairs in fp32",
            target=target,
            values=[value],
            rates={"median change": change.median},
            ceiling="0: no change",
            n=change.pairs,
            texts=texts,
            limit=LIMIT,
        )
        for name, value, target in figures
    ]


def _matches(setup: Setup) -> tuple[Matches, str]:
    """Pairs, and where they are from."""
    table = setup.real("resume_data.csv")
    if table is not None:
        return read_matches(table), "pairs of resume_data.csv"
    jobs = [as_job(row) for row in sample_jobs()]
    resumes = [Resume(row["external_id"], row["text"]) for row in multiplied_samples(300)]
    resume, job = np.array(list(product(range(len(resumes)), range(len(jobs))))).T
    return Matches(resumes, jobs, resume, job, np.zeros(len(resume)), ""), "the samples' lines with the sample jobs"
