"""Measures what the match score makes of who somebody is: `python -m training.fairness --data-dir DIR`.

All resumes of resume_data.csv and all PDFs, each changed in many ways (training.swaps), each against a few jobs of
resume_data.csv drawn by its id; read as the service reads them, and once more without redaction. Writes the table of
docs/MODELS.md.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from parsing.sandbox import extract
from scoring.batches import compute
from scoring.inputs import MATCH_COLUMNS, Job, Resume
from scoring.match import MatchModel
from scoring.packs import find_base, load_pack
from scoring.readable import match_text
from scoring.text import clean_field, job_text, normalise
from scoring.tokens import Tokenizer
from training.data import read_matches
from training.report import keep
from training.swaps import HEADERS, SEED, Swap, swaps

SLICE = 64
"""Texts scored at once."""


@dataclass(slots=True)
class Scorer:
    """Scores texts against jobs, each pair once."""

    model: MatchModel
    tokenizer: Tokenizer
    known: dict[tuple[str, str], float] = field(default_factory=dict)

    @torch.inference_mode()
    def learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Score (text, job) pairs that are not known yet, those of like length together."""
        new = sorted(set(pairs) - set(self.known), key=lambda pair: (len(pair[0]), pair))
        for start in tqdm(range(0, len(new), SLICE), desc="pairs", unit=f"x{SLICE}"):
            part = new[start : start + SLICE]
            self.known.update(zip(part, self._scores(part), strict=True))

    def _scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        texts, jobs = (self.tokenizer.encode(side) for side in zip(*pairs, strict=True))
        windows = [
            window
            for place, (text, job) in enumerate(zip(texts, jobs, strict=True))
            for window in self.model.windows(place, job, text)
        ]
        logits = compute(windows, self.model.forward, self.tokenizer, "cpu", lambda: None)
        return self.model.probabilities(windows, logits.double().numpy(), len(pairs)).tolist()


@dataclass(frozen=True, slots=True)
class Told:
    """A swap as a model reads it, with or without redaction, and the job it is scored against."""

    swap: Swap
    redacted: bool
    before: str
    after: str
    job: str


def unredacted_text(resume: Resume) -> str:
    """What the match model would read of a resume if nothing were redacted."""
    columns = [clean_field(resume.fields.get(column, "")) for column in MATCH_COLUMNS]
    return "\n\n".join(column for column in columns if column) or normalise(resume.text)


def told(resumes: Sequence[Resume], jobs: Sequence[Job], per_resume: int) -> list[Told]:
    """Every change of every resume against `per_resume` jobs drawn by its id; what is redacted, without that too."""
    texts, found = [job_text(job) for job in jobs], []
    for resume in tqdm(resumes, desc="resumes"):
        chosen, changed = random.Random(f"{SEED} {resume.id}").sample(texts, per_resume), list(swaps(resume))
        versions = {id(one): one for swap in changed for one in (swap.before, swap.after)}
        for redacted, read in ((False, unredacted_text), (True, match_text)):
            as_read = {key: read(one) for key, one in versions.items()}
            found += [
                Told(swap, redacted, as_read[id(swap.before)], as_read[id(swap.after)], job)
                for swap in changed
                for job in chosen
                if redacted or swap.kind == HEADERS
            ]
    return found


def table(cases: Sequence[Told], scorer: Scorer) -> dict[str, dict]:
    """A row a change: how far the score moves, and how many decisions flip at the pack's threshold."""
    scorer.learn((text, case.job) for case in cases for text in (case.before, case.after))
    groups: dict[tuple[str, bool], list[Told]] = defaultdict(list)
    for case in cases:
        groups[case.swap.change, case.redacted].append(case)
        if case.swap.kind == HEADERS and "against none" not in case.swap.change:
            groups["all swaps of headers and pronouns", case.redacted].append(case)
    rows = {}
    for (change, redacted), group in sorted(groups.items(), key=lambda entry: not entry[0][1]):
        rows[f"{change}{', redacted' if redacted else ''}"] = _row(group, scorer)
    return rows


def _row(cases: Sequence[Told], scorer: Scorer) -> dict:
    before, after = (
        np.array([scorer.known[text, case.job] for case, text in side])
        for side in ([(case, case.before) for case in cases], [(case, case.after) for case in cases])
    )
    moved, threshold = np.abs(after - before), scorer.model.threshold
    flips = (before >= threshold) != (after >= threshold)
    return {
        "resumes": len({case.swap.before.id for case in cases}), "n": len(cases),
        "texts": sum(case.before != case.after for case in cases), "signed": float((after - before).mean()),
        "mean": float(moved.mean()), "p95": float(np.quantile(moved, 0.95)), "max": float(moved.max()),
        "flips": int(flips.sum()), "flip_share": float(flips.mean()),
    }  # fmt: skip


def read_pdfs(directory: Path) -> list[Resume]:
    """Every PDF below a directory, its path there as its id."""
    paths = sorted(directory.rglob("*.pdf"))
    return [
        Resume(str(path.relative_to(directory)), extract(path.read_bytes(), path.name).text)
        for path in tqdm(paths, desc="PDFs")
    ]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--pack", type=Path, default=Path("packs/match/1"))
    parser.add_argument("--jobs", type=int, default=2, help="jobs a resume is scored against")
    parser.add_argument("--limit", type=int, help="only the first resumes of either sort, to try it out")
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    options = parser.parse_args()
    began, pack = time.monotonic(), load_pack(options.pack)
    matches = read_matches(options.data_dir / "resume_data.csv")
    pdfs = read_pdfs(options.data_dir / "resumes_pdf")
    resumes = [*matches.resumes[: options.limit], *pdfs[: options.limit]]
    scorer = Scorer(MatchModel.load(pack), Tokenizer.load(find_base(pack)))
    rows = table(told(resumes, matches.jobs, options.jobs), scorer)
    print(f"{len(scorer.known)} pairs scored in {time.monotonic() - began:.0f} s")
    keep(options.page, "fairness", rows)


if __name__ == "__main__":
    main()
