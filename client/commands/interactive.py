"""Answers while you wait: `winnow evaluate`, `analyze`, `recommend` and `moderate`; `sample` and `guide` tell how."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from client.answers import FieldGuide, Moderated, Recommendation, Verdict
from client.commands.explanation import few, show_explained
from client.commands.talk import Columns, Talk, command
from client.errors import WinnowError

ResumeFile = Annotated[Path, typer.Argument(metavar="RESUME", help="A text file.")]
JobFile = Annotated[Path, typer.Option("--job", help="A text file with the posting.")]
Language = Annotated[str | None, typer.Option(help="The texts' language, such as en; only English can be read.")]

_FIELDS: Columns[FieldGuide] = {
    "field": lambda field: field.name,
    "meaning": lambda field: field.meaning,
    "as text": lambda field: field.text_form,
    "in columns": lambda field: field.column_form,
}
_JOBS: Columns[Recommendation] = {
    "similarity": lambda job: job.similarity,
    "title": lambda job: job.title,
    "company": lambda job: job.company,
    "location": lambda job: job.location,
    "shared skills": lambda job: few(job.shared_skills),
    "where": lambda job: job.url,
}
_VERDICTS: Columns[tuple[str, str, Verdict]] = {
    "text": lambda row: row[0],
    "kind": lambda row: row[1],
    "flagged": lambda row: row[2].flagged,
    "score": lambda row: row[2].score,
    "threshold": lambda row: row[2].threshold,
    "passage": lambda row: " ".join(row[2].passage.split()),
    "terms": lambda row: few([term.text for term in row[2].terms]),
}


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for act in (evaluate, analyze, recommend, moderate, sample, guide):
        command(app, act.__name__)(act)


def evaluate(talk: Talk, resume: ResumeFile, job: JobFile, language: Language = None) -> None:
    """Score one resume against one job and wait for the answer."""
    answer = talk.client.ats.evaluate(_read(job), _read(resume), language=language)
    shown = {"prediction": answer.prediction, "probability": answer.probability, "threshold": answer.threshold}
    talk.one(answer, **shown, notice=answer.notice)


def analyze(talk: Talk, resume: ResumeFile, job: JobFile, language: Language = None) -> None:
    """Tell what one resume shares with one job, and what it lacks."""
    answer = talk.client.ats.analyze(_read(job), _read(resume), language=language)
    shown = {"prediction": answer.prediction, "probability": answer.probability, "compatibility": answer.compatibility}
    beyond = {"common_terms": answer.common_terms, "skills_beyond": answer.skills_beyond}
    talk.one(answer, **shown, **beyond, notice=answer.notice)
    if not talk.as_json:
        talk.out.print()
        show_explained(talk.out, answer)


def recommend(
    talk: Talk,
    resume: ResumeFile,
    source: Annotated[str, typer.Option(help="Out of: jobs (your own), occupations, postings, adzuna.")] = "jobs",
    page: Annotated[int, typer.Option(min=1)] = 1,
    limit: Annotated[int, typer.Option(min=1, help="How many a page.")] = 10,
    country: Annotated[str | None, typer.Option(help="Adzuna only: two letters, such as gb.")] = None,
    where: Annotated[str | None, typer.Option(help="Adzuna only: a place.")] = None,
    query: Annotated[str | None, typer.Option(help="Adzuna only: search for these words, not the resume's.")] = None,
    language: Language = None,
) -> None:
    """Rank jobs by their similarity to one resume."""
    adzuna = {"country": country, "where": where, "query": query}
    answer = talk.client.ats.recommend(_read(resume), source, page=page, limit=limit, language=language, **adzuna)
    if talk.as_json:
        talk.json(answer)
        return
    talk.many(answer.recommendations, _JOBS)
    talk.aside.print(f"{answer.attribution}\n{answer.notice}", style="yellow", markup=False)


def moderate(
    talk: Talk,
    texts: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Text files, at most 100.")],
    language: Language = None,
) -> None:
    """Look for spam and abuse in texts."""
    answer = talk.client.moderate([_read(path) for path in texts], language=language)
    if talk.as_json:
        talk.json(answer)
        return
    talk.many(_verdicts(texts, answer.results), _VERDICTS)
    talk.aside.print(answer.notice, style="yellow", markup=False)


def sample(talk: Talk) -> None:
    """Show an input of an evaluation in both its forms, as JSON that can be sent."""
    talk.json(talk.client.ats.sample())


def guide(talk: Talk) -> None:
    """Explain an evaluation: what to send, what comes back, and what it does not say."""
    answer = talk.client.ats.guide()
    if talk.as_json:
        talk.json(answer)
        return
    talk.many(answer.fields, _FIELDS)
    talk.one(answer, **answer.answer)
    for limit in answer.limits:
        talk.out.print(f"- {limit}", markup=False)


def _verdicts(texts: Sequence[Path], results: Sequence[Moderated]) -> list[tuple[str, str, Verdict]]:
    named = zip(texts, results, strict=True)
    return [
        (path.name, kind, verdict)
        for path, found in named
        for kind, verdict in (("spam", found.spam), ("toxicity", found.toxicity))
    ]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise WinnowError("cannot_read", f"{path} cannot be read as text", str(error)) from error
