"""A resume and a job as interactive calls take them: as text, or in the columns of resume_data.csv."""

import json
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from api.columns import RESUME_FORM, canonical, listed
from api.language import Language, check_english
from api.literals import flatten, tidy
from api.problems import Problem
from api.records import Record
from api.rows import resume_rows
from db.rows import RejectedRow, ResumeRow

LONGEST_TEXT = 200_000
"""Characters: some forty pages, which the models read within the time a caller waits."""

Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S")]


def _column(value: object) -> object:
    """Text and lists of texts as one text; whatever else goes on to be refused."""
    try:
        return tidy(", ".join(flatten(value)))
    except (TypeError, RecursionError):
        return value


Column = Annotated[str, BeforeValidator(_column), Field(max_length=50_000)]


class JobColumns(BaseModel):
    """A job in columns: our names, or those of resume_data.csv. At least one must hold something."""

    model_config = ConfigDict(extra="forbid")

    title: Column = Field("", validation_alias=AliasChoices("title", "job_position_name"))
    description: Column = Field("", validation_alias=AliasChoices("description", "responsibilities.1"))
    education: Column = Field(
        "", validation_alias=AliasChoices("education", "educational_requirements", "educationaL_requirements")
    )
    experience: Column = Field("", validation_alias=AliasChoices("experience", "experiencere_requirement"))
    skills: Column = Field("", validation_alias=AliasChoices("skills", "skills_required"))

    @model_validator(mode="after")
    def _holds_something(self) -> "JobColumns":
        if not any(self.model_dump().values()):
            raise ValueError("Fill at least one column of the job.")
        return self


class ResumeColumns(BaseModel):
    """A resume in columns: `text`, or columns of resume_data.csv, of which the match model reads those named here."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Column] = Field(init=False)  # the further columns, of the same length at most

    career_objective: Column = ""
    skills: Column = ""
    positions: Column = ""
    related_skils_in_job: Column = ""
    degree_names: Column = ""
    major_field_of_studies: Column = ""
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""

    @model_validator(mode="after")
    def _known(self) -> "ResumeColumns":
        if unknown := sorted(name for name in self.model_extra or {} if canonical(name) not in RESUME_FORM):
            raise ValueError(f"Unknown: {listed(unknown)}. Known are text, {', '.join(RESUME_FORM)}.")
        return self


def _form(value: object) -> str:
    return "columns" if isinstance(value, dict | BaseModel) else "text"


JobInput = Annotated[Annotated[Text, Tag("text")] | Annotated[JobColumns, Tag("columns")], Discriminator(_form)]
ResumeInput = Annotated[Annotated[Text, Tag("text")] | Annotated[ResumeColumns, Tag("columns")], Discriminator(_form)]

TEXTS: dict[str, Any] = {
    "job_description": "Backend engineer: Python, PostgreSQL, five years of experience.",
    "resume": "Eight years of backend development in Python and PostgreSQL.",
}
COLUMNS: dict[str, Any] = {
    "job_description": {
        "job_position_name": "Backend engineer",
        "educationaL_requirements": "Bachelor of Science in Computer Science",
        "experiencere_requirement": "At least 5 years",
        "skills_required": ["Python", "PostgreSQL", "Docker"],
    },
    "resume": {
        "career_objective": "Backend developer who likes well-kept databases.",
        "skills": ["Python", "PostgreSQL", "Linux"],
        "major_field_of_studies": ["Computer Science"],
        "professional_company_names": ["Example Payments Ltd"],
    },
}


class Pair(BaseModel):
    """A job and a resume, each as text or in columns."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": TEXTS, "examples": [TEXTS, COLUMNS]})

    job_description: JobInput
    resume: ResumeInput
    language: Language = None

    def arguments(self) -> dict[str, Any]:
        """The job and the resume as the worker takes them. Raises Problem."""
        return {
            "job": job_values(self.job_description, self.language),
            "resume": resume_values(self.resume, self.language),
        }


def job_values(job: str | JobColumns, language: str | None) -> dict[str, str]:
    """The parts of a job, by name. Raises Problem 422 for a language that the models do not read."""
    parts = {"description": job, "title": ""} if isinstance(job, str) else job.model_dump()
    check_english("job_description", "\n".join(parts.values()), language)
    return parts


def resume_values(resume: str | ResumeColumns, language: str | None) -> dict[str, Any]:
    """A resume's `text` and its match `fields`, made of columns as uploads do it. Raises Problem 422."""
    values = {"text": resume} if isinstance(resume, str) else resume.model_dump()
    row = next(iter(resume_rows([Record(1, "", values)])))
    if isinstance(row, RejectedRow):
        raise Problem(422, row.code, "Resume cannot be used", row.reason)
    assert isinstance(row, ResumeRow)
    if len(row.text) > LONGEST_TEXT:
        detail = f"The columns make {len(row.text):,} characters together; {LONGEST_TEXT:,} are the most. Send less."
        raise Problem(422, "too_long", "Resume too long", detail, limit=LONGEST_TEXT)
    check_english("resume", row.text, language)
    return {"text": row.text, "fields": json.loads(row.fields)}
