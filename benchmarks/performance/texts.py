"""Texts that rows are measured on: invented ones of a given length, and samples multiplied; alike at every run."""

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from scoring.inputs import Job

SAMPLES = Path(__file__).parents[2] / "samples"
_WORDS = (
    "java", "python", "sql", "linux", "redis", "team", "project", "budget", "hospital", "nursing", "warehouse", "sales",
    "customer", "account", "contract", "design", "testing", "release", "audit", "finance", "report", "teaching",
)  # fmt: skip


def invented(count: int, characters: int, seed: int = 7) -> Iterator[dict[str, str]]:
    """Resumes of about so many characters, no two alike. Another seed, other texts."""
    chance = random.Random(seed)
    for number in range(count):
        text = " ".join(chance.choices(_WORDS, k=characters // 7))
        yield {"external_id": f"applicant-{number}", "name": f"Applicant {number}", "text": f"{seed} {number} {text}."}


def postings(count: int) -> list[dict[str, str]]:
    """Jobs, no two alike."""
    chance = random.Random(11)
    told = (" ".join(chance.choices(_WORDS, k=40)) for _ in range(count))
    return [
        {"external_id": f"job-{number}", "title": f"Position {number}", "description": description}
        for number, description in enumerate(told)
    ]


def sample_jobs() -> list[dict[str, str]]:
    """The sample jobs."""
    lines = (SAMPLES / "jobs.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def as_job(row: Mapping[str, str]) -> Job:
    """A row of an upload, as the engine takes it."""
    more = (row.get(name, "") for name in ("description", "education", "experience", "skills"))
    description, education, experience, skills = more
    return Job(row["external_id"], row["title"], description, education, experience, skills)


def multiplied_samples(count: int, seed: int = 7) -> list[dict[str, str]]:
    """Resumes of the samples' usual length, each of lines of all of them in another order."""
    texts = [file.read_text(encoding="utf-8") for file in sorted((SAMPLES / "resumes").glob("*.txt"))]
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    chance = random.Random(seed)
    many = (chance.choices(lines, k=len(lines) // len(texts)) for _ in range(count))
    return [{"external_id": f"applicant-{number}", "text": "\n".join(text)} for number, text in enumerate(many)]


def resume_corpus(path: Path, count: int) -> list[dict[str, str]]:
    """The first resumes of resume_corpus.parquet, as they came."""
    texts = pd.read_parquet(path, columns=["text"])["text"][:count]
    return [{"external_id": f"applicant-{number}", "text": str(text)} for number, text in enumerate(texts)]


def write_ndjson(path: Path, rows: Iterator[dict[str, str]]) -> Path:
    """One object a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path
