"""Jobs for a resume, ranked by similarity, answered while the caller waits."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api import adzuna, interactive
from api.auth import Caller
from api.language import Language
from api.problems import Problem
from api.settings import settings
from api.texts import TEXTS, ResumeInput, resume_values
from workers.celery_app import Call

router = APIRouter(prefix="/ats", tags=["interactive"])

Source = Literal["jobs", "occupations", "postings", "adzuna"]
NOTICE = "Similar says that two texts are about the same things, not that anybody is qualified. A person decides."
OWN = "Your own jobs."
PACKS = ("occupations", "skills")
"""Their versions are told to the call: the encoder and the vocabulary that jobs are read with."""


class Wanted(BaseModel):
    """A resume, and where to look."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"resume": TEXTS["resume"], "source": "occupations", "limit": 3}},
    )

    resume: ResumeInput
    source: Source = Field(
        "jobs",
        description="`jobs`: your own jobs. `occupations`: those of O*NET, shipped with Winnow. `postings`: what the"
        " operator imported. `adzuna`: live postings of Adzuna's search.",
    )
    page: int = Field(1, ge=1, le=1000)
    limit: int = Field(10, ge=1, le=adzuna.MOST_A_PAGE, description="Recommendations a page.")
    language: Language = None
    country: adzuna.Country | None = Field(None, description="Adzuna only: a country's two letters.")
    where: Annotated[str, Field(max_length=100)] | None = Field(None, description="Adzuna only: a place.")
    query: Annotated[str, Field(min_length=2, max_length=200)] | None = Field(
        None, description="Adzuna only: the words to search for, in place of the last title held or the skills."
    )

    @model_validator(mode="after")
    def _for_adzuna(self) -> "Wanted":
        if self.source != "adzuna" and (self.country or self.where or self.query):
            raise ValueError("`country`, `where` and `query` belong to the source `adzuna`; leave them out.")
        return self


class Recommendation(BaseModel):
    """One job."""

    id: str = Field(description="Its source's own: a job's id, an O*NET-SOC code, SOURCE:ID of a posting, Adzuna's id.")
    title: str
    company: str
    location: str
    url: str = Field(description="Where it can be read; empty when its source tells none.")
    similarity: float = Field(description="Cosine of the two texts' embeddings, 0 to 1.")
    shared_skills: list[str] = Field(description="Skills that the job and the resume name; at most twenty.")


class Recommendations(BaseModel):
    """A page of jobs, the most similar first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "source": "occupations",
                "recommendations": [
                    {
                        "id": "15-1242.00",
                        "title": "Database Administrators",
                        "company": "",
                        "location": "",
                        "url": "https://www.onetonline.org/link/summary/15-1242.00",
                        "similarity": 0.51,
                        "shared_skills": ["PostgreSQL", "Python"],
                    }
                ],
                "page": 1,
                "considered": 1016,
                "total": 1016,
                "query": None,
                "attribution": "This page includes information from the O*NET Database ...",
                "packs": {"occupations": "1", "skills": "1"},
                "cached": False,
                "notice": NOTICE,
            }
        }
    )

    source: Source
    recommendations: list[Recommendation]
    page: int
    considered: int = Field(
        description="Jobs that were ranked. Of Adzuna's they are those of one page of its results; of your own jobs"
        " fewer than `total` while new ones are still being embedded: ask again."
    )
    total: int
    query: str | None = Field(description="What was sent to Adzuna: all of the resume that left this deployment.")
    attribution: str = Field(description="To be shown with the recommendations.")
    packs: dict[str, str]
    cached: bool
    notice: str = NOTICE


@router.post("/recommendations", summary="Which jobs are similar to this resume?")
def recommend(wanted: Wanted, caller: Caller) -> Recommendations:
    """Jobs of one source, ranked by the similarity of their embeddings with the resume's.

    The resume is redacted before a model reads it, and never sent to Adzuna: of it only the last title held, or the
    skills, are. Answers within 20 s, with Adzuna within a minute, else 503. No text is stored.
    """
    resume = resume_values(wanted.resume, wanted.language)
    match wanted.source:
        case "adzuna":
            return _live(wanted, resume, caller)
        case "jobs":
            return _ranked(wanted, resume, caller, OWN, owner=str(caller.tenant_id))
        case _:
            return _ranked(wanted, resume, caller, "Imported postings belong to their publishers.")


def _live(wanted: Wanted, resume: dict[str, Any], caller: Caller) -> Recommendations:
    account = settings().adzuna
    if account is None:
        raise adzuna.not_configured()
    query = _query(wanted, resume, caller, account.country)
    found = adzuna.search(account, query)
    first = wanted.model_copy(update={"page": 1})  # the page was Adzuna's; all of its results are ranked
    ranked = _ranked(first, resume, caller, adzuna.ATTRIBUTION, source="given", listings=found.listings)
    sent = query.what or query.what_or
    return ranked.model_copy(update={"page": wanted.page, "total": found.count, "query": sent})


def _query(wanted: Wanted, resume: dict[str, Any], caller: Caller, country: str) -> adzuna.Query:
    """What Adzuna is asked: the caller's own words, else the last title held, else any of the first skills."""
    what, what_or = wanted.query or "", ""
    if not what:
        told = interactive.ask(caller.tenant_id, Call.PROFILE, resume=resume).body
        what, what_or = told["title"], "" if told["title"] else " ".join(told["skills"])
    if not what and not what_or:
        detail = "No title and no skill was found in the resume to search for. Give the words to search for as `query`."
        raise Problem(422, "nothing_to_search", "Nothing to search for", detail)
    return adzuna.Query(wanted.country or country, wanted.page, wanted.limit, what, what_or, wanted.where or "")


def _ranked(
    wanted: Wanted, resume: dict[str, Any], caller: Caller, attribution: str, source: str = "", **more: Any
) -> Recommendations:
    source = source or wanted.source
    arguments = {"source": source, "resume": resume, "page": wanted.page, "limit": wanted.limit, **more}
    remember = source == "occupations"  # what else there is to recommend changes with every job
    answer = interactive.ask(caller.tenant_id, Call.RECOMMEND, PACKS, remember, **arguments)
    body = answer.body
    return Recommendations(
        source=wanted.source,
        recommendations=[Recommendation.model_validate(one) for one in body["recommendations"]],
        page=wanted.page,
        considered=body["considered"],
        total=body["total"],
        query=None,
        attribution=body["attribution"] or attribution,
        packs={name: answer.packs[name] for name in PACKS},
        cached=answer.cached,
    )
