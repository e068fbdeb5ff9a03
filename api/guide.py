"""How `/ats/evaluate` is asked, and what its answer means."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Caller
from api.columns import MATCH_FIELDS
from api.notice import NOTICE
from api.texts import COLUMNS, LONGEST_TEXT, TEXTS

router = APIRouter(prefix="/ats", tags=["interactive"])


class Sample(BaseModel):
    """Two inputs of `POST /ats/evaluate` and `POST /ats/analyze`; each can be sent as it stands."""

    model_config = ConfigDict(json_schema_extra={"example": {"text": TEXTS, "columns": COLUMNS}})

    text: dict[str, Any] = Field(description="The job and the resume as text.")
    columns: dict[str, Any] = Field(description="The same in the columns of the public resume_data.csv.")


class FieldGuide(BaseModel):
    """One field of the input."""

    name: str
    required: bool
    meaning: str
    text_form: str
    column_form: str


class Guide(BaseModel):
    """What to send, what comes back and what it does not say."""

    fields: list[FieldGuide]
    answer: dict[str, str] = Field(description="Each member of the answer and what it means.")
    limits: list[str] = Field(description="What the answer does not say, and what cannot be asked.")
    notice: str = NOTICE


GUIDE = Guide(
    fields=[
        FieldGuide(
            name="job_description",
            required=True,
            meaning="The job that the resume is held against.",
            text_form=f"The posting, 1 to {LONGEST_TEXT:,} characters.",
            column_form="An object with at least one of job_position_name (or title), educationaL_requirements (or"
            " education), experiencere_requirement (or experience), skills_required (or skills), responsibilities.1 (or"
            " description). The match model reads all of them.",
        ),
        FieldGuide(
            name="resume",
            required=True,
            meaning="The applicant. Names, contacts and what else tells who somebody is are hidden from every model.",
            text_form=f"The resume, 1 to {LONGEST_TEXT:,} characters; all of it is read, in overlapping windows.",
            column_form="An object with text or columns of resume_data.csv. Of these the match model reads"
            f" {', '.join(MATCH_FIELDS)} where there are any, else the whole text.",
        ),
        FieldGuide(
            name="language",
            required=False,
            meaning="The language of both, as a BCP 47 tag. Only English can be read; others are refused with 422, and"
            " so is a text that plainly is in another language.",
            text_form="en, en-GB, ...",
            column_form="en, en-GB, ...",
        ),
    ],
    answer={
        "prediction": "`Match` when the probability reaches the threshold, else `No Match`.",
        "probability": "Of a match, 0 to 1: how often pairs with such a score match in the data that the model was"
        " calibrated on.",
        "threshold": "Where the match pack puts the line.",
        "windows": "Overlapping windows in which the resume was read.",
        "packs": "The versions of the models.",
        "format": "The numeric format of the models.",
        "cached": "Whether the same packs answered the same question of yours before.",
        "notice": "What to bear in mind.",
    },
    limits=[
        "The model imitates the labels of a public data set of 23 jobs; on jobs unlike these it is weak. docs/MODELS.md"
        " has the figures.",
        "The probability is no forecast of a hiring outcome and no ground for a decision by itself.",
        "English only. One pair a call: for many applicants use a screening, which ranks them.",
        "Redaction misses some of what it should hide; docs/MODELS.md tells how much.",
    ],
)
EXAMPLE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"example": GUIDE.model_dump()}}}}


@router.get("/sample", summary="An input to try")
def sample(caller: Caller) -> Sample:
    """An input of `POST /ats/evaluate` in both forms."""
    return Sample(text=TEXTS, columns=COLUMNS)


@router.get("/explain", summary="What the fields mean", responses=EXAMPLE)
def explain(caller: Caller) -> Guide:
    """Every field of the input, every member of the answer, and the answer's limits."""
    return GUIDE
