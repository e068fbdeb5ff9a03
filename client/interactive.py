"""Answers while you wait: one resume against one job, jobs for a resume, and how to ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from client.answers import Analysis, Evaluation, Guide, Recommendations, Sample
from client.transport import Transport

Form = str | Mapping[str, Any]
"""A resume or a job: its text, or its columns, of which `guide` tells the names."""


class Interactive:
    """`client.ats`: calls under /ats. Every call raises WinnowError; nothing that is sent is stored.

    `language` is a BCP 47 tag; only English can be read, and other tags are refused.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def sample(self) -> Sample:
        """An input of `evaluate` and `analyze` in both forms."""
        return self._transport.get(Sample, "/ats/sample")

    def guide(self) -> Guide:
        """What the input's fields and the answer's members mean, and what the answer does not say."""
        return self._transport.get(Guide, "/ats/explain")

    def evaluate(self, job_description: Form, resume: Form, *, language: str | None = None) -> Evaluation:
        """Does this resume match this job?"""
        return self._transport.post(Evaluation, "/ats/evaluate", _pair(job_description, resume, language))

    def analyze(self, job_description: Form, resume: Form, *, language: str | None = None) -> Analysis:
        """The same with what the two share, the skills found and missing, and the breakdown."""
        return self._transport.post(Analysis, "/ats/analyze", _pair(job_description, resume, language))

    def recommend(
        self,
        resume: Form,
        source: str = "jobs",
        *,
        page: int = 1,
        limit: int = 10,
        language: str | None = None,
        country: str | None = None,
        where: str | None = None,
        query: str | None = None,
    ) -> Recommendations:
        """Jobs like the resume, the most similar first: your own `jobs`, `occupations`, `postings` or `adzuna`.

        `country` (two letters), `where` and `query` are for Adzuna alone; `query` replaces the words that are taken
        from the resume, its last title or its skills.
        """
        content = {"resume": resume, "source": source, "page": page, "limit": limit}
        further = {"language": language, "country": country, "where": where, "query": query}
        return self._transport.post(Recommendations, "/ats/recommendations", {**content, **further})


def _pair(job_description: Form, resume: Form, language: str | None) -> dict[str, Any]:
    return {"job_description": job_description, "resume": resume, "language": language}
