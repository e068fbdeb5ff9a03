"""From resumes and jobs to scores, in two steps, so that a worker prepares one claim while another computes.

`prepare` runs on the CPU alone; `score` uses the device. What depends on the resume alone is computed once a resume.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from scoring.bags import Bags
from scoring.batches import compute
from scoring.categories import CategoryModel
from scoring.explanation.applicant import Applicant
from scoring.explanation.explainer import Explainer
from scoring.explanation.values import Explanation
from scoring.formats import Format
from scoring.inputs import Assessment, Flag, ItemError, Job, OnBatch, PairScore, Resume, Scores, unwatched
from scoring.job_texts import JobTexts, KnownJobTexts
from scoring.match import MatchModel
from scoring.moderation import Moderator
from scoring.packs import PackError, find_base, find_pack
from scoring.readable import Readable, read_resume
from scoring.skills.matcher import SkillMatcher
from scoring.text import input_hash, job_text
from scoring.tokens import Tokenizer
from scoring.windows import Window
from scoring.wordbag import Reals

logger = logging.getLogger(__name__)

PACKS = ("match", "categories", "spam", "toxicity", "skills")


@dataclass(frozen=True, slots=True)
class Pair:
    """One (resume, job) pair, the hash of what the match model reads of it, and what stands beside its score."""

    resume_id: str
    job_id: str
    input_hash: str
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Prepared:
    """Windows of token ids, ready for the device; a window's owner is the place of its resume or job.

    Match reads `match_windows` and those of `job_texts`; the category model reads `resume_windows` and has read
    `resume_bags`, (resumes, labels). `pairs` go resume by resume.

    `flags[i]`: the passages of `resumes[i]` that moderation points at, in the resume's own text.
    """

    resumes: tuple[Readable, ...]
    flags: tuple[tuple[Flag, ...], ...]
    pairs: tuple[Pair, ...]
    match_windows: tuple[Window, ...]
    job_texts: JobTexts
    resume_windows: tuple[Window, ...]
    resume_bags: Reals
    errors: tuple[ItemError, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All models of a screening, loaded."""

    match: MatchModel
    categories: CategoryModel
    moderator: Moderator
    explainer: Explainer
    tokenizer: Tokenizer
    device: str
    known: KnownJobTexts = field(init=False, default_factory=KnownJobTexts)

    @classmethod
    def load(
        cls, root: Path, versions: Mapping[str, str], device: str = "cpu", format: str = Format.FP32
    ) -> "Pipeline":
        """Load the packs ROOT/NAME/VERSION of every name in PACKS; `format` is the encoder's. Raises PackError."""
        if missing := set(PACKS) - set(versions):
            raise PackError(f"no version is given of {', '.join(sorted(missing))}")
        match, categories, spam, toxicity, skills = (find_pack(root, name, versions[name]) for name in PACKS)
        return cls(
            MatchModel.load(match, device, format), CategoryModel.load(categories, device),
            Moderator.load(spam, toxicity), Explainer(SkillMatcher.load(skills)), Tokenizer.load(find_base(match)),
            device,
        )  # fmt: skip

    def prepare(self, resumes: Sequence[Resume], jobs: Sequence[Job], year: int | None = None) -> Prepared:
        """Tokenise every resume and job once, cut windows and explain pairs. A resume without text becomes an error.

        Jobs that were read for earlier resumes are not read again.

        `year` is when positions end that last until today (this year by default); only explanations know of it.
        """
        readable, flags, applicants, errors = self._read(resumes, year or datetime.now(UTC).year)
        whole = self.tokenizer.encode([resume.text for resume in readable])
        texts = [job_text(job) for job in jobs]
        asked = list(map(self.explainer.read_job, jobs))
        pairs = [
            Pair(
                resume.id, job.id, input_hash("match", resume.match_text, text),
                self.explainer.explain(requirements, applicant),
            )
            for resume, applicant in zip(readable, applicants, strict=True)
            for job, text, requirements in zip(jobs, texts, asked, strict=True)
        ]  # fmt: skip
        read = self.match.reader.windows(self.tokenizer, [one.match_text for one in readable] if jobs else [])
        job_texts = self.known.of(texts, partial(self.match.reader.windows, self.tokenizer))
        cut = [window for place, ids in enumerate(whole) for window in self.categories.windows(place, ids)]
        return Prepared(
            tuple(readable), tuple(flags), tuple(pairs), tuple(read), job_texts, tuple(cut),
            self.categories.bag.logits(whole), tuple(errors),
        )  # fmt: skip

    @torch.inference_mode()
    def score(self, prepared: Prepared, threshold: float | None = None, on_batch: OnBatch = unwatched) -> Scores:
        """Score what was prepared; `threshold` replaces the match pack's own. `on_batch` is told of every batch.

        A score does not depend on what else is scored beside it. A score that is no finite number is an error of
        its resume alone.
        """
        if not prepared.resumes:
            return Scores((), (), prepared.errors)
        bags = self._bags(prepared, on_batch) if prepared.pairs else None
        partials = compute(prepared.resume_windows, self.categories.forward, self.tokenizer, self.device, on_batch)
        categories = self.categories.probabilities(prepared.resume_windows, partials, prepared.resume_bags)
        matches = np.zeros(0) if bags is None else self.match.probabilities(*bags).ravel()
        return self._collect(prepared, matches, categories, self.match.threshold if threshold is None else threshold)

    @torch.inference_mode()
    def match_probabilities(self, job: Job, texts: Sequence[str], on_batch: OnBatch = unwatched) -> list[float]:
        """Of each text, as the match model reads a resume, with the job: float[texts]."""
        bags = self.match.reader.read(self.tokenizer, [job_text(job), *texts], self.device, on_batch)
        return [float(probability) for probability in self.match.probabilities(bags[1:], bags[:1])[:, 0]]

    def match_windows(self, text: str) -> int:
        """In how many windows the match model reads this text of a resume."""
        return len(self.match.reader.windows(self.tokenizer, [text]))

    def _bags(self, prepared: Prepared, on_batch: OnBatch) -> tuple[Bags, Bags]:
        """Both sides' window vectors; one copy from the device."""
        wanted = prepared.job_texts.bags
        windows = (*prepared.match_windows, *(prepared.job_texts.windows if wanted is None else ()))
        vectors = compute(windows, self.match.reader.encoder.mean, self.tokenizer, self.device, on_batch)
        read, posted = np.split(vectors.float().cpu().numpy(), [len(prepared.match_windows)])
        resumes = Bags.of(prepared.match_windows, read, len(prepared.resumes))
        return resumes, prepared.job_texts.encoded(posted) if wanted is None else wanted

    def _read(
        self, resumes: Sequence[Resume], year: int
    ) -> tuple[list[Readable], list[tuple[Flag, ...]], list[Applicant], list[ItemError]]:
        """Redacted resumes, their flags and what they show; what cannot be read is an error and costs no other."""
        readable, flags, applicants, errors = [], [], [], []
        for resume in resumes:
            try:
                one = read_resume(resume)
                if not one.text:
                    errors.append(ItemError(resume.id, "the resume holds no readable text"))
                    continue
                found = tuple(map(one.own, self.moderator.flags(one.redacted.text)))
                applicants.append(self.explainer.read_resume(resume.text, one.fields, year))
                flags.append(found)
                readable.append(one)
            except Exception as error:  # the text stays out of the log
                logger.error("resume not read", extra={"resume": resume.id, "error": type(error).__name__})
                errors.append(ItemError(resume.id, f"the resume could not be read: {type(error).__name__}"))
        return readable, flags, applicants, errors

    def _collect(
        self, prepared: Prepared, matches: NDArray[np.float64], categories: NDArray[np.float64], threshold: float
    ) -> Scores:
        failed = _failed(prepared, matches, categories)
        jobs = len(prepared.pairs) // len(prepared.resumes)
        counts = np.bincount([window.owner for window in prepared.match_windows], minlength=len(prepared.resumes))
        pairs = tuple(
            PairScore(pair.resume_id, pair.job_id, value, value >= threshold, count, pair.input_hash, pair.explanation)
            for pair, value, count in zip(prepared.pairs, matches.tolist(), counts.repeat(jobs).tolist(), strict=True)
            if pair.resume_id not in failed
        )
        assessments = tuple(
            Assessment(resume.id, self.categories.scores(row), flags, _resume_hash(resume))
            for resume, flags, row in zip(prepared.resumes, prepared.flags, categories, strict=True)
            if resume.id not in failed
        )
        errors = tuple(ItemError(name, "the model's score is not a number") for name in sorted(failed))
        return Scores(pairs, assessments, prepared.errors + errors)


def _resume_hash(resume: Readable) -> str:
    """The hash of what the category model and moderation read."""
    return input_hash("resume", resume.text, resume.redacted.text)


def _failed(prepared: Prepared, matches: NDArray[np.float64], categories: NDArray[np.float64]) -> set[str]:
    """Ids of resumes with a score that is no finite number."""
    resumes = zip(prepared.resumes, np.isfinite(categories.sum(1)), strict=True)
    pairs = zip(prepared.pairs, np.isfinite(matches), strict=True)
    return {resume.id for resume, finite in resumes if not finite} | {
        pair.resume_id for pair, finite in pairs if not finite
    }
