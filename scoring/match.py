"""The match model: every text is encoded once, alone; a regression over how near the encoded texts lie to those it
learned from gives the score of every pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from scipy.special import expit

from scoring.arithmetic import arithmetic
from scoring.bags import Bags, cosines, distances
from scoring.batches import compute
from scoring.encoder import Encoder
from scoring.formats import Format
from scoring.inputs import OnBatch, unwatched
from scoring.packs import Pack, PackError, find_base
from scoring.tokens import Tokenizer
from scoring.windows import Window, text_windows

REGRESSION = "regression.safetensors"
PART_END = "\n\n"
"""Ends a part of a text (a column of a resume, the title of a job): no window reaches over it."""
BLOCK = 128
"""Resumes compared with the known ones at once: memory stays small, whatever the size of the claim."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """How texts of one side are compared: 1 + exp(-distance / width)."""

    sharpness: float
    width: float

    def between(self, texts: Bags, known: Bags) -> NDArray[np.float64]:
        """(texts, known); the 1 is what all texts share, so that what lies far from all known is scored by the rest."""
        return 1 + np.exp(-distances(texts, known, self.sharpness).astype(np.float64) / self.width)


@dataclass(frozen=True, slots=True)
class Regression:
    """Kernel ridge regression on the graded score: the product of both sides' nearness to the known resumes and jobs,
    weighted, beside a slope on the cosine of resume and job, which also holds far from everything known.
    """

    resumes: Bags
    jobs: Bags
    weights: NDArray[np.float64]
    resume_nearness: Nearness
    job_nearness: Nearness
    slope: float
    mean: float

    def scores(self, resumes: Bags, jobs: Bags) -> NDArray[np.float64]:
        """(resumes, jobs): predicted graded scores, about 0..1."""
        by_job = self.weights @ self.job_nearness.between(jobs, self.jobs).T
        blocks = [resumes[start : start + BLOCK] for start in range(0, len(resumes), BLOCK)]
        return np.concatenate([self._scores(block, jobs, by_job) for block in blocks])

    def _scores(self, resumes: Bags, jobs: Bags, by_job: NDArray[np.float64]) -> NDArray[np.float64]:
        near = self.resume_nearness.between(resumes, self.resumes)
        return self.mean + self.slope * cosines(resumes, jobs).astype(np.float64) + near @ by_job


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression from the predicted score to the probability of a match."""

    weight: float
    bias: float

    def probabilities(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores to probabilities, of any shape."""
        return np.asarray(expit(self.weight * scores + self.bias))


@dataclass(frozen=True, slots=True)
class Reader:
    """The base encoder over texts, in windows of at most `max_length` tokens that share `stride` of them."""

    encoder: Encoder
    max_length: int
    stride: int

    def windows(self, tokenizer: Tokenizer, texts: Sequence[str]) -> list[Window]:
        """The windows of all texts in their order, owned by the texts' places; at least one a text."""
        parts = [(owner, part) for owner, text in enumerate(texts) for part in text.split(PART_END)]
        ids = tokenizer.encode([part for _, part in parts])
        return [
            window
            for (owner, _), one in zip(parts, ids, strict=True)
            for window in text_windows(owner, one, self.max_length, self.stride)
        ]

    @torch.inference_mode()
    def read(
        self,
        tokenizer: Tokenizer,
        texts: Sequence[str],
        device: str = "cpu",
        on_batch: OnBatch = unwatched,
    ) -> Bags:
        """Texts, at least one, as bags of window vectors. Needs the device."""
        windows = self.windows(tokenizer, texts)
        vectors = compute(windows, self.encoder.mean, tokenizer, device, on_batch)
        return Bags.of(windows, vectors.float().cpu().numpy(), len(texts))


@dataclass(frozen=True, slots=True)
class MatchModel:
    """A loaded match pack."""

    pack: Pack
    reader: Reader
    regression: Regression
    calibration: Calibration

    @classmethod
    def load(cls, pack: Pack, device: str = "cpu", format: str = Format.FP32) -> "MatchModel":
        """Load the base encoder and the pack's regression. Raises PackError."""
        manifest = pack.manifest
        regression = _regression(pack)
        encoder = Encoder.load(find_base(pack), manifest["layers"], arithmetic(pack, device, format))
        reader = Reader(encoder, manifest["max_length"], manifest["stride"])
        return cls(pack, reader, regression, Calibration(**manifest["calibration"]))

    @property
    def threshold(self) -> float:
        """The pack's own threshold on probabilities."""
        return float(self.pack.manifest["threshold"])

    def probabilities(self, resumes: Bags, jobs: Bags) -> NDArray[np.float64]:
        """(resumes, jobs): the probability of every pair; no row depends on another."""
        return self.calibration.probabilities(self.regression.scores(resumes, jobs))


def _regression(pack: Pack) -> Regression:
    try:
        stored = load_file(pack.path(REGRESSION))
        resumes, jobs = (
            Bags(stored[f"{side}_vectors"].astype(np.float32), stored[f"{side}_counts"].astype(np.int64))
            for side in ("resume", "job")
        )
        resume, job = (Nearness(**pack.manifest["nearness"][side]) for side in ("resume", "job"))
        line = pack.manifest["line"]
        weights = stored["weights"].astype(np.float64)
    except KeyError as error:
        raise PackError(f"pack {pack.name} {pack.version} lacks {error}") from error
    if weights.shape != (len(resumes), len(jobs)):
        raise PackError(f"the weights of pack {pack.name} {pack.version} do not fit its texts")
    return Regression(resumes, jobs, weights, resume, job, line["slope"], line["mean"])
