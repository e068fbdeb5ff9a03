"""The second stage of a screening: the pair model reads each resume beside the jobs that it is among the best of.

In two steps as `scoring.pipeline`: `prepare` runs on the CPU alone, `score` uses the device.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from scoring.arithmetic import arithmetic
from scoring.batches import compute
from scoring.formats import Format
from scoring.inputs import ItemError, Job, OnBatch, PairScore, Resume, Scores, unwatched
from scoring.packs import PackError, find_pack
from scoring.pairs import PairModel
from scoring.readable import match_text
from scoring.text import input_hash, job_text
from scoring.windows import PairWindow

logger = logging.getLogger(__name__)

PACK = "pairs"


@dataclass(frozen=True, slots=True)
class PreparedPairs:
    """`windows[i]` is what the model reads of `pairs[i]`: the ids of resume and job, and the hash of both texts."""

    pairs: tuple[tuple[str, str, str], ...]
    windows: tuple[PairWindow, ...]
    errors: tuple[ItemError, ...]


@dataclass(frozen=True, slots=True)
class Reranker:
    """The pair model, as screenings use it."""

    model: PairModel

    @classmethod
    def load(
        cls, root: Path, versions: Mapping[str, str], device: str = "cpu", format: str = Format.FP32
    ) -> "Reranker":
        """Load the pack ROOT/pairs/VERSION. Raises PackError."""
        if PACK not in versions:
            raise PackError("no version is given of pairs")
        pack = find_pack(root, PACK, versions[PACK])
        return cls(PairModel.from_pack(pack, arithmetic(pack, device, format)))

    def prepare(
        self, resumes: Sequence[Resume], jobs: Sequence[Job], wanted: Mapping[str, Collection[str]]
    ) -> PreparedPairs:
        """Redact and tokenise every text once, and cut a window a pair; `wanted`: ids of jobs by a resume's id.

        A resume that cannot be read is an error and costs no other.
        """
        texts, errors = _read(resumes)
        postings = {job.id: job_text(job) for job in jobs}
        read, asked = {id: place for place, id in enumerate(texts)}, {id: place for place, id in enumerate(postings)}
        pairs = [(id, job) for id in texts for job in wanted.get(id, ())]
        places = [(read[id], asked[job]) for id, job in pairs]
        windows = self.model.windows(list(texts.values()), list(postings.values()), places) if pairs else []
        hashed = [(id, job, input_hash("match", texts[id], postings[job])) for id, job in pairs]
        return PreparedPairs(tuple(hashed), tuple(windows), errors)

    @torch.inference_mode()
    def score(self, prepared: PreparedPairs, threshold: float | None = None, on_batch: OnBatch = unwatched) -> Scores:
        """Score what was prepared; `threshold` replaces the pack's own. `on_batch` is told of every batch.

        A score that is no finite number is an error of its resume alone.
        """
        if not prepared.pairs:
            return Scores((), (), prepared.errors)
        model, least = self.model, self.model.threshold if threshold is None else threshold
        logits = compute(prepared.windows, model.forward, model.tokenizer, model.device, on_batch)
        found = model.calibration.probabilities(logits.double().cpu().numpy())
        both = list(zip(prepared.pairs, found.tolist(), strict=True))
        failed = {id for (id, _, _), value in both if not np.isfinite(value)}
        errors = tuple(ItemError(id, "the pair model's score is not a number") for id in sorted(failed))
        scores = [
            PairScore(id, job, value, value >= least, 1, digest)
            for (id, job, digest), value in both
            if id not in failed
        ]
        return Scores(tuple(scores), (), prepared.errors + errors)


def _read(resumes: Sequence[Resume]) -> tuple[dict[str, str], tuple[ItemError, ...]]:
    """What the match model reads of each resume, by id."""
    texts, errors = {}, []
    for resume in resumes:
        try:
            texts[resume.id] = match_text(resume)
        except Exception as error:  # the text stays out of the log
            logger.error("resume not read", extra={"resume": resume.id, "error": type(error).__name__})
            errors.append(ItemError(resume.id, f"the resume could not be read: {type(error).__name__}"))
    return texts, tuple(errors)
