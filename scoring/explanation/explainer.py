"""Explains pairs of resumes and jobs, beside their scores and without them."""

from dataclasses import dataclass

from scoring.explanation.applicant import Applicant, read_resume
from scoring.explanation.breakdown import break_down, totals
from scoring.explanation.must_haves import check
from scoring.explanation.requirements import Requirements, read_job
from scoring.explanation.values import Explanation
from scoring.fields.fields import Fields
from scoring.inputs import Job
from scoring.skills.matcher import SkillMatcher


@dataclass(frozen=True, slots=True)
class Explainer:
    """Reads each job and each resume once; every pair of them is then a comparison of what was read."""

    matcher: SkillMatcher

    def read_job(self, job: Job) -> Requirements:
        """What the job asks for."""
        return read_job(job, self.matcher)

    def read_resume(self, text: str, fields: Fields, this_year: int) -> Applicant:
        """What the resume shows; `fields` were read from this text, and `this_year` ends what lasts until today."""
        return read_resume(text, fields, self.matcher, this_year)

    def explain(self, requirements: Requirements, applicant: Applicant) -> Explanation:
        """The breakdown and the must-haves of one pair."""
        parts = break_down(requirements, applicant)
        return Explanation(parts, check(requirements, applicant), *totals(parts))
