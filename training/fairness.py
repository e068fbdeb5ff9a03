"""Measures what the match score makes of who somebody is: `python -m training.fairness --data-dir DIR`.

All resumes of resume_data.csv and all PDFs, each changed in many ways (training.swaps), each against a job or a few of
resume_data.csv drawn by its id; read as the service reads them, and many once more without redaction. Writes the table
of docs/MODELS.md.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from parsing.sandbox import extract
from scoring.inputs import MATCH_COLUMNS, Job, Resume
from scoring.pipeline import PACKS, Pipeline
from scoring.readable import match_text
from scoring.text import clean_field, normalise
from training.data import read_matches
from training.report import keep
from training.swaps import HEADERS, SEED, Swap, swaps

SLICE = 64
"""Texts scored at once."""
ALL_SWAPS = "all swaps of headers and pronouns"


@dataclass(frozen=True, slots=True)
class Told:
    """A swap as a model reads it, with or without redaction, and the job it is scored against."""

    swap: Swap
    redacted: bool
    before: str
    after: str
    job: Job


def unredacted_text(resume: Resume) -> str:
    """What the match model would read of a resume if nothing were redacted."""
    columns = [clean_field(resume.fields.get(column, "")) for column in MATCH_COLUMNS]
    return "\n\n".join(column for column in columns if column) or normalise(resume.text)


def told(resumes: Sequence[Resume], jobs: Sequence[Job], per_resume: int, bare: set[str]) -> list[Told]:
    """Every change of every resume against `per_resume` jobs drawn by its id; headers without redaction too.

    `bare`: ids of the resumes that are also read without redaction.
    """
    found = []
    for resume in tqdm(resumes, desc="resumes"):
        chosen, changed = random.Random(f"{SEED} {resume.id}").sample(jobs, per_resume), list(swaps(resume))
        versions = {id(one): one for swap in changed for one in (swap.before, swap.after)}
        for redacted, read in ((False, unredacted_text), (True, match_text)):
            as_read = {key: read(one) for key, one in versions.items()}
            found += [
                Told(swap, redacted, as_read[id(swap.before)], as_read[id(swap.after)], job)
                for swap in changed
                for job in chosen
                if redacted or (swap.kind == HEADERS and resume.id in bare)
            ]
    return found


def scored(pipeline: Pipeline, cases: Sequence[Told]) -> dict[tuple[str, str], float]:
    """The probability of every (job's id, text) that is needed: where both texts are the same, none is."""
    jobs = {case.job.id: case.job for case in cases}
    texts = {job: {text for case in cases if case.job.id == job and case.before != case.after
                   for text in (case.before, case.after)} for job in jobs}  # fmt: skip
    found: dict[tuple[str, str], float] = {}
    for job, own in tqdm(texts.items(), desc=f"{sum(map(len, texts.values()))} texts", unit="job"):
        ordered = sorted(own)
        for start in range(0, len(ordered), SLICE):
            part = ordered[start : start + SLICE]
            probabilities = pipeline.match_probabilities(jobs[job], part)
            found.update(zip(((job, text) for text in part), probabilities, strict=True))
    return found


def table(cases: Sequence[Told], scores: Mapping[tuple[str, str], float], threshold: float) -> dict[str, dict]:
    """A row a change: how far the score moves, and how many decisions flip at the threshold."""
    groups: dict[tuple[str, bool], list[Told]] = defaultdict(list)
    for case in cases:
        if case.swap.kind == HEADERS and "none" not in case.swap.change:
            groups[ALL_SWAPS, case.redacted].append(case)
    for case in cases:
        groups[case.swap.change, case.redacted].append(case)
    return {
        f"{change}{', redacted' if redacted else ''}": _row(group, scores, threshold)
        for (change, redacted), group in sorted(groups.items(), key=lambda entry: not entry[0][1])
    }


def _row(cases: Sequence[Told], scores: Mapping[tuple[str, str], float], threshold: float) -> dict:
    told_apart = [case for case in cases if case.before != case.after]
    before = np.array([scores[case.job.id, case.before] for case in told_apart])
    after = np.array([scores[case.job.id, case.after] for case in told_apart])
    flips = int(((before >= threshold) != (after >= threshold)).sum())
    change = np.concatenate([after - before, np.zeros(len(cases) - len(told_apart))])
    moved = np.abs(change)
    return {
        "resumes": len({case.swap.before.id for case in cases}), "n": len(cases), "texts": len(told_apart),
        "signed": float(change.mean()), "mean": float(moved.mean()), "p95": float(np.quantile(moved, 0.95)),
        "max": float(moved.max()), "flips": flips, "flip_share": flips / len(cases),
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
    parser.add_argument("--packs", type=Path, default=Path("packs"), help="the newest version of each is measured")
    parser.add_argument("--jobs", type=int, default=1, help="jobs a resume is scored against")
    parser.add_argument("--bare", type=int, default=3, help="of how many PDFs one is read without redaction too")
    parser.add_argument("--limit", type=int, help="only the first resumes of either sort, to try it out")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    versions = {name: max((path.name for path in (options.packs / name).iterdir()), key=int) for name in PACKS}
    pipeline = Pipeline.load(options.packs, versions)
    matches = read_matches(options.data_dir / "resume_data.csv")
    columns, pdfs = matches.resumes[: options.limit], read_pdfs(options.data_dir / "resumes_pdf", options.limit)
    bare = {resume.id for resume in (*columns, *pdfs[:: options.bare])}
    cases = told([*columns, *pdfs], matches.jobs, options.jobs, bare)
    rows = table(cases, scored(pipeline, cases), pipeline.match.threshold)
    keep(options.page, "fairness", {f"match/{versions['match']}, {change}": row for change, row in rows.items()})


if __name__ == "__main__":
    main()
