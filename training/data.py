"""Reads the public data sets into the values that scoring takes, exactly as the service would see them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from scoring.inputs import MATCH_COLUMNS, Job, Resume
from scoring.packs import sha256_of
from scoring.readable import encoder_text
from scoring.text import normalise
from training.redacted import redacted_resumes

JOB_COLUMNS = {
    "title": "job_position_name",
    "education": "educationaL_requirements",
    "experience": "experiencere_requirement",
    "skills": "skills_required",
}
DESCRIPTION = "responsibilities.1"
"""What the job asks for, in the job's half of resume_data.csv: the service takes it as the job's description."""
NOT_RESUME = {*JOB_COLUMNS.values(), "age_requirement", "responsibilities", DESCRIPTION, "matched_score"}
"""`responsibilities` stands in the resume half of resume_data.csv but holds the job's text."""
MATCHED_ABOVE = 0.6
"""The public label: a pair matches when its matched_score lies above this."""
LABELS = (
    "Database_Administrator", "Front_End_Developer", "Java_Developer", "Network_Administrator", "Project_manager",
    "Python_Developer", "Security_Analyst", "Software_Developer", "Systems_Administrator", "Web_Developer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matches:
    """The resume x job grid: pair i joins resumes[resume[i]] and jobs[job[i]] with the graded score[i] in 0..1."""

    resumes: list[Resume]
    jobs: list[Job]
    resume: np.ndarray
    job: np.ndarray
    score: np.ndarray
    fingerprint: str

    @property
    def matched(self) -> np.ndarray:
        """The public binary label of every pair, float[pairs]."""
        return (self.score > MATCHED_ABOVE).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Corpus:
    """The multi-label resume corpus and a 0/1 matrix, float[resumes, labels] in LABELS' order.

    `texts` are redacted, as the models read them; `plain` are not, and only say which resumes are near-duplicates;
    `raw` are as they came, search-hit tags and all.
    """

    texts: list[str]
    labels: np.ndarray
    plain: list[str]
    raw: list[str]
    fingerprint: str


def read_matches(path: Path) -> Matches:
    """Read a file like resume_data.csv; the identity of a resume is all of its own columns."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False).rename(columns=lambda name: name.strip("\ufeff "))
    own = [column for column in frame.columns if column not in NOT_RESUME]
    resume = pd.factorize(frame[own].agg("\x1f".join, axis=1))[0]
    job = pd.factorize(frame[list(JOB_COLUMNS.values())].agg("\x1f".join, axis=1))[0]
    first_resume = np.unique(resume, return_index=True)[1]
    first_job = np.unique(job, return_index=True)[1]
    return Matches(
        resumes=[_resume(str(n), frame.iloc[row]) for n, row in enumerate(first_resume)],
        jobs=[_job(str(n), frame.iloc[row]) for n, row in enumerate(first_job)],
        resume=resume, job=job, score=frame["matched_score"].astype(float).to_numpy(), fingerprint=sha256_of(path),
    )  # fmt: skip


def read_corpus(path: Path) -> Corpus:
    """Read a file like resume_corpus.parquet; the first time takes minutes (training.redacted)."""
    frame = pd.read_parquet(path, columns=["text", "labels"])
    labels = np.array([[label in row for label in LABELS] for row in frame["labels"]], dtype=np.float32)
    raw, fingerprint = [str(text) for text in frame["text"]], sha256_of(path)
    texts = [encoder_text(text) for text in redacted_resumes(raw, fingerprint)]
    return Corpus(texts, labels.reshape(-1, len(LABELS)), [normalise(text) for text in raw], raw, fingerprint)


def _resume(name: str, row: pd.Series) -> Resume:
    fields = {column: row[column] for column in MATCH_COLUMNS if column in row.index}
    return Resume(id=name, text="", fields=fields)


def _job(name: str, row: pd.Series) -> Job:
    parts = {part: row[column] for part, column in JOB_COLUMNS.items()}
    return Job(id=name, description=row.get(DESCRIPTION, ""), **parts)
