"""Checks by deletion that the passages we name move the score: `python -m training.explanations --data-dir DIR`.

Over the held-out pairs of resume_data.csv that are labelled Match and whose resume has at least three passages: is the
score lower without the passage that is named than without a random run of as many words, which may begin and end
anywhere and overlap it? A pair of which no passage is named counts as lost. Writes its table into docs/MODELS.md.
"""

import argparse
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from scoring.bags import Bags
from scoring.explanation.moving import moving_passages, source
from scoring.explanation.pieces import pieces
from scoring.inputs import Job, OnBatch, unwatched
from scoring.packs import newest_pack
from scoring.pipeline import PACKS, Pipeline
from scoring.readable import Readable, read_resume
from scoring.text import job_text
from training.data import read_matches
from training.report import keep
from training.splits import match_sides

SEED, DRAWS, RESAMPLES = 5, 5, 2000
LEAST_PASSAGES = 3
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair: whether the named passage won against each random run; `drop` and `random` are falls of probability."""

    resume: str
    won: tuple[bool, ...]
    drop: float
    random: float
    predicted: bool
    passes: int
    windows: int


@dataclass(frozen=True, slots=True)
class Remembering:
    """What the search asks of a pipeline, each text encoded once: a resume's deletions are the same for all jobs."""

    pipeline: Pipeline
    known: dict[str, Bags] = field(default_factory=dict)

    def match_windows(self, text: str) -> int:
        """As the pipeline's."""
        return self.pipeline.match_windows(text)

    def match_probabilities(self, job: Job, texts: Sequence[str], on_batch: OnBatch) -> list[float]:
        """As the pipeline's."""
        wanted = [job_text(job), *texts]
        if new := [text for text in dict.fromkeys(wanted) if text not in self.known]:
            bags = self.pipeline.match.reader.read(self.pipeline.tokenizer, new, "cpu", on_batch)
            self.known.update((text, bags[place : place + 1]) for place, text in enumerate(new))
        job_bag, *rest = (self.known[text] for text in wanted)
        resumes = Bags(np.concatenate([bag.vectors for bag in rest]), np.concatenate([bag.counts for bag in rest]))
        return [float(one) for one in self.pipeline.match.probabilities(resumes, job_bag)[:, 0]]


def measure(data_dir: Path, pipeline: Pipeline, limit: int | None) -> list[Pair]:
    """The held-out pairs of every resume, or of as many resumes as `limit` says, drawn at random."""
    matches = read_matches(data_dir / "resume_data.csv")
    held_out = (match_sides(matches, "resumes") == "test") & (matches.matched == 1)
    places = sorted(set(matches.resume[held_out].tolist()))
    random.Random(SEED).shuffle(places)
    read = {place: read_resume(matches.resumes[place]) for place in tqdm(places, desc="reading")}
    places = [place for place in places if len(pieces(source(read[place]).text)) >= LEAST_PASSAGES][:limit]
    pairs = []
    for place in tqdm(places, desc="resumes"):
        remembering = Remembering(pipeline)
        rows = np.where(held_out & (matches.resume == place))[0]
        pairs += [_pair(remembering, read[place], matches.jobs[matches.job[row]]) for row in rows]
    return pairs


def _pair(remembering: Remembering, readable: Readable, job: Job) -> Pair:
    found = moving_passages(remembering, readable, job, 1)
    named = found.raised[0] if found.raised else None
    read = source(readable)
    words = [match.span() for match in _WORD.finditer(read.text)]
    length = len(named.quote.split()) if named else len(words) // found.passages
    chance = random.Random(f"{SEED} {readable.id} {length}")
    starts = [chance.randrange(len(words) - length + 1) for _ in range(DRAWS)]
    texts = [read.without(words[start][0], words[start + length - 1][1]) for start in starts]
    drops = found.probability - np.array(remembering.match_probabilities(job, texts, unwatched))
    return Pair(
        readable.id,
        tuple(named is not None and named.change > drop for drop in drops.tolist()),
        named.change if named else 0.0,
        float(drops.mean()),
        found.probability >= remembering.pipeline.match.threshold,
        found.passes,
        found.passes * remembering.match_windows(readable.match_text),
    )


def figures(pairs: list[Pair]) -> dict[str, float]:
    """The share of draws won with its 95% interval (resumes resampled), the mean falls and the cost of one search."""
    low, high = np.percentile(_resampled(pairs), (2.5, 97.5))
    return {
        "share": float(np.mean([pair.won for pair in pairs])), "low": float(low), "high": float(high),
        "fall_named": float(np.mean([pair.drop for pair in pairs])),
        "fall_random": float(np.mean([pair.random for pair in pairs])),
        "passes": round(float(np.mean([pair.passes for pair in pairs])), 1),
        "windows": round(float(np.mean([pair.windows for pair in pairs])), 1),
        "n": len(pairs), "resumes": len({pair.resume for pair in pairs}),
    }  # fmt: skip


def _resampled(pairs: list[Pair]) -> np.ndarray:
    """Shares when resumes are drawn with replacement: pairs of one resume are no independent draws."""
    names = sorted({pair.resume for pair in pairs})
    wins = np.array([[sum(sum(p.won) for p in pairs if p.resume == name)] for name in names]).ravel()
    draws = np.array([sum(len(p.won) for p in pairs if p.resume == name) for name in names])
    chosen = np.random.default_rng(SEED).integers(len(names), size=(RESAMPLES, len(names)))
    return wins[chosen].sum(1) / draws[chosen].sum(1)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--packs", type=Path, default=Path("packs"), help="the newest version of each is measured")
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    parser.add_argument("--limit", type=int, help="measure the pairs of so many resumes, drawn at random")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    versions = {name: newest_pack(options.packs, name).version for name in PACKS}
    pairs = measure(options.data_dir, Pipeline.load(options.packs, versions), options.limit)
    pack = f"match/{versions['match']}"
    rows = {f"{pack}, labelled Match": figures(pairs)}
    if predicted := [pair for pair in pairs if pair.predicted]:
        rows[f"{pack}, labelled and predicted Match"] = figures(predicted)
    keep(options.page, "explanations", rows)


if __name__ == "__main__":
    main()
