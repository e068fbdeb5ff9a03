"""Explains pairs of resumes and jobs, beside their scores and without them."""

from dataclasses import dataclass, field
from hashlib import sha256

from scoring.explanation.applicant import Applicant, read_resume
from scoring.explanation.breakdown import break_down, totals
from scoring.explanation.must_haves import check
from scoring.explanation.requirements import Requirements, read_job
from scoring.explanation.values import Explanation
from scoring.fields.fields import Fields
from scoring.inputs import Job
from scoring.skills.matcher import SkillMatcher

KEPT_JOBS = 2_000
"""Jobs whose requirements are kept: a screening's jobs come again with every portion of its resumes."""


@dataclass(frozen=True, slots=True)
class Explainer:
    """Reads each job and each resume once; every pair of them is then a comparison of what was read."""

    matcher: SkillMatcher
    _jobs: dict[bytes, Requirements] = field(default_factory=dict, compare=False)

    def read_job(self, job: Job) -> Requirements:
        """What the job asks for. Threads may meet here: the worst that comes of it is that a job is read twice."""
        texts = (job.title, job.description, job.education, job.experience, job.skills)
        key = sha256(repr((texts, sorted(job.weights.items()), job.must_haves)).encode("utf-8", "replace")).digest()
        known = self._jobs.get(key)
        if known is None:
            if len(self._jobs) >= KEPT_JOBS:
                self._jobs.clear()
            known = self._jobs[key] = read_job(job, self.matcher)
        return known

    def read_resume(self, text: str, fields: Fields, this_year: int) -> Applicant:
        """What the resume shows; `fields` were read from this text, and `this_year` ends what lasts until today."""
        return read_resume(text, fields, self.matcher, this_year)

    def explain(self, requirements: Requirements, applicant: Applicant) -> Explanation:
        """The breakdown and the must-haves of one pair."""
        parts = break_down(requirements, applicant)
        return Explanation(parts, check(requirements, applicant), *totals(parts))
