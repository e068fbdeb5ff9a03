"""The columns that rows may have: ours, and those of the public resume_data.csv with their odd spellings.

A row of resume_data.csv joins a resume and a job: both are kept, each once.
"""

from collections.abc import Sequence

from api.problems import Problem
from api.wishes import WISHES

RESUME_FORM = {
    "address": "Address",
    "career_objective": "Career objective",
    "skills": "Skills",
    "educational_institution_name": "Educational institutions",
    "degree_names": "Degrees",
    "passing_years": "Passing years",
    "educational_results": "Educational results",
    "result_types": "Result types",
    "major_field_of_studies": "Major fields of study",
    "professional_company_names": "Companies",
    "company_urls": "Company websites",
    "start_dates": "Start dates",
    "end_dates": "End dates",
    "related_skils_in_job": "Skills used in jobs",
    "positions": "Positions",
    "locations": "Locations",
    "extra_curricular_activity_types": "Extra-curricular activities",
    "extra_curricular_organization_names": "Organizations",
    "extra_curricular_organization_links": "Organization websites",
    "role_positions": "Roles",
    "languages": "Languages",
    "proficiency_levels": "Proficiency levels",
    "certification_providers": "Certification providers",
    "certification_skills": "Certified skills",
    "online_links": "Links",
    "issue_dates": "Issue dates",
    "expiry_dates": "Expiry dates",
}
"""Columns of a resume that comes in columns, and their headings in its text."""

MATCH_FIELDS = (
    "career_objective", "skills", "positions", "related_skils_in_job", "degree_names", "major_field_of_studies",
)  # fmt: skip
"""Columns that are kept beside the text, because the match model reads them."""

JOB_FORM = {
    "job_position_name": "title",
    "educational_requirements": "education",
    "experiencere_requirement": "experience",
    "skills_required": "skills",
    "responsibilities.1": "description",
}
"""Columns of resume_data.csv that describe the job, and what they are called here."""

PASSED_OVER = frozenset({"responsibilities", "age_requirement", "matched_score"})
"""`responsibilities` repeats the job's text among the resume's columns; an age and a label are nothing to go by."""

RESUME_NAMES = ("external_id", "name", "text")
JOB_NAMES = ("external_id", "title", "description", "education", "experience", "skills", *WISHES)
RESUME_COLUMNS = frozenset({*RESUME_NAMES, *RESUME_FORM, *JOB_FORM, *PASSED_OVER})
JOB_COLUMNS = frozenset({*JOB_NAMES, *JOB_FORM, *PASSED_OVER})


def canonical(name: str) -> str:
    """A column's name without spaces, byte order mark and capitals (`educationaL_requirements` has one inside)."""
    return name.strip("\ufeff \t\r\n").lower()


def check_header(header: Sequence[str], known: frozenset[str]) -> list[str]:
    """The header's columns under their canonical names. Raises Problem 422 for one that is unknown or stands twice.

    A second `responsibilities` is `responsibilities.1`, as pandas names it.
    """
    columns: list[str] = []
    for name in map(canonical, header):
        columns.append("responsibilities.1" if name == "responsibilities" and name in columns else name)
    if unknown := sorted(set(columns) - known):
        raise unknown_columns(unknown, known)
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        detail = f"The header names {listed(twice)} twice. Keep one of each."
        raise Problem(422, "duplicate_column", "Duplicate column", detail, columns=twice)
    return columns


def unknown_columns(unknown: Sequence[str], known: frozenset[str]) -> Problem:
    """422 for a whole file, naming the columns that are known."""
    return Problem(422, "unknown_column", "Unknown column", unknown_reason(unknown, known), columns=list(unknown))


def unknown_reason(unknown: Sequence[str], known: frozenset[str]) -> str:
    """What is wrong with the columns and which there are."""
    ours = JOB_NAMES if known is JOB_COLUMNS else RESUME_NAMES
    return (
        f"Unknown: {listed(unknown)}. Rename or remove. "
        f"Known are {', '.join(ours)}, and the columns of the public resume_data.csv."
    )


def listed(names: Sequence[str]) -> str:
    """Names as they can be shown and stored, whatever they hold."""
    shown = ", ".join(repr(name[:60]) for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown
