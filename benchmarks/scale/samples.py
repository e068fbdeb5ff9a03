"""What synthetic rows are made of: the sample applicants' lines, and what the shipped packs read in them."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from scoring.explanation.explainer import Explainer
from scoring.inputs import Job, Resume
from scoring.packs import find_pack
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
    explainer = Explainer(SkillMatcher.load(find_pack(PACKS, "skills", newest("skills"))))
    asked = [explainer.read_job(job) for job in jobs()]
    shown = [
        explainer.read_resume(text, read_resume(Resume("", text)).fields, datetime.now(UTC).year) for text in _samples()
    ]
    return [packed(explainer.explain(requirements, applicant)) for applicant in shown for requirements in asked]


def categories() -> list[dict[str, float]]:
    """A probability for every label, a hundred times another."""
    labels, chance = manifest("categories")["labels"], random.Random(7)
    return [{label: chance.random() ** 4 for label in labels} for _ in range(100)]


def manifest(name: str) -> dict[str, Any]:
    """Of the newest version of a pack."""
    found: dict[str, Any] = json.loads((PACKS / name / newest(name) / "manifest.json").read_text(encoding="utf-8"))
    return found


def jobs() -> list[Job]:
    """The sample jobs."""
    return [_job(row) for row in _lines("jobs")]


def newest(name: str) -> str:
    """The newest version of a pack of this repository."""
    return max((folder.name for folder in (PACKS / name).iterdir()), key=int)


def _job(row: dict[str, str]) -> Job:
    more = (row.get(name, "") for name in ("description", "education", "experience", "skills"))
    description, education, experience, skills = more
    return Job(row["external_id"], row["title"], description, education, experience, skills)


def _samples() -> Iterator[str]:
    for file in sorted((ROOT / "samples" / "resumes").glob("*.txt")):
        yield file.read_text(encoding="utf-8")
    for row in _lines("resumes"):
        yield "\n".join(f"{name}: {value}" for name, value in row.items() if name != "external_id")


def _lines(name: str) -> list[dict[str, Any]]:
    text = (ROOT / "samples" / f"{name}.ndjson").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
