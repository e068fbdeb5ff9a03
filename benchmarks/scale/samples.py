"""What synthetic rows are made of: the sample applicants' lines, and what the shipped packs read in them."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.performance.texts import as_job, sample_jobs
from scoring.explanation.explainer import Explainer
from scoring.inputs import Job, Resume
from scoring.packs import newest_pack
from scoring.readable import read_resume
from scoring.skills.matcher import SkillMatcher
from workers.findings import packed

ROOT = Path(__file__).parents[2]
PACKS = ROOT / "packs"
TEXTS, CHARACTERS = 200, 3_000
"""Different texts of resumes, and how long each is: two pages."""


def resume_texts() -> list[str]:
    """Texts of the usual length, each of lines of the samples in another order."""
    lines = [line for text in _samples() for line in text.splitlines() if line.strip()]
    chance = random.Random(7)
    return ["\n".join(chance.choices(lines, k=len(lines)))[:CHARACTERS] for _ in range(TEXTS)]


@cache
def explanations() -> list[dict[str, Any]]:
    """The explanations of the sample resumes beside the sample jobs, as workers keep them."""
    explainer = Explainer(SkillMatcher.load(newest_pack(PACKS, "skills")))
    asked = [explainer.read_job(job) for job in jobs()]
    shown = [
        explainer.read_resume(text, read_resume(Resume("", text)).fields, datetime.now(UTC).year) for text in _samples()
    ]
    return [packed(explainer.explain(requirements, applicant)) for applicant in shown for requirements in asked]


def categories() -> list[dict[str, float]]:
    """A probability for every label, a hundred times another."""
    labels, chance = newest_pack(PACKS, "categories").manifest["labels"], random.Random(7)
    return [{label: chance.random() ** 4 for label in labels} for _ in range(100)]


def jobs() -> list[Job]:
    """The sample jobs."""
    return list(map(as_job, sample_jobs()))


def _samples() -> Iterator[str]:
    for file in sorted((ROOT / "samples" / "resumes").glob("*.txt")):
        yield file.read_text(encoding="utf-8")
    for line in (ROOT / "samples" / "resumes.ndjson").read_text(encoding="utf-8").splitlines():
        yield "\n".join(f"{name}: {value}" for name, value in json.loads(line).items() if name != "external_id")
