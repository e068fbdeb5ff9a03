"""Measures what the match score makes of who somebody is: `python -m training.fairness --data-dir DIR`.

All resumes of resume_data.csv and all PDFs, each changed in many ways (training.swaps), each with all jobs of
resume_data.csv; read as the service reads them, and once more without redaction. Writes the table of docs/MODELS.md.
What was read is kept under runs/, so that the same command goes on where it was stopped.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from parsing.sandbox import extract
from scoring.bags import Bags
from scoring.inputs import MATCH_COLUMNS, Job, Resume
from scoring.match import MatchModel
from scoring.packs import find_base, load_pack, newest_pack
from scoring.readable import match_text
from scoring.text import clean_field, job_text, normalise
from scoring.tokens import Tokenizer
from training.data import read_matches
from training.report import keep
from training.swaps import HEADERS, Swap, swaps
from training.window_vectors import WindowVectors

ALL_SWAPS = "all swaps of headers and pronouns"
Scores = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Told:
    """A swap as the model reads it, with or without redaction."""

    swap: Swap
    redacted: bool
    before: str
    after: str


def unredacted_text(resume: Resume) -> str:
    """What the match model would read of a resume if nothing were redacted."""
    columns = [clean_field(resume.fields.get(column, "")) for column in MATCH_COLUMNS]
    return "\n\n".join(column for column in columns if column) or normalise(resume.text)


def told(resumes: Sequence[Resume], bare: set[str]) -> list[Told]:
    """Every change of every resume, redacted; also without redaction, of the resumes whose ids are `bare`."""
    found = []
    for resume in tqdm(resumes, desc="resumes"):
        changed = list(swaps(resume))
        versions = {id(one): one for swap in changed for one in (swap.before, swap.after)}
        for redacted, read in ((False, unredacted_text), (True, match_text)):
            chosen = changed if redacted or resume.id in bare else []
            as_read = {key: read(versions[key]) for swap in chosen for key in (id(swap.before), id(swap.after))}
            found += [Told(swap, redacted, as_read[id(swap.before)], as_read[id(swap.after)]) for swap in chosen]
    return found


def scored(reader: WindowVectors, cases: Sequence[Told], jobs: Sequence[Job]) -> Scores:
    """The probability of each text with each job, float[jobs] by text; where both texts are the same none is needed."""
    texts = sorted({text for case in cases if case.before != case.after for text in (case.before, case.after)})
    windows = reader.model.reader.windows(reader.tokenizer, [*texts, *map(job_text, jobs)])
    bags = Bags.of(windows, reader.of(windows), len(texts) + len(jobs))
    return dict(zip(texts, reader.model.probabilities(bags[: len(texts)], bags[len(texts) :]), strict=True))


def table(cases: Sequence[Told], scores: Scores, jobs: int, threshold: float) -> dict[str, dict]:
    """A row a change: how far the scores with all jobs move, and how many decisions flip at the threshold."""
    groups: dict[tuple[str, bool], list[Told]] = defaultdict(list)
    for case in cases:
        if case.swap.kind == HEADERS and "none" not in case.swap.change:
            groups[ALL_SWAPS, case.redacted].append(case)
    for case in cases:
        groups[case.swap.change, case.redacted].append(case)
    return {
        f"{change}{', redacted' if redacted else ''}": _row(group, scores, jobs, threshold)
        for (change, redacted), group in sorted(groups.items(), key=lambda entry: not entry[0][1])
    }


def _row(cases: Sequence[Told], scores: Scores, jobs: int, threshold: float) -> dict:
    apart = [case for case in cases if case.before != case.after]
    before = np.array([scores[case.before] for case in apart]).reshape(-1, jobs)
    after = np.array([scores[case.after] for case in apart]).reshape(-1, jobs)
    flips = int(((before >= threshold) != (after >= threshold)).sum())
    change = np.concatenate([(after - before).ravel(), np.zeros((len(cases) - len(apart)) * jobs)])
    moved = np.abs(change)
    return {
        "resumes": len({case.swap.before.id for case in cases}), "n": len(change), "texts": len(apart),
        "signed": float(change.mean()), "mean": float(moved.mean()), "p95": float(np.quantile(moved, 0.95)),
        "max": float(moved.max()), "flips": flips, "flip_share": flips / len(change),
    }  # fmt: skip


def read_pdfs(directory: Path, limit: int | None) -> list[Resume]:
    """The first PDFs below a directory (all of them by default), each with its path there as its id."""
    paths = sorted(directory.rglob("*.pdf"))[:limit]
    return [
        Resume(str(path.relative_to(directory)), extract(path.read_bytes(), path.name).text)
        for path in tqdm(paths, desc="PDFs")
    ]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--pack", type=Path, help="the pack's folder (default: the newest of packs/match)")
    parser.add_argument("--bare", type=int, default=1, help="of how many resumes one is read without redaction too")
    parser.add_argument("--limit", type=int, help="only the first resumes of either sort, to try it out")
    parser.add_argument("--run", type=Path, default=Path("runs/fairness"), help="what was read; resumed")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pack = load_pack(options.pack) if options.pack else newest_pack(Path("packs"), "match")
    reader = WindowVectors(MatchModel.load(pack), Tokenizer.load(find_base(pack)), options.run)
    matches = read_matches(options.data_dir / "resume_data.csv")
    sorts = (matches.resumes[: options.limit], read_pdfs(options.data_dir / "resumes_pdf", options.limit))
    bare = {resume.id for sort in sorts for resume in sort[:: options.bare]}
    cases = told([resume for sort in sorts for resume in sort], bare)
    rows = table(cases, scored(reader, cases, matches.jobs), len(matches.jobs), reader.model.threshold)
    keep(options.page, "fairness", {f"match/{pack.version}, {change}": row for change, row in rows.items()})


if __name__ == "__main__":
    main()
